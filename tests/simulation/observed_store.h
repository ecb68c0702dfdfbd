#ifndef OMNINODE_TESTS_SIMULATION_OBSERVED_STORE_H_
#define OMNINODE_TESTS_SIMULATION_OBSERVED_STORE_H_

#include <functional>

#include "services/registry/sequencer/testing/memory_store.h"

namespace omninode::registry::simulation {

// The store that outlives every instance of the simulated registry. Tells an observer what is
// written and what each commit said. One thread.
class ObservedStore final : public RegistryStore {
 public:
  struct Observer {
    std::function<void(std::span<const ChangeRecord>)> on_written;
    // While a commit is under way: others go on meanwhile.
    std::function<void()> during_commit;
    // What a commit told, and whether it was written.
    std::function<void(CommitOutcome, bool written)> on_outcome;
  };

  explicit ObservedStore(Observer observer) : observer_(std::move(observer)) {}

  absl::StatusOr<Ownership> Acquire(std::string_view holder, absl::Time now) override;
  absl::StatusOr<TopologyState> Load() override;
  absl::StatusOr<std::vector<LoggedVersion>> ReadLog(std::size_t max_versions) override;
  CommitResult Commit(std::uint64_t term, std::uint64_t seq,
                      std::span<const ChangeRecord> records) override;
  absl::StatusOr<std::uint64_t> Head() override { return memory_.Head(); }
  absl::StatusOr<std::size_t> Compact(std::uint64_t seq, std::size_t max_groups) override;
  absl::Status Check() override { return memory_.Check(); }

  testing::MemoryStore& memory() { return memory_; }
  // A defect: what has left is not remembered by those who load the state.
  void ForgetTombstones() { forget_tombstones_ = true; }

 private:
  testing::MemoryStore memory_;
  const Observer observer_;
  bool forget_tombstones_ = false;
};

}  // namespace omninode::registry::simulation

#endif  // OMNINODE_TESTS_SIMULATION_OBSERVED_STORE_H_
