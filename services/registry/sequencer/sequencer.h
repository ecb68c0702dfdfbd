#ifndef OMNINODE_SERVICES_REGISTRY_SEQUENCER_SEQUENCER_H_
#define OMNINODE_SERVICES_REGISTRY_SEQUENCER_SEQUENCER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "common/identity/trust_source.h"
#include "common/time/clock.h"
#include "services/registry/lease/lease_table.h"
#include "services/registry/sequencer/command_queue.h"
#include "services/registry/sequencer/command_sink.h"
#include "services/registry/sequencer/group_commit.h"
#include "services/registry/store/registry_store.h"
#include "services/registry/topology/plan.h"
#include "services/registry/topology/topology_table.h"
#include "services/registry/watch/watch_hub.h"

namespace omninode::registry {

// Puts commands in order and makes them durable: the one hub of the service. On a thread of its
// own it takes what waits, plans it as a group, commits the group in one transaction, applies it,
// answers, and tells leases and watchers. Group N+1 is planned after group N is applied.
//
// Thread-safe. Nothing is answered or shown to anybody before it is on the disk.
class Sequencer final : public CommandSink {
 public:
  struct Options {
    std::size_t control_capacity = 16'384;
    std::size_t data_capacity = 8'192;
    std::size_t max_group = 512;
    // A group smaller than `small_group` waits so long for company: commits of few registrations
    // cost nearly as much as those of many.
    std::size_t small_group = 16;
    absl::Duration linger = absl::Microseconds(500);
    // Groups kept in the change log; older ones are dropped a few at a time.
    std::uint64_t keep_groups = 100'000;
  };

  struct Deps {
    const Clock& clock;
    const identity::TrustSource& trust;
    RegistryStore& store;
    TopologyTable& table;
    LeaseTable& leases;
    WatchHub& watch;
    // Told when the store begins or stops to refuse commits. On the sequencer's thread.
    std::function<void(const absl::Status&)> on_store_status;
  };

  // REQUIRES: leases and watch know what the table holds.
  Sequencer(Options options, Ownership ownership, Deps deps);
  // Completes what waits with SHUTTING_DOWN, after the group in progress.
  ~Sequencer() override;
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  void Submit(std::vector<Submission> batch, Urgency urgency) override;

  // Commands that wait, for metrics.
  std::size_t waiting() const { return queue_.size(); }
  std::uint64_t committed_groups() const { return committed_groups_; }
  std::uint64_t term() const { return term_; }

 private:
  void Run();
  // One turn of the loop: take, plan, commit, apply, answer.
  void Step();
  void ReportStore(const absl::Status& status);
  void Compact();
  std::vector<AppliedRecord> Apply(const std::vector<ChangeRecord>& records);
  void Complete(std::vector<Submission>& group, std::vector<Outcome>& outcomes,
                const absl::Status& committed);

  const Options options_;
  const std::uint64_t term_;
  const Deps deps_;
  CommandQueue queue_;
  GroupCommit commit_;                // thread_ only
  std::vector<Submission> deferred_;  // thread_ only: first of the next group
  bool store_away_ = false;           // thread_ only
  std::uint64_t compacted_at_ = 0;    // thread_ only: group of the last compaction
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> committed_groups_{0};
  std::thread thread_;  // last: starts when everything above is there
};

// The lease that a live node holds.
LeaseInfo LeaseOf(const Node& node, std::uint64_t incarnation);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_SEQUENCER_SEQUENCER_H_
