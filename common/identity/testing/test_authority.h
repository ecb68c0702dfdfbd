#ifndef OMNINODE_COMMON_IDENTITY_TESTING_TEST_AUTHORITY_H_
#define OMNINODE_COMMON_IDENTITY_TESTING_TEST_AUTHORITY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/time/time.h>

#include "common/crypto/certificate.h"
#include "common/crypto/certificate_issuer.h"
#include "common/crypto/certificate_spec.h"
#include "common/crypto/key.h"
#include "common/identity/spiffe_id.h"
#include "common/identity/trust_bundle.h"
#include "common/identity/trust_state.h"
#include "common/identity/x509_svid.h"

namespace omninode::identity {

// An authority for tests: real keys and signatures, a time of its own. Its mistakes abort, because
// they are mistakes of the test. Immutable; thread-safe.
class TestAuthority final {
 public:
  // The start of FakeClock. Tests with real connections pass absl::Now().
  static absl::Time DefaultNow() { return absl::FromUnixSeconds(1'800'000'000); }

  explicit TestAuthority(std::string_view trust_domain, absl::Time now = DefaultNow());

  struct IssueOptions {
    crypto::KeyAlgorithm algorithm = crypto::KeyAlgorithm::kP256;
    absl::Duration ttl = absl::Hours(1);
    absl::Duration backdate = absl::Minutes(1);
    std::vector<std::string> dns = {"localhost"};
    // Changes the certificate before it is signed, also against every rule.
    std::function<void(crypto::CertificateSpec&)> change = nullptr;
  };

  const TrustDomain& trust_domain() const { return bundle_.trust_domain(); }
  SpiffeId Id(std::string_view path) const;  // "/node/cache/c1"

  // `id`: a path of the own trust domain, or a whole SPIFFE ID of any.
  X509Svid Issue(std::string_view id) const { return Issue(id, IssueOptions()); }
  X509Svid Issue(std::string_view id, const IssueOptions& options) const;
  // The leaf alone, whatever it became.
  crypto::Certificate IssueLeaf(std::string_view id, const crypto::PublicKey& key,
                                const IssueOptions& options) const;

  const crypto::Certificate& ca() const { return issuer_.ca(); }
  const crypto::PrivateKey& ca_key() const { return ca_key_; }
  const crypto::CertificateIssuer& issuer() const { return issuer_; }
  const TrustBundle& bundle() const { return bundle_; }
  // What a process of this trust domain believes: this authority and the `foreign` ones.
  TrustStatePtr Trust(std::uint64_t sequence = 1, Revocations revocations = Revocations(),
                      const std::vector<TrustBundle>& foreign = {}) const;

 private:
  const absl::Time now_;
  const crypto::PrivateKey ca_key_;
  const crypto::CertificateIssuer issuer_;
  const TrustBundle bundle_;
};

}  // namespace omninode::identity

#endif  // OMNINODE_COMMON_IDENTITY_TESTING_TEST_AUTHORITY_H_
