#ifndef OMNINODE_TOOLS_OMNICTL_WATCH_EVENT_H_
#define OMNINODE_TOOLS_OMNICTL_WATCH_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <absl/time/time.h>

#include "common/directory/position.h"
#include "common/directory/set_hash.h"
#include "common/directory/topology_change.h"
#include "common/envelope/raw_envelope.h"
#include "common/node/registry_records.h"

// One message of a topology stream, as a value. Evidence is not verified.
namespace omninode::omnictl {

struct WatchStarted {
  std::string watch_id;
  directory::Position position;
};
struct SnapshotNodes {
  std::vector<node::NodeRecord> nodes;
};
struct SnapshotEnd {
  directory::Position position;
  std::optional<directory::SetHash> hash;  // absent on filtered streams
};
struct WatchDiff {
  directory::TopologyDiff diff;
  std::string source_node;
  std::vector<std::optional<envelope::RawEnvelope>> evidence;  // as many as changes
};
struct WatchBookmark {
  directory::Position position;
  std::optional<directory::SetHash> hash;
};
struct WatchResync {
  std::string reason;  // "compacted", "incarnation", "ahead", "slow"
  directory::Position position;
};
struct WatchDraining {};

struct WatchEvent {
  std::uint64_t previous_version = 0;
  std::variant<WatchStarted, SnapshotNodes, SnapshotEnd, WatchDiff, WatchBookmark, WatchResync,
               WatchDraining>
      event;
};

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_WATCH_EVENT_H_
