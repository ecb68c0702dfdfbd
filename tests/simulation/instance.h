#ifndef OMNINODE_TESTS_SIMULATION_INSTANCE_H_
#define OMNINODE_TESTS_SIMULATION_INSTANCE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "common/identity/static_source.h"
#include "common/time/fake_clock.h"
#include "services/registry/departure/eviction_scan.h"
#include "services/registry/departure/expiry_reaper.h"
#include "services/registry/sequencer/command_queue.h"
#include "services/registry/sequencer/committer.h"
#include "services/registry/watch/testing/watch_world.h"
#include "tests/simulation/observed_store.h"

namespace omninode::registry::simulation {

// One life of the registry, from reading the store to its end: the rooms of the service around a
// Committer that somebody else drives. What waits at its end is never answered.
class Instance final : public CommandSink, public SnapshotSource {
 public:
  static constexpr std::size_t kControlCapacity = 256;
  static constexpr std::size_t kDataCapacity = 12;

  struct Deps {
    const FakeClock& clock;
    identity::StaticTrustSource& trust;
    ObservedStore& store;
    std::uint64_t keep_groups = 0;
    // See GroupCommit; false ends this life.
    std::function<bool()> wait;
    std::function<void(const absl::Status&)> on_store_status;
    // Added to the time by which leases are judged: zero, unless that is the defect.
    absl::Duration reaper_ahead;
    // Commands are carried out whether they are still wanted or not: false, likewise.
    bool remove_though_renewed = false;
  };

  static absl::StatusOr<std::unique_ptr<Instance>> Start(Deps deps);

  void Submit(std::vector<Submission> batch, Urgency urgency) override;
  absl::StatusOr<NamespaceSnapshot> TakeSnapshot(const NamespaceName& ns) const override {
    return table_.TakeSnapshot(ns);
  }
  absl::Duration Age(const NamespaceName&, MonotonicTime) const override {
    return absl::ZeroDuration();
  }

  // What the other threads of the service do.
  void TickDepartures();
  void TickWatches();
  // One turn of the sequencer with at most `max_group` commands; false when there was nothing.
  bool Turn(std::size_t max_group);

  bool deposed() const { return committer_.deposed(); }
  const TopologyState& state() const { return table_.StateForWriter(); }
  LeaseTable& leases() { return leases_; }
  WatchHub& watch() { return watch_; }
  const testing::FakeEncoder& encoder() const { return encoder_; }
  const std::set<NamespaceName>& braking() const { return braking_; }

 private:
  Instance(Deps deps, const Ownership& ownership, TopologyState state,
           std::vector<LoggedVersion> log);

  const Deps deps_;
  TopologyTable table_;
  LeaseTable leases_;
  testing::FakeEncoder encoder_;
  WatchHub watch_;
  CommandQueue queue_;
  Committer committer_;
  ExpiryReaper reaper_;
  EvictionScan eviction_;
  std::vector<Submission> deferred_;
  std::set<NamespaceName> braking_;
  std::uint64_t trust_seen_ = 0;
  MonotonicTime eviction_due_;
};

}  // namespace omninode::registry::simulation

#endif  // OMNINODE_TESTS_SIMULATION_INSTANCE_H_
