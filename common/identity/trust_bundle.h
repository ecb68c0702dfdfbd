#ifndef OMNINODE_COMMON_IDENTITY_TRUST_BUNDLE_H_
#define OMNINODE_COMMON_IDENTITY_TRUST_BUNDLE_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "common/crypto/certificate.h"
#include "common/crypto/digest.h"
#include "common/identity/spiffe_id.h"

// Whom to believe about which trust domain. Immutable values; safe to share between threads.
namespace omninode::identity {

// The authorities of one trust domain. Without roots nothing of the domain is believed: the
// standard's way to revoke everything.
class TrustBundle final {
 public:
  static constexpr std::size_t kMaxRoots = 64;

  // Equal roots count once. Fails with CERT_PROFILE when a root is no signing certificate, and
  // ARGUMENT_INVALID beyond kMaxRoots.
  static absl::StatusOr<TrustBundle> Create(TrustDomain trust_domain,
                                            std::vector<crypto::Certificate> roots);
  static absl::StatusOr<TrustBundle> FromPem(TrustDomain trust_domain, std::string_view pem);

  const TrustDomain& trust_domain() const { return trust_domain_; }
  const std::vector<crypto::Certificate>& roots() const { return roots_; }  // by fingerprint
  // Of trust domain and roots: equal digests, equal bundles.
  const crypto::Sha256Digest& digest() const { return digest_; }
  std::string ToPem() const;

 private:
  TrustBundle(TrustDomain trust_domain, std::vector<crypto::Certificate> roots);

  TrustDomain trust_domain_;
  std::vector<crypto::Certificate> roots_;
  crypto::Sha256Digest digest_;
};

// One bundle per trust domain. There is no way to get the roots of several at once, because with a
// union of roots any authority could vouch for any domain.
class BundleSet final {
 public:
  static constexpr std::size_t kMaxTrustDomains = 256;

  BundleSet() = default;
  // Fails with ARGUMENT_INVALID when two bundles are of one trust domain or there are too many.
  static absl::StatusOr<BundleSet> Create(std::vector<TrustBundle> bundles);

  // Null when nothing is known about the trust domain.
  const TrustBundle* Find(const TrustDomain& trust_domain) const;
  const std::map<TrustDomain, TrustBundle>& bundles() const { return bundles_; }

 private:
  std::map<TrustDomain, TrustBundle> bundles_;
};

}  // namespace omninode::identity

#endif  // OMNINODE_COMMON_IDENTITY_TRUST_BUNDLE_H_
