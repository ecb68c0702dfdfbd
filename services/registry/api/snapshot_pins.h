#ifndef OMNINODE_SERVICES_REGISTRY_API_SNAPSHOT_PINS_H_
#define OMNINODE_SERVICES_REGISTRY_API_SNAPSHOT_PINS_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "common/base/mutex.h"
#include "common/time/monotonic_time.h"
#include "services/registry/topology/topology_table.h"

namespace omninode::registry {

// A snapshot that pages of one GetTopology share, sorted once.
struct PinnedSnapshot {
  directory::Position position;
  directory::SetHash hash;
  std::vector<NodePtr> nodes;  // in order of id
};
using PinnedSnapshotPtr = std::shared_ptr<const PinnedSnapshot>;

// The snapshots that somebody is paging through. Bounded in number and age: a reader that stops
// half-way costs nothing for long. Thread-safe.
class SnapshotPins final {
 public:
  static constexpr std::size_t kMaxPins = 64;
  static constexpr absl::Duration kMaxAge = absl::Minutes(1);

  // `key` names it in later Find calls.
  void Pin(std::string key, PinnedSnapshotPtr snapshot, MonotonicTime now);
  // REVISION_COMPACTED when it is gone: begin again.
  absl::StatusOr<PinnedSnapshotPtr> Find(std::string_view key, MonotonicTime now);

 private:
  struct Entry {
    std::string key;
    PinnedSnapshotPtr snapshot;
    MonotonicTime pinned_at;
  };
  void DropOld(MonotonicTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  std::deque<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // oldest first
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_API_SNAPSHOT_PINS_H_
