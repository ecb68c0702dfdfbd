#ifndef OMNINODE_COMMON_IDENTITY_X509_SVID_H_
#define OMNINODE_COMMON_IDENTITY_X509_SVID_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/certificate.h"
#include "common/crypto/key.h"
#include "common/identity/spiffe_id.h"

namespace omninode::identity {

// An identity that this process holds: certificates and the key of the first. Well-formed and a
// matching pair by construction; whether others trust it is not its business. Immutable, cheap to
// copy, thread-safe.
class X509Svid final {
 public:
  // `chain`: the leaf, then its intermediates, at most crypto::kMaxChain. Fails with CERT_PROFILE
  // or SPIFFE_ID_INVALID, and with FailedPrecondition when the key is another leaf's.
  static absl::StatusOr<X509Svid> Create(std::vector<crypto::Certificate> chain,
                                         crypto::PrivateKey key);
  static absl::StatusOr<X509Svid> FromPem(std::string_view chain_pem, std::string_view key_pem);

  const SpiffeId& id() const { return id_; }
  const crypto::Certificate& leaf() const { return chain_.front(); }
  const std::vector<crypto::Certificate>& chain() const { return chain_; }
  const crypto::PrivateKey& key() const { return key_; }
  absl::Time not_before() const { return leaf().not_before(); }
  absl::Time not_after() const { return leaf().not_after(); }

  std::vector<std::string> chain_der() const;  // leaf first
  std::string chain_pem() const;
  std::string key_pem(crypto::SecretAccess access) const { return key_.ToPkcs8Pem(access); }

 private:
  X509Svid(SpiffeId id, std::vector<crypto::Certificate> chain, crypto::PrivateKey key)
      : id_(std::move(id)), chain_(std::move(chain)), key_(std::move(key)) {}

  SpiffeId id_;
  std::vector<crypto::Certificate> chain_;
  crypto::PrivateKey key_;
};

}  // namespace omninode::identity

#endif  // OMNINODE_COMMON_IDENTITY_X509_SVID_H_
