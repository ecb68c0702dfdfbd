#include "services/registry/api/snapshot_pins.h"

#include <utility>

#include "common/base/reason.h"

namespace omninode::registry {

void SnapshotPins::DropOld(MonotonicTime now) {
  while (!entries_.empty() && entries_.front().pinned_at + kMaxAge < now) entries_.pop_front();
}

void SnapshotPins::Pin(std::string key, PinnedSnapshotPtr snapshot, MonotonicTime now) {
  MutexLock lock(mutex_);
  DropOld(now);
  if (entries_.size() == kMaxPins) entries_.pop_front();
  entries_.push_back({std::move(key), std::move(snapshot), now});
}

absl::StatusOr<PinnedSnapshotPtr> SnapshotPins::Find(std::string_view key, MonotonicTime now) {
  MutexLock lock(mutex_);
  DropOld(now);
  for (const Entry& entry : entries_) {
    if (entry.key == key) return entry.snapshot;
  }
  return Reject(Reason::kRevisionCompacted, "the snapshot of this page token is gone; begin again");
}

}  // namespace omninode::registry
