#ifndef OMNINODE_COMMON_NODE_TOPOLOGY_EVENT_H_
#define OMNINODE_COMMON_NODE_TOPOLOGY_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/time/time.h>

#include "common/directory/position.h"
#include "common/directory/set_hash.h"
#include "common/directory/topology_change.h"
#include "common/envelope/raw_envelope.h"
#include "common/node/registry_records.h"

// The messages of a WatchTopology stream, as values.
namespace omninode::node {

// First message of every stream.
struct WatchStarted {
  std::string watch_id;
  directory::Position position;  // of the namespace when it began
};

struct SnapshotChunk {
  std::vector<NodeRecord> nodes;
};

struct SnapshotEnd {
  directory::Position position;
  std::optional<directory::SetHash> hash;  // absent on filtered streams
};

struct TopologyStep {
  directory::TopologyDiff diff;
  std::string source_node;       // SPIFFE ID of the registry instance that committed it
  std::uint64_t node_count = 0;  // nodes in the namespace afterwards
  std::vector<std::optional<envelope::RawEnvelope>> evidence;  // as many as changes
};

struct Bookmark {
  directory::Position position;
  std::optional<directory::SetHash> hash;  // absent on filtered streams
  absl::Duration age;                      // how old the instance's view of the log may be
};

// The numbers are those of the API; others are taken as kUnknown.
enum class ResyncReason : std::uint8_t {
  kUnknown = 0,
  kCompacted = 1,
  kIncarnation = 2,
  kAhead = 3,
  kSlow = 4,
};
std::string_view NameOf(ResyncReason reason);  // "compacted", "incarnation", ...

struct Resync {
  ResyncReason reason = ResyncReason::kUnknown;
  directory::Position position;
};

struct Draining {};

struct TopologyEvent {
  std::uint64_t previous_version = 0;
  std::variant<WatchStarted, SnapshotChunk, SnapshotEnd, TopologyStep, Bookmark, Resync, Draining>
      what;
};

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_TOPOLOGY_EVENT_H_
