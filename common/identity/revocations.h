#ifndef OMNINODE_COMMON_IDENTITY_REVOCATIONS_H_
#define OMNINODE_COMMON_IDENTITY_REVOCATIONS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/certificate.h"
#include "common/identity/spiffe_id.h"

namespace omninode::identity {

// One certificate, named by its issuer's key id and its serial number, both in lower-case hex:
// issuer names may be equal in two trust domains, key ids are not.
struct RevokedCertificate {
  std::string authority_key_id;
  std::string serial;

  static RevokedCertificate Of(const crypto::Certificate& certificate);
  friend bool operator==(const RevokedCertificate&, const RevokedCertificate&) = default;
};

// One identity. While a ban stands, every certificate of the identity is refused; when it has been
// lifted, those from before it still are.
struct Ban {
  SpiffeId id;
  absl::Time banned_at;
  bool lifted = false;
};

// What is no longer believed although it is signed. Immutable; safe to share between threads.
class Revocations final {
 public:
  // Certificates and bans together.
  static constexpr std::size_t kMaxEntries = 100'000;

  Revocations() = default;
  // Of two bans of one identity the later counts, and one that stands counts more than a lifted
  // one. Fails with ARGUMENT_INVALID beyond kMaxEntries.
  static absl::StatusOr<Revocations> Create(const std::vector<RevokedCertificate>& certificates,
                                            const std::vector<Ban>& bans);

  bool IsRevoked(const crypto::Certificate& certificate) const;
  // The same for who keeps only the certificate's key here, as one text.
  static std::string KeyOf(const crypto::Certificate& certificate);
  bool IsRevokedKey(const std::string& key) const { return certificates_.contains(key); }
  // `not_before`: of the leaf that claims to be `id`. At the time of issue pass the present.
  bool IsBanned(const SpiffeId& id, absl::Time not_before) const;

  std::size_t size() const { return certificates_.size() + bans_.size(); }

 private:
  struct BanState {
    absl::Time banned_at;
    bool lifted;
  };

  std::unordered_set<std::string> certificates_;
  std::unordered_map<SpiffeId, BanState> bans_;
};

}  // namespace omninode::identity

#endif  // OMNINODE_COMMON_IDENTITY_REVOCATIONS_H_
