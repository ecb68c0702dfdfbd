#ifndef OMNINODE_SERVICES_REGISTRY_SEQUENCER_TESTING_RIG_H_
#define OMNINODE_SERVICES_REGISTRY_SEQUENCER_TESTING_RIG_H_

#include <memory>
#include <string>
#include <vector>

#include "common/identity/static_source.h"
#include "common/time/fake_clock.h"
#include "services/registry/sequencer/committer.h"
#include "services/registry/sequencer/testing/memory_store.h"
#include "services/registry/topology/testing/commands.h"

namespace omninode::registry::testing {

// What a diff is on the wire does not matter to who only writes.
class PlainEncoder final : public DiffEncoder {
 public:
  EncodedDiffPtr Encode(const directory::TopologyDiff& diff, const DiffContext&) const override {
    return std::make_shared<const EncodedDiff>(EncodedDiff{diff.position.ToString()});
  }
};

class PlainSnapshots final : public SnapshotSource {
 public:
  explicit PlainSnapshots(const TopologyTable& table) : table_(table) {}
  absl::StatusOr<NamespaceSnapshot> TakeSnapshot(const NamespaceName& ns) const override {
    return table_.TakeSnapshot(ns);
  }
  absl::Duration Age(const NamespaceName&, MonotonicTime) const override {
    return absl::ZeroDuration();
  }

 private:
  const TopologyTable& table_;
};

// Everything a committer needs, on a time that tests move.
struct Rig {
  Committer::Deps deps(RegistryStore& on) {
    return {clock,
            trust,
            on,
            table,
            leases,
            watch,
            [this](const absl::Status& status) { on_store_status(status); },
            [this](const CommittedGroup& group) { on_commit(group); }};
  }
  Committer::Deps deps() { return deps(store); }

  FakeClock clock;
  identity::StaticTrustSource trust{Harness().trust};
  MemoryStore store;
  Ownership ownership =
      *store.Acquire("spiffe://example.org/service/registry/registry-1", absl::UnixEpoch());
  TopologyTable table{TopologyState()};
  LeaseTable leases;
  PlainEncoder encoder;
  PlainSnapshots snapshots{table};
  WatchHub watch{{encoder, snapshots, [] {}}};
  std::function<void(const absl::Status&)> on_store_status = [](const absl::Status&) {};
  std::function<void(const CommittedGroup&)> on_commit = [](const CommittedGroup&) {};
};

}  // namespace omninode::registry::testing

#endif  // OMNINODE_SERVICES_REGISTRY_SEQUENCER_TESTING_RIG_H_
