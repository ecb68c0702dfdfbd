#ifndef OMNINODE_SERVICES_REGISTRY_TOPOLOGY_CHANGE_RECORD_H_
#define OMNINODE_SERVICES_REGISTRY_TOPOLOGY_CHANGE_RECORD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/directory/topology_change.h"
#include "services/registry/topology/command.h"
#include "services/registry/topology/namespace_info.h"
#include "services/registry/topology/node.h"

namespace omninode::registry {

// One node's change within a version.
struct NodeChange {
  directory::ChangeKind kind;
  std::shared_ptr<const Node> before;        // as planned on; null for ADDED and when read back
  std::shared_ptr<const Node> after;         // null for REMOVED
  std::shared_ptr<const Departed> departed;  // REMOVED only
  directory::ChangedFields changed_fields;   // UPDATED only
  std::string actor;
  std::string decision;
  std::string correlation_id;

  const NodeId& id() const;
};

// An administrator's request that was carried out, so that its retry gets the same answer.
struct AdminReceipt {
  AdminRequest request;
  absl::Time time;
  // The node removed; empty for a namespace.
  std::optional<NodeId> node;
};

// Everything that one commit group does to one namespace: the unit that is persisted and applied,
// on the instance that planned it and, read back from the log, at every restart. Deterministic:
// the same records applied in the same order make the same state, byte for byte.
struct ChangeRecord {
  NamespaceName ns;
  std::uint64_t incarnation = 0;
  std::uint64_t version = 0;  // after the record; unchanged when `changes` is empty
  std::uint64_t term = 0;     // fencing number of the shard's ownership
  absl::Time time;
  std::optional<NamespaceInfo> created;
  std::vector<NodeChange> changes;                   // sorted by node id, one per node
  std::vector<std::shared_ptr<const Node>> renewed;  // same view, newer message: no new version
  std::vector<AdminReceipt> receipts;

  // Nothing to commit.
  bool empty() const {
    return !created.has_value() && changes.empty() && renewed.empty() && receipts.empty();
  }
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_TOPOLOGY_CHANGE_RECORD_H_
