#include "common/enrollment/trust_codec.h"

#include <utility>
#include <vector>

#include "common/base/encoding.h"
#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/type_codec.h"

namespace omninode::enrollment {
namespace {

absl::StatusOr<identity::TrustBundle> Decode(const bootstrap::v1::TrustBundle& message) {
  OMNI_ASSIGN_OR_RETURN(auto domain, identity::TrustDomain::Parse(message.trust_domain()));
  std::vector<crypto::Certificate> roots;
  for (const std::string& der : message.x509_authorities()) {
    OMNI_ASSIGN_OR_RETURN(crypto::Certificate root, crypto::Certificate::FromDer(der));
    roots.push_back(std::move(root));
  }
  return identity::TrustBundle::Create(std::move(domain), std::move(roots));
}

absl::StatusOr<identity::Revocations> DecodeRevocations(const bootstrap::v1::TrustState& message) {
  std::vector<identity::RevokedCertificate> certificates;
  for (const auto& revoked : message.revoked_certificates()) {
    certificates.push_back({HexEncode(revoked.authority_key_id()), HexEncode(revoked.serial())});
  }
  std::vector<identity::Ban> bans;
  for (const auto& ban : message.banned_identities()) {
    OMNI_ASSIGN_OR_RETURN(auto id, identity::SpiffeId::Parse(ban.spiffe_id()));
    OMNI_ASSIGN_OR_RETURN(const absl::Time banned_at, envelope::Decode(ban.banned_at()));
    bans.push_back({std::move(id), banned_at, ban.lifted()});
  }
  return identity::Revocations::Create(certificates, bans);
}

absl::StatusOr<NetworkInfo> Decode(const bootstrap::v1::NetworkInfo& message) {
  OMNI_ASSIGN_OR_RETURN(NetworkId id, NetworkId::Parse(message.network_id()));
  return NetworkInfo{std::move(id),
                     {message.bootstrap_addresses().begin(), message.bootstrap_addresses().end()},
                     {message.registry_addresses().begin(), message.registry_addresses().end()}};
}

}  // namespace

absl::StatusOr<NetworkTrust> Decode(const bootstrap::v1::TrustState& message,
                                    std::optional<absl::Time> received_at) {
  auto own = identity::TrustDomain::Parse(message.network().trust_domain());
  if (!own.ok()) return AtField(own.status(), "trust.network.trust_domain");
  std::vector<identity::TrustBundle> bundles;
  for (const auto& bundle : message.bundles()) {
    auto decoded = Decode(bundle);
    if (!decoded.ok()) return AtField(decoded.status(), "trust.bundles");
    bundles.push_back(*std::move(decoded));
  }
  OMNI_ASSIGN_OR_RETURN(auto set, identity::BundleSet::Create(std::move(bundles)));
  if (set.Find(*own) == nullptr) {
    return Reject(Reason::kMsgMalformed, "trust.bundles: none for the network's own trust domain");
  }
  auto revocations = DecodeRevocations(message);
  if (!revocations.ok()) return AtField(revocations.status(), "trust.revocations");
  auto network = Decode(message.network());
  if (!network.ok()) return AtField(network.status(), "trust.network");
  auto trust = std::make_shared<const identity::TrustState>(
      identity::TrustState{.own = *std::move(own),
                           .sequence = message.sequence(),
                           .bundles = std::move(set),
                           .revocations = *std::move(revocations),
                           .received_at = received_at});
  return NetworkTrust{std::move(trust), *std::move(network)};
}

absl::StatusOr<identity::X509Svid> Decode(const bootstrap::v1::X509Svid& message,
                                          const crypto::PrivateKey& key) {
  std::vector<crypto::Certificate> chain;
  for (const std::string& der : message.certificates()) {
    OMNI_ASSIGN_OR_RETURN(crypto::Certificate certificate, crypto::Certificate::FromDer(der));
    chain.push_back(std::move(certificate));
  }
  return identity::X509Svid::Create(std::move(chain), key);
}

std::string SerializeTrust(const bootstrap::v1::TrustState& message) {
  return message.SerializeAsString();
}

absl::StatusOr<NetworkTrust> ParseTrust(std::string_view bytes) {
  bootstrap::v1::TrustState message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Reject(Reason::kMsgMalformed, "trust: not a TrustState");
  }
  return Decode(message, std::nullopt);
}

}  // namespace omninode::enrollment
