#ifndef OMNINODE_SERVICES_REGISTRY_TOPOLOGY_TOPOLOGY_TABLE_H_
#define OMNINODE_SERVICES_REGISTRY_TOPOLOGY_TOPOLOGY_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <absl/status/statusor.h>

#include "common/base/mutex.h"
#include "common/base/names.h"
#include "common/directory/node_ref.h"
#include "common/directory/position.h"
#include "common/directory/set_hash.h"
#include "services/registry/topology/node_map.h"
#include "services/registry/topology/topology_state.h"

namespace omninode::registry {

struct NamespaceSummary {
  NamespaceInfo info;
  directory::Position position;
  std::uint64_t nodes = 0;
};

// A namespace at one moment.
struct NamespaceSnapshot {
  NamespaceInfo info;
  directory::Position position;
  directory::SetHash hash;
  NodeMap::Snapshot nodes;
};

struct NodeAt {
  NodePtr node;
  directory::Position position;  // at which this was true
};

// Where a list of removals stopped: removals of one version are ordered by id.
struct TombstoneCursor {
  directory::Position position;
  NodeId id;
};

// The topology as one thread writes it and all others read it. Thread-safe. Readers get immutable
// nodes and snapshots, never references into the state. Errors of the readers: NAMESPACE_UNKNOWN,
// NODE_UNKNOWN.
class TopologyTable final {
 public:
  explicit TopologyTable(TopologyState state) : state_(std::move(state)) {}

  // The state for planning, without the lock: nobody else changes it.
  // REQUIRES: called by the one thread that calls Apply.
  const TopologyState& StateForWriter() const ABSL_NO_THREAD_SAFETY_ANALYSIS { return state_; }
  absl::StatusOr<AppliedRecord> Apply(const ChangeRecord& record) ABSL_LOCKS_EXCLUDED(mutex_);

  absl::StatusOr<NamespaceSummary> GetNamespace(const NamespaceName& name) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<NamespaceSummary> ListNamespaces() const ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<NodeAt> FindNode(const directory::NodeRef& ref) const ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<NamespaceSnapshot> TakeSnapshot(const NamespaceName& name) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Removals of a namespace (of one id if given), newest first, at most `max`, beginning after
  // `cursor` if given.
  absl::StatusOr<std::vector<DepartedPtr>> ListTombstones(
      const NamespaceName& name, const std::optional<NodeId>& node,
      const std::optional<TombstoneCursor>& cursor, std::size_t max) const
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable Mutex mutex_;
  TopologyState state_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_TOPOLOGY_TOPOLOGY_TABLE_H_
