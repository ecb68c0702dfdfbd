#ifndef OMNINODE_COMMON_DIRECTORY_TOPOLOGY_CHANGE_H_
#define OMNINODE_COMMON_DIRECTORY_TOPOLOGY_CHANGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/directory/changed_fields.h"
#include "common/directory/node_view.h"
#include "common/directory/position.h"
#include "common/directory/tombstone.h"

namespace omninode::directory {

// The numbers are those of the API and of stored records.
enum class ChangeKind : std::uint8_t { kAdded = 1, kUpdated = 2, kRemoved = 3 };

// "added", "updated", "removed".
std::string_view NameOf(ChangeKind kind);

// How one node changed. Shape: ADDED {node}; UPDATED {node, changed_fields, previous_node_version};
// REMOVED {removal_reason, reason_text, previous_node_version}; the rest always.
struct TopologyChange {
  ChangeKind kind = ChangeKind::kAdded;
  NodeViewPtr node;  // the state after the change; null for REMOVED
  NodeId node_id;
  NodeType node_type;
  ChangedFields changed_fields;  // empty: registered anew, and nothing differs but the version
  std::optional<RemovalReason> removal_reason;
  std::string reason_text;
  std::uint64_t previous_node_version = 0;  // NodeView::version before the change; 0 for ADDED
  std::string actor;
  std::string decision;
  std::string correlation_id;
};

// Equal in content: nodes are compared by value.
bool operator==(const TopologyChange& a, const TopologyChange& b);

// Whether the fields fit the kind as described above and agree with the node. Producers make
// nothing else; consumers check it before they look at the fields.
bool IsWellFormed(const TopologyChange& change);

// The changes that lead to `position`: sorted by node id, at most one per node. Empty when merged
// changes cancelled each other out; the position moves all the same.
struct TopologyDiff {
  Position position;
  std::vector<TopologyChange> changes;
  absl::Time timestamp;  // when the version was committed

  friend bool operator==(const TopologyDiff&, const TopologyDiff&) = default;
};

// The change as seen by who did not ask for evidence: nullopt when it changed nothing else (the
// node's version did not move), otherwise the change without kEvidence. REQUIRES: IsWellFormed.
std::optional<TopologyChange> WithoutEvidence(TopologyChange change);

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_TOPOLOGY_CHANGE_H_
