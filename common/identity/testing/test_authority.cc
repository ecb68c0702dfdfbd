#include "common/identity/testing/test_authority.h"

#include <memory>
#include <utility>

#include "common/base/encoding.h"
#include "common/crypto/random.h"

namespace omninode::identity {
namespace {

crypto::CertificateIssuer MakeIssuer(std::string_view trust_domain, absl::Time now,
                                     const crypto::PrivateKey& key) {
  const crypto::CaTemplate ca{.uri = "spiffe://" + std::string(trust_domain),
                              .common_name = "test authority",
                              .not_before = now - absl::Hours(1),
                              .not_after = now + absl::Hours(24)};
  return crypto::CertificateIssuer::Create(crypto::CreateSelfSignedCa(ca, key).value(), key)
      .value();
}

}  // namespace

TestAuthority::TestAuthority(std::string_view trust_domain, absl::Time now)
    : now_(now),
      ca_key_(crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256)),
      issuer_(MakeIssuer(trust_domain, now, ca_key_)),
      bundle_(
          TrustBundle::Create(TrustDomain::Parse(trust_domain).value(), {issuer_.ca()}).value()) {}

SpiffeId TestAuthority::Id(std::string_view path) const {
  return SpiffeId::FromParts(trust_domain(), path).value();
}

X509Svid TestAuthority::Issue(std::string_view id, const IssueOptions& options) const {
  crypto::PrivateKey key = crypto::PrivateKey::Generate(options.algorithm);
  crypto::Certificate leaf = IssueLeaf(id, key.public_key(), options);
  return X509Svid::Create({std::move(leaf)}, std::move(key)).value();
}

crypto::Certificate TestAuthority::IssueLeaf(std::string_view id, const crypto::PublicKey& key,
                                             const IssueOptions& options) const {
  crypto::CertificateSpec spec{.serial = crypto::RandomBytes(crypto::kSerialBytes), .key = key};
  spec.issuer_der = ca().subject_der();
  spec.subject_der = crypto::EncodeName({.organization = "OmniNode"});
  spec.not_before = now_ - options.backdate;
  spec.not_after = now_ + options.ttl;
  spec.uris = {id.starts_with('/') ? trust_domain().ToId().append(id) : std::string(id)};
  spec.dns = options.dns;
  spec.is_ca = false;
  spec.key_usage = crypto::kUsageDigitalSignature;
  spec.server_auth = true;
  spec.client_auth = true;
  spec.subject_key_id = crypto::KeyIdentifierOf(key);
  spec.authority_key_id = HexDecode(ca().subject_key_id()).value();
  if (options.change) options.change(spec);
  return crypto::Certificate::FromDer(crypto::SignCertificate(spec, ca_key_)).value();
}

TrustStatePtr TestAuthority::Trust(std::uint64_t sequence, Revocations revocations,
                                   const std::vector<TrustBundle>& foreign) const {
  std::vector<TrustBundle> bundles = foreign;
  bundles.push_back(bundle_);
  return std::make_shared<const TrustState>(
      TrustState{.own = trust_domain(),
                 .sequence = sequence,
                 .bundles = BundleSet::Create(bundles).value(),
                 .revocations = std::move(revocations),
                 .received_at = now_});
}

}  // namespace omninode::identity
