#include "tests/integration/rejections/stolen_authority.h"

#include <utility>

#include "common/base/encoding.h"
#include "common/base/status.h"
#include "common/config/secret_file.h"
#include "common/crypto/pem.h"
#include "common/crypto/random.h"
#include "common/crypto/wipe.h"

namespace omninode::rejections {
namespace {

using crypto::CertificateSpec;

// Who signs: an authority of any depth.
struct Signer {
  const crypto::PrivateKey& key;
  std::string name_der;
  std::string key_id;
};

CertificateSpec LeafSpec(const Signer& signer, std::string_view id, const crypto::PublicKey& key,
                         absl::Duration age) {
  const absl::Time now = absl::Now();
  CertificateSpec spec{.serial = crypto::RandomBytes(16), .key = key};
  spec.issuer_der = signer.name_der;
  spec.subject_der = crypto::EncodeName({.organization = "OmniNode"});
  spec.not_before = now - age;
  spec.not_after = now + absl::Hours(1);
  spec.uris = {std::string(id)};
  spec.is_ca = false;
  spec.key_usage = crypto::kUsageDigitalSignature;
  spec.server_auth = true;
  spec.client_auth = true;
  spec.subject_key_id = crypto::KeyIdentifierOf(key);
  spec.authority_key_id = signer.key_id;
  return spec;
}

Actor Sign(const Signer& signer, CertificateSpec spec, const StolenAuthority::Options& options,
           std::string_view id, crypto::PrivateKey key) {
  if (options.change) options.change(spec);
  return {std::string(id), {crypto::SignCertificate(spec, signer.key)}, std::move(key)};
}

// Of an authority that was made by IssueIntermediate; its subject is named after its key.
std::string NameOf(const crypto::PublicKey& key) {
  return crypto::EncodeName({.organization = "OmniNode",
                             .common_name = "intermediate",
                             .serial_number = HexEncode(crypto::KeyIdentifierOf(key))});
}

Signer SignerOf(const Actor& authority) {
  return {authority.key, NameOf(authority.key.public_key()),
          crypto::KeyIdentifierOf(authority.key.public_key())};
}

}  // namespace

absl::StatusOr<StolenAuthority> StolenAuthority::Take(const std::string& data_dir,
                                                      std::string_view trust_domain) {
  OMNI_ASSIGN_OR_RETURN(std::string key_pem, config::ReadSecretFile(data_dir + "/ca-key.pem"));
  const crypto::SecretString secret(std::move(key_pem));
  OMNI_ASSIGN_OR_RETURN(crypto::PrivateKey key, crypto::PrivateKey::FromPkcs8Pem(secret.value()));
  OMNI_ASSIGN_OR_RETURN(const std::string pem, config::ReadSecretFile(data_dir + "/ca-cert.pem"));
  OMNI_ASSIGN_OR_RETURN(const auto ders, crypto::CertificatesFromPem(pem));
  OMNI_ASSIGN_OR_RETURN(auto certificate, crypto::Certificate::FromDer(ders.front()));
  return StolenAuthority(std::string(trust_domain), std::move(certificate), std::move(key));
}

std::string StolenAuthority::Id(std::string_view path) const {
  return path.starts_with('/') ? fmt::format("spiffe://{}{}", trust_domain_, path)
                               : std::string(path);
}

Actor StolenAuthority::Self() const {
  return {"spiffe://" + trust_domain_, {certificate_.der()}, key_};
}

Actor StolenAuthority::Issue(std::string_view id, const Options& options) const {
  return IssueFor(crypto::PrivateKey::Generate(options.algorithm), id, options);
}

Actor StolenAuthority::IssueFor(const crypto::PrivateKey& key, std::string_view id,
                                const Options& options) const {
  const Signer root{key_, certificate_.subject_der(),
                    HexDecode(certificate_.subject_key_id()).value_or("")};
  const std::string whole = Id(id);
  return Sign(root, LeafSpec(root, whole, key.public_key(), options.age), options, whole, key);
}

Actor StolenAuthority::IssueBelow(const Actor& issuer, std::string_view id,
                                  const Options& options) const {
  const crypto::PrivateKey key = crypto::PrivateKey::Generate(options.algorithm);
  const Signer signer = SignerOf(issuer);
  const std::string whole = Id(id);
  Actor actor =
      Sign(signer, LeafSpec(signer, whole, key.public_key(), options.age), options, whole, key);
  actor.chain_der.insert(actor.chain_der.end(), issuer.chain_der.begin(), issuer.chain_der.end());
  return actor;
}

Actor StolenAuthority::IssueIntermediate(const Actor* above, const Options& options) const {
  Options as_authority = options;
  as_authority.change = [&](CertificateSpec& spec) {
    spec.subject_der = NameOf(spec.key);
    spec.is_ca = true;
    spec.key_usage = crypto::kUsageKeyCertSign | crypto::kUsageCrlSign;
    spec.server_auth = false;
    spec.client_auth = false;
    if (options.change) options.change(spec);
  };
  const std::string id = "spiffe://" + trust_domain_;
  return above == nullptr ? Issue(id, as_authority) : IssueBelow(*above, id, as_authority);
}

}  // namespace omninode::rejections
