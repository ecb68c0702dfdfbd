#include "services/bootstrap/authority/authority.h"

#include <vector>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/identity/svid_profile.h"

namespace omninode::bootstrap {
namespace {

constexpr absl::Duration kBackdating = absl::Seconds(60);

// Stricter than for the authorities of others: ours always carries its trust domain.
absl::Status CheckTrustDomain(const identity::TrustDomain& trust_domain,
                              const crypto::Certificate& certificate) {
  const std::vector<std::string>& uris = certificate.uri_sans();
  if (uris.size() == 1 && uris.front() == trust_domain.ToId()) return absl::OkStatus();
  return Reject(Reason::kCertProfile, "the authority's certificate is not of trust domain {}",
                trust_domain.name());
}

}  // namespace

absl::StatusOr<Authority> Authority::Create(const identity::TrustDomain& trust_domain,
                                            AuthorityKeyPair pair) {
  OMNI_RETURN_IF_ERROR(identity::CheckSigningProfile(pair.certificate));
  OMNI_RETURN_IF_ERROR(CheckTrustDomain(trust_domain, pair.certificate));
  OMNI_ASSIGN_OR_RETURN(identity::TrustBundle bundle,
                        identity::TrustBundle::Create(trust_domain, {pair.certificate}));
  OMNI_ASSIGN_OR_RETURN(
      crypto::CertificateIssuer issuer,
      crypto::CertificateIssuer::Create(std::move(pair.certificate), std::move(pair.key)));
  return Authority(std::move(issuer), std::move(bundle));
}

absl::StatusOr<AuthorityKeyPair> CreateAuthority(const identity::TrustDomain& trust_domain,
                                                 absl::Duration ca_ttl, absl::Time now) {
  if (ca_ttl < kMinCaTtl || ca_ttl > kMaxCaTtl) {
    return Reject(Reason::kArgumentInvalid, "ca_ttl is {}, allowed are {} to {}",
                  FormatDuration(ca_ttl), FormatDuration(kMinCaTtl), FormatDuration(kMaxCaTtl));
  }
  crypto::PrivateKey key = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
  const crypto::CaTemplate ca{.uri = trust_domain.ToId(),
                              .common_name = "OmniNode authority",
                              .not_before = now - kBackdating,
                              .not_after = now + ca_ttl};
  OMNI_ASSIGN_OR_RETURN(crypto::Certificate certificate, crypto::CreateSelfSignedCa(ca, key));
  return AuthorityKeyPair{std::move(certificate), std::move(key)};
}

AuthorityLife LifeOf(absl::Time not_before, absl::Time not_after, absl::Time now) {
  if (now >= not_after) return AuthorityLife::kExpired;
  if (now < not_before) return AuthorityLife::kNotYet;
  return not_after - now <= (not_after - not_before) / 6 ? AuthorityLife::kEnding
                                                         : AuthorityLife::kGood;
}

}  // namespace omninode::bootstrap
