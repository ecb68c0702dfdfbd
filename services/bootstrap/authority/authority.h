#ifndef OMNINODE_SERVICES_BOOTSTRAP_AUTHORITY_AUTHORITY_H_
#define OMNINODE_SERVICES_BOOTSTRAP_AUTHORITY_AUTHORITY_H_

#include <cstdint>
#include <string>
#include <utility>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/certificate.h"
#include "common/crypto/certificate_issuer.h"
#include "common/crypto/key.h"
#include "common/identity/spiffe_id.h"
#include "common/identity/trust_bundle.h"

namespace omninode::bootstrap {

inline constexpr absl::Duration kMinCaTtl = absl::Minutes(1);
inline constexpr absl::Duration kMaxCaTtl = absl::Hours(24 * 365 * 10);
inline constexpr absl::Duration kDefaultCaTtl = absl::Hours(24 * 365);

// What a key store keeps.
struct AuthorityKeyPair {
  crypto::Certificate certificate;
  crypto::PrivateKey key;
};

// A certificate authority that can sign. Immutable, cheap to copy, thread-safe.
class Authority final {
 public:
  // Fails with CERT_PROFILE when the certificate is no signing certificate of exactly this trust
  // domain, and FailedPrecondition or InvalidArgument when the key is not its key.
  static absl::StatusOr<Authority> Create(const identity::TrustDomain& trust_domain,
                                          AuthorityKeyPair pair);

  const identity::TrustDomain& trust_domain() const { return bundle_.trust_domain(); }
  const crypto::Certificate& certificate() const { return issuer_.ca(); }
  const crypto::CertificateIssuer& issuer() const { return issuer_; }
  // Names the authority in revocations: the subject key id, lower-case hex.
  const std::string& key_id() const { return certificate().subject_key_id(); }
  // What those who trust this authority alone believe.
  const identity::TrustBundle& bundle() const { return bundle_; }

 private:
  Authority(crypto::CertificateIssuer issuer, identity::TrustBundle bundle)
      : issuer_(std::move(issuer)), bundle_(std::move(bundle)) {}

  crypto::CertificateIssuer issuer_;
  identity::TrustBundle bundle_;
};

// A new self-signed authority with a new P-256 key, valid from 60 s before `now`, because others'
// clocks may be behind. Fails with ARGUMENT_INVALID when ca_ttl is not in [kMinCaTtl, kMaxCaTtl].
absl::StatusOr<AuthorityKeyPair> CreateAuthority(const identity::TrustDomain& trust_domain,
                                                 absl::Duration ca_ttl, absl::Time now);

// How much life a certificate has left, as readiness reports it.
enum class AuthorityLife : std::uint8_t {
  kNotYet,  // its life has not begun: this machine's clock is wrong
  kGood,
  kEnding,   // at most one sixth is left: leaves begin to be shortened soon
  kExpired,  // nothing can be issued or verified
};
AuthorityLife LifeOf(absl::Time not_before, absl::Time not_after, absl::Time now);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_AUTHORITY_AUTHORITY_H_
