#ifndef OMNINODE_SERVICES_REGISTRY_API_TABLE_SNAPSHOTS_H_
#define OMNINODE_SERVICES_REGISTRY_API_TABLE_SNAPSHOTS_H_

#include "services/registry/topology/topology_table.h"
#include "services/registry/watch/snapshot_source.h"

namespace omninode::registry {

// The topology table of this instance, which owns the shard, as the source of snapshots.
// Thread-safe; the table outlives it.
class TableSnapshots final : public SnapshotSource {
 public:
  explicit TableSnapshots(const TopologyTable& table) : table_(table) {}

  absl::StatusOr<NamespaceSnapshot> TakeSnapshot(const NamespaceName& ns) const override {
    return table_.TakeSnapshot(ns);
  }
  // What this instance did not commit did not happen.
  absl::Duration Age(const NamespaceName&, MonotonicTime) const override {
    return absl::ZeroDuration();
  }

 private:
  const TopologyTable& table_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_API_TABLE_SNAPSHOTS_H_
