#include "common/rpc/stream/stream_registry.h"

#include <algorithm>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::rpc {

StreamRegistry::Place StreamRegistry::Add(const Caller& caller,
                                          std::shared_ptr<StreamHandle> handle,
                                          absl::Time deadline) {
  MutexLock lock(mutex_);
  const std::uint64_t id = next_id_++;
  entries_.emplace(id, Entry{caller.svid, std::move(handle), deadline});
  return Place(this, id);
}

absl::StatusOr<identity::VerifiedSvidPtr> StreamRegistry::Judge(const Entry& entry,
                                                                const identity::TrustState& trust,
                                                                absl::Time now) {
  if (now >= entry.deadline) return Reject(Reason::kDeadline, "the stream has lasted long enough");
  if (entry.svid == nullptr) return entry.svid;
  return identity::RecheckSvid(entry.svid, trust, now);
}

std::size_t StreamRegistry::Sweep(const identity::TrustState& trust, absl::Time now) {
  std::size_t ended = 0;
  for (auto& [id, entry] : Copies()) {
    const bool told = entry.told_at != absl::InfiniteFuture();
    if (told && now - entry.told_at >= kEndGrace) entry.handle->Cancel();
    if (told) continue;
    absl::StatusOr<identity::VerifiedSvidPtr> verdict = Judge(entry, trust, now);
    Update(id, verdict, now);
    if (verdict.ok()) continue;
    entry.handle->End(std::move(verdict).status());
    ++ended;
  }
  return ended;
}

absl::Time StreamRegistry::NextSweep(absl::Time now) const {
  absl::Time next = absl::InfiniteFuture();
  MutexLock lock(mutex_);
  for (const auto& [id, entry] : entries_) {
    if (entry.told_at != absl::InfiniteFuture()) {
      // Cancelled already and not yet gone: nothing more can be done, but look again.
      next = std::min(next, std::max(entry.told_at + kEndGrace, now + kEndGrace));
      continue;
    }
    next = std::min(next, entry.deadline);
    if (entry.svid != nullptr) next = std::min(next, entry.svid->valid_until);
  }
  return next;
}

std::size_t StreamRegistry::CancelStuck(MonotonicTime now, absl::Duration limit) {
  std::size_t cancelled = 0;
  for (auto& [id, entry] : Copies()) {
    if (entry.handle->WriteAge(now) <= limit) continue;
    entry.handle->End(
        Reject(Reason::kWatchSlow, "took no message for {}s", absl::ToInt64Seconds(limit)));
    entry.handle->Cancel();
    ++cancelled;
  }
  return cancelled;
}

void StreamRegistry::EndAll(const absl::Status& status) {
  for (auto& [id, entry] : Copies()) entry.handle->EndWhenIdle(status);
}

std::size_t StreamRegistry::size() const {
  MutexLock lock(mutex_);
  return entries_.size();
}

// Handles are called outside the lock: a stream that ends comes back here to give up its place.
std::vector<StreamRegistry::Copy> StreamRegistry::Copies() const {
  MutexLock lock(mutex_);
  return {entries_.begin(), entries_.end()};
}

void StreamRegistry::Update(std::uint64_t id,
                            const absl::StatusOr<identity::VerifiedSvidPtr>& verdict,
                            absl::Time now) {
  MutexLock lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  if (verdict.ok()) {
    // What was computed anew for a changed bundle is not computed again at the next sweep.
    found->second.svid = *verdict;
  } else {
    found->second.told_at = now;
  }
}

void StreamRegistry::Remove(std::uint64_t id) {
  std::map<std::uint64_t, Entry>::node_type removed;  // destroyed after the lock
  MutexLock lock(mutex_);
  removed = entries_.extract(id);
}

}  // namespace omninode::rpc
