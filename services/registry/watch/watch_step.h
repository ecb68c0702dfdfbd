#ifndef OMNINODE_SERVICES_REGISTRY_WATCH_WATCH_STEP_H_
#define OMNINODE_SERVICES_REGISTRY_WATCH_WATCH_STEP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/directory/position.h"
#include "common/directory/set_hash.h"
#include "common/time/monotonic_time.h"
#include "services/registry/topology/node_map.h"
#include "services/registry/watch/diff_encoder.h"

// What a watcher is to do next. The items are the events of WatchTopologyResponse.
namespace omninode::registry {

// First item of every watch.
struct WatchBegan {
  std::string watch_id;
  directory::Position position;  // of the namespace at that moment
};

struct WatchSnapshotChunk {
  std::vector<NodePtr> nodes;  // by id
};

struct WatchSnapshotEnd {
  directory::Position position;
  std::optional<directory::SetHash> hash;  // of unfiltered watches
};

// Leads from the message's previous version to `position`.
struct WatchDiff {
  directory::Position position;
  EncodedDiffPtr encoded;
};

// Everything up to `position` was delivered.
struct WatchBookmark {
  directory::Position position;
  std::optional<directory::SetHash> hash;  // at `position`; of unfiltered watches, if known
  absl::Duration age;                      // see SnapshotSource::Age
};

// The numbers are those of the API.
enum class ResyncReason : std::uint8_t {
  kCompacted = 1,
  kIncarnation = 2,
  kAhead = 3,
  kSlow = 4,
};
inline constexpr std::size_t kResyncReasons = 4;

// "compacted", "incarnation", "ahead", "slow".
constexpr std::string_view NameOf(ResyncReason reason) {
  constexpr std::array<std::string_view, kResyncReasons> kNames = {"compacted", "incarnation",
                                                                   "ahead", "slow"};
  return kNames[static_cast<std::size_t>(reason) - 1];
}

// A snapshot follows.
struct WatchResync {
  ResyncReason reason;
  directory::Position position;  // of the namespace now
};

// The instance is about to stop.
struct WatchDraining {};

using WatchItem = std::variant<WatchBegan, WatchSnapshotChunk, WatchSnapshotEnd, WatchDiff,
                               WatchBookmark, WatchResync, WatchDraining>;

// Send the item, then ask again.
struct WatchSend {
  // The version up to which this watch had delivered before the item.
  std::uint64_t previous_version = 0;
  WatchItem item;
};

// Nothing to send: the notifier will be called, at `until` at the latest.
struct WatchWait {
  MonotonicTime until;
};

// End the watch with this rejection: WATCH_SLOW or NAMESPACE_UNKNOWN.
struct WatchCut {
  absl::Status status;
};

using WatchStep = std::variant<WatchSend, WatchWait, WatchCut>;

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_WATCH_WATCH_STEP_H_
