#ifndef OMNINODE_SERVICES_REGISTRY_SEQUENCER_COMMITTER_H_
#define OMNINODE_SERVICES_REGISTRY_SEQUENCER_COMMITTER_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "common/identity/trust_source.h"
#include "common/time/clock.h"
#include "services/registry/lease/lease_table.h"
#include "services/registry/sequencer/command_sink.h"
#include "services/registry/sequencer/group_commit.h"
#include "services/registry/store/registry_store.h"
#include "services/registry/topology/plan.h"
#include "services/registry/topology/topology_table.h"
#include "services/registry/watch/watch_hub.h"

namespace omninode::registry {

// What a group came to, once it was committed and applied.
struct CommittedGroup {
  std::size_t commands = 0;  // of the group, with those that were refused
  absl::Duration commit;     // how long the store took
  const std::vector<ChangeRecord>& records;
};

// One turn of the sequencer: plans a group of commands, commits it in one transaction, applies it,
// tells leases and watchers, and answers. Owns no thread and waits for nothing by itself, so that a
// simulation can drive the same code.
//
// Not thread-safe. Nothing is answered or shown to anybody before it is on the disk. A commit whose
// outcome is unknown holds everything up until the store tells.
class Committer final {
 public:
  struct Deps {
    const Clock& clock;
    const identity::TrustSource& trust;
    RegistryStore& store;
    TopologyTable& table;
    LeaseTable& leases;
    WatchHub& watch;
    // Told when the store begins or stops to refuse commits. May be empty.
    std::function<void(const absl::Status&)> on_store_status;
    // Told of each group after it was committed, before it is answered. May be empty; must not
    // block.
    std::function<void(const CommittedGroup&)> on_commit = {};
  };

  // `keep_groups`: groups kept in the change log; older ones are dropped a few at a time.
  // `wait`: see GroupCommit. REQUIRES: leases and watch know what the table holds, and trust has a
  // state.
  Committer(std::uint64_t keep_groups, const Ownership& ownership, Deps deps,
            std::function<bool()> wait);

  // Completes each command of the group, except those that it returns: they go first in the next
  // group, in this order.
  [[nodiscard]] std::vector<Submission> Run(std::vector<Submission> group);

  // For who has nothing to commit: finds out whether a store that was away is back.
  void CheckStore();

  // Another instance owns the shard: whatever changes something is refused from now on.
  bool deposed() const { return commit_.deposed(); }
  std::uint64_t seq() const { return commit_.seq(); }

 private:
  void ReportStore(const absl::Status& status);
  void Compact();
  absl::Status Commit(const std::vector<ChangeRecord>& records, std::size_t commands);
  std::vector<AppliedRecord> Apply(const std::vector<ChangeRecord>& records);
  void UpdateLeases(const ChangeRecord& record);

  const std::uint64_t keep_groups_;
  const Deps deps_;
  GroupCommit commit_;
  bool store_away_ = false;
  std::uint64_t compacted_at_ = 0;  // group of the last compaction
};

// The lease that a live node holds.
LeaseInfo LeaseOf(const Node& node, std::uint64_t incarnation);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_SEQUENCER_COMMITTER_H_
