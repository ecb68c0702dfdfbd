#ifndef OMNINODE_SERVICES_REGISTRY_WATCH_SNAPSHOT_SOURCE_H_
#define OMNINODE_SERVICES_REGISTRY_WATCH_SNAPSHOT_SOURCE_H_

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/time/monotonic_time.h"
#include "services/registry/topology/topology_table.h"

namespace omninode::registry {

// Where watches take the state from. Called by watchers' threads: thread-safe.
//
// A version is in the state before it is published to the hub: whoever applies it does so first.
class SnapshotSource {
 public:
  virtual ~SnapshotSource() = default;
  // NAMESPACE_UNKNOWN when there is no such namespace (any more).
  virtual absl::StatusOr<NamespaceSnapshot> TakeSnapshot(const NamespaceName& ns) const = 0;
  // How long ago it was last certain that the log holds nothing newer; zero for the shard's owner
  // while its store answers.
  virtual absl::Duration Age(const NamespaceName& ns, MonotonicTime now) const = 0;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_WATCH_SNAPSHOT_SOURCE_H_
