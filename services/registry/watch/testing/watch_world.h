#ifndef OMNINODE_SERVICES_REGISTRY_WATCH_TESTING_WATCH_WORLD_H_
#define OMNINODE_SERVICES_REGISTRY_WATCH_TESTING_WATCH_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/status.h>

#include "common/base/mutex.h"
#include "common/directory/topology_mirror_state.h"
#include "services/registry/topology/testing/commands.h"
#include "services/registry/watch/watch_hub.h"

namespace omninode::registry::testing {

NamespaceName Tenant();  // the namespace of NodeSpec
WatchScope ScopeOf(const directory::WatchFilter::Fields& fields, bool with_evidence = false);
WatchScope ZoneScope(const std::string& zone);
// {id, capability, zone}, with a sequence that always rises.
NodeSpec Spec(const std::string& id, const std::string& capability = "1",
              const std::string& zone = {});

// Registers with evidence so large that the ring holds kLargeVersions of them.
inline constexpr std::size_t kLargeVersions = 5;
RegisterCommand LargeRegistration(const NodeSpec& spec);

// "+added ~updated -removed", by id, separated by blanks; "" when nothing changed.
std::string TextOf(const directory::TopologyDiff& diff);

// Keeps each diff beside the bytes it hands out. Thread-safe.
class FakeEncoder final : public DiffEncoder {
 public:
  struct Made {
    directory::TopologyDiff diff;
    std::uint64_t nodes = 0;
    bool with_evidence = false;
    std::vector<NodePtr> after;
  };

  EncodedDiffPtr Encode(const directory::TopologyDiff& diff,
                        const DiffContext& context) const override;
  Made Decode(const EncodedDiff& encoded) const;
  std::size_t encodes() const;

  std::size_t padding = 0;  // bytes added to every message

 private:
  mutable Mutex mutex_;
  mutable std::vector<Made> made_ ABSL_GUARDED_BY(mutex_);
};

// A registry's topology with a hub over it, on a time that tests move. One thread.
class World final : public SnapshotSource {
 public:
  explicit World(WatchLimits limits = {});

  absl::StatusOr<NamespaceSnapshot> TakeSnapshot(const NamespaceName& ns) const override;
  absl::Duration Age(const NamespaceName& ns, MonotonicTime now) const override;

  // One version of the namespace: commits, applies, publishes and ticks.
  void Commit(std::vector<Command> commands);
  void Register(const NodeSpec& spec);
  void Remove(const std::string& id);
  // Commits without publishing; Publish hands over what is left.
  void CommitOnly(std::vector<Command> commands);
  void Publish();
  // Ticks until nothing is due.
  void Pump();
  void Advance(absl::Duration by);

  const NamespaceState& state() const;
  directory::Position head() const { return state().position(); }
  directory::SetHash HashOf(const directory::WatchFilter& filter) const;

  Harness harness;
  FakeEncoder encoder;
  WatchHub hub;
  MonotonicTime now = MonotonicTime::SinceBoot(absl::Hours(1));
  MonotonicTime next_tick = MonotonicTime::InfiniteFuture();
  int wakes = 0;

 private:
  std::size_t published_ = 0;
};

// A client with its mirror. Reads only when told to.
class Consumer final {
 public:
  Consumer(World& world, WatchRequest request);

  // Asks the cursor once, if it may have something, and takes what it sends. False: it waits.
  bool ReadOne();
  // Reads until the cursor waits or cuts.
  void Read();
  // What was read since the last call, a line each, as "diff 3->5 +w1 ~w2".
  std::vector<std::string> TakeLog();
  // Ends the stream and opens another that resumes where the mirror stands.
  void Reconnect();
  void Disconnect() { cursor_.reset(); }

  directory::MirrorState mirror;
  absl::Status error;  // the first complaint of the mirror
  absl::Status cut;    // why the stream ended, if it did
  int resyncs = 0;
  MonotonicTime wait_until;  // of the last Wait
  WatchRequest request;
  WatchCursor* cursor() { return cursor_.get(); }
  int notified() const { return wake_->notified; }

 private:
  void Open();
  void Take(const WatchSend& send);
  void Check(const absl::Status& status);

  World& world_;
  std::unique_ptr<WatchCursor> cursor_;
  struct Wake {
    int notified = 0;
    bool asleep = false;  // waits and was not notified
  };
  std::shared_ptr<Wake> wake_ = std::make_shared<Wake>();
  std::vector<std::string> log_;
};

}  // namespace omninode::registry::testing

#endif  // OMNINODE_SERVICES_REGISTRY_WATCH_TESTING_WATCH_WORLD_H_
