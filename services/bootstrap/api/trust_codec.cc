#include "services/bootstrap/api/trust_codec.h"

#include <string>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/envelope/type_codec.h"

namespace omninode::bootstrap {
namespace {

// Of text that was made by HexEncode.
std::string Bytes(std::string_view hex) {
  const auto bytes = HexDecode(hex);
  OMNI_CHECK(bytes.has_value());
  return *bytes;
}

v1::TrustBundle Encode(const identity::TrustBundle& bundle) {
  v1::TrustBundle message;
  message.set_trust_domain(bundle.trust_domain().name());
  for (const crypto::Certificate& root : bundle.roots()) message.add_x509_authorities(root.der());
  return message;
}

v1::NetworkInfo Encode(const NetworkMap& network) {
  v1::NetworkInfo message;
  message.set_network_id(network.network_id.value());
  message.set_trust_domain(network.trust_domain.name());
  for (const auto& address : network.bootstrap_addresses) message.add_bootstrap_addresses(address);
  for (const auto& address : network.registry_addresses) message.add_registry_addresses(address);
  return message;
}

}  // namespace

v1::TrustState Encode(const TrustView& view, const NetworkMap& network) {
  v1::TrustState message;
  message.set_sequence(view.state->sequence);
  for (const auto& [domain, bundle] : view.state->bundles.bundles()) {
    *message.add_bundles() = Encode(bundle);
  }
  for (const auto& [key, revocation] : view.records.revocations) {
    *message.add_revoked_certificates() = Encode(revocation);
  }
  for (const auto& [id, ban] : view.records.bans) *message.add_banned_identities() = Encode(ban);
  *message.mutable_network() = Encode(network);
  return message;
}

v1::RevokedCertificate Encode(const CertificateRevocation& revocation) {
  v1::RevokedCertificate message;
  message.set_authority_key_id(Bytes(revocation.certificate.authority_key_id));
  message.set_serial(Bytes(revocation.certificate.serial));
  message.set_spiffe_id(revocation.id.ToString());
  *message.mutable_revoked_at() = envelope::Encode(revocation.revoked_at);
  *message.mutable_expires_at() = envelope::Encode(revocation.expires_at);
  return message;
}

v1::BannedIdentity Encode(const IdentityBan& ban) {
  v1::BannedIdentity message;
  message.set_spiffe_id(ban.id.ToString());
  *message.mutable_banned_at() = envelope::Encode(ban.banned_at);
  message.set_lifted(ban.lifted_at.has_value());
  return message;
}

}  // namespace omninode::bootstrap
