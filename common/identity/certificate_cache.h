#ifndef OMNINODE_COMMON_IDENTITY_CERTIFICATE_CACHE_H_
#define OMNINODE_COMMON_IDENTITY_CERTIFICATE_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "common/crypto/digest.h"
#include "common/identity/trust_state.h"
#include "common/identity/verifier.h"

namespace omninode::identity {

// Identities that were verified, by the digest of what was presented: the PEM text of a TLS peer in
// one cache, the DER of a signer in another. What comes out holds under the trust state given, not
// under the one of the time when it went in. What was never good is not kept; what was good and no
// longer is stays, so that refusing it again is cheap.
//
// Bounded: at most `capacity` entries, of which the capacity/2 used last survive. Thread-safe; two
// threads that miss the same key both verify it.
class CertificateCache final {
 public:
  static constexpr std::size_t kMaxEntries = 65'536;

  // REQUIRES: capacity >= 2.
  explicit CertificateCache(std::size_t capacity = kMaxEntries);

  // The identity behind `key`, from the cache or by `verify`, which is called on this thread,
  // outside the cache's lock, and must judge under the same `trust` and `now`. Fails as VerifySvid.
  absl::StatusOr<VerifiedSvidPtr> Get(const crypto::Sha256Digest& key, const TrustState& trust,
                                      absl::Time now,
                                      absl::FunctionRef<absl::StatusOr<VerifiedSvid>()> verify);

  struct Stats {
    std::size_t entries = 0;
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;  // `verify` was called
  };
  Stats stats() const;

 private:
  struct Entry {
    VerifiedSvidPtr svid;
    std::uint64_t sequence = 0;  // of the trust state it was last found good under
  };
  using Generation = std::unordered_map<crypto::Sha256Digest, Entry, crypto::DigestHash>;

  std::optional<Entry> Find(const crypto::Sha256Digest& key);
  void Put(const crypto::Sha256Digest& key, Entry entry);
  // Puts into young_. Returns what had to be forgotten, to be destroyed outside the lock.
  Generation PutLocked(const crypto::Sha256Digest& key, Entry entry)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::size_t generation_size_;
  mutable Mutex mutex_;
  // Entries are put into young_. When it is full it becomes old_, and what was old_ is forgotten;
  // an entry that is used again moves back to young_.
  Generation young_ ABSL_GUARDED_BY(mutex_);
  Generation old_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t hits_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t misses_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace omninode::identity

#endif  // OMNINODE_COMMON_IDENTITY_CERTIFICATE_CACHE_H_
