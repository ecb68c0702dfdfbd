#ifndef OMNINODE_SERVICES_REGISTRY_RESTORED_STATE_H_
#define OMNINODE_SERVICES_REGISTRY_RESTORED_STATE_H_

#include <functional>
#include <memory>
#include <string>

#include <absl/status/statusor.h>

#include "common/time/clock.h"
#include "services/registry/api/table_snapshots.h"
#include "services/registry/api/watch_codec.h"
#include "services/registry/lease/lease_table.h"
#include "services/registry/store/sqlite_registry_store.h"
#include "services/registry/topology/topology_table.h"
#include "services/registry/watch/watch_hub.h"

namespace omninode::registry {

// What the store kept, back in memory: the topology, a full lease for every node (how long nobody
// could renew is our fault, not theirs), and the rings from which watchers resume. Complete before
// anything can change it.
class RestoredState final {
 public:
  // `holder`: SPIFFE ID of this instance. `wake`: see WatchHub. Errors as the store's.
  static absl::StatusOr<std::unique_ptr<RestoredState>> Open(const std::string& data_dir,
                                                             const std::string& holder,
                                                             const Clock& clock,
                                                             std::function<void()> wake);

  RegistryStore& store() { return *store_; }
  const Ownership& ownership() const { return ownership_; }
  TopologyTable& table() { return table_; }
  LeaseTable& leases() { return leases_; }
  WatchHub& watch() { return watch_; }

 private:
  RestoredState(std::unique_ptr<RegistryStore> store, Ownership ownership, TopologyState state,
                const std::string& holder, std::function<void()> wake);
  void Fill(std::vector<LoggedVersion> log, MonotonicTime now);

  const std::unique_ptr<RegistryStore> store_;
  const Ownership ownership_;
  TopologyTable table_;
  LeaseTable leases_;
  const TableSnapshots snapshots_;
  const TopologyDiffEncoder encoder_;
  WatchHub watch_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_RESTORED_STATE_H_
