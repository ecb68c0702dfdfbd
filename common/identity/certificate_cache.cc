#include "common/identity/certificate_cache.h"

#include <utility>

#include "common/base/check.h"
#include "common/base/status.h"

namespace omninode::identity {

CertificateCache::CertificateCache(std::size_t capacity) : generation_size_(capacity / 2) {
  OMNI_CHECK(generation_size_ >= 1);
}

absl::StatusOr<VerifiedSvidPtr> CertificateCache::Get(
    const crypto::Sha256Digest& key, const TrustState& trust, absl::Time now,
    absl::FunctionRef<absl::StatusOr<VerifiedSvid>()> verify) {
  if (std::optional<Entry> entry = Find(key)) {
    if (entry->sequence == trust.sequence) {
      OMNI_RETURN_IF_ERROR(CheckStillValid(*entry->svid, now));
      return std::move(entry->svid);
    }
    OMNI_ASSIGN_OR_RETURN(VerifiedSvidPtr svid, RecheckSvid(entry->svid, trust, now));
    Put(key, {svid, trust.sequence});
    return svid;
  }
  OMNI_ASSIGN_OR_RETURN(VerifiedSvid verified, verify());
  auto svid = std::make_shared<const VerifiedSvid>(std::move(verified));
  Put(key, {svid, trust.sequence});
  return svid;
}

CertificateCache::Stats CertificateCache::stats() const {
  MutexLock lock(mutex_);
  return {young_.size() + old_.size(), hits_, misses_};
}

std::optional<CertificateCache::Entry> CertificateCache::Find(const crypto::Sha256Digest& key) {
  Generation forgotten;
  MutexLock lock(mutex_);
  if (const auto found = young_.find(key); found != young_.end()) {
    ++hits_;
    return found->second;
  }
  const auto found = old_.find(key);
  if (found == old_.end()) {
    ++misses_;
    return std::nullopt;
  }
  ++hits_;
  Entry entry = found->second;
  forgotten = PutLocked(key, entry);
  return entry;
}

void CertificateCache::Put(const crypto::Sha256Digest& key, Entry entry) {
  Generation forgotten;
  MutexLock lock(mutex_);
  forgotten = PutLocked(key, std::move(entry));
}

CertificateCache::Generation CertificateCache::PutLocked(const crypto::Sha256Digest& key,
                                                         Entry entry) {
  Generation forgotten;
  old_.erase(key);
  if (young_.size() >= generation_size_ && !young_.contains(key)) {
    forgotten = std::exchange(old_, std::exchange(young_, {}));
  }
  young_.insert_or_assign(key, std::move(entry));
  return forgotten;
}

}  // namespace omninode::identity
