#ifndef OMNINODE_TESTS_SIMULATION_OBSERVED_STORE_H_
#define OMNINODE_TESTS_SIMULATION_OBSERVED_STORE_H_

#include <functional>

#include "services/registry/sequencer/testing/memory_store.h"

namespace omninode::registry::simulation {

// The store that outlives every instance of the simulated registry. Tells an observer what is
// written, and can break the connection right after a commit. One thread.
class ObservedStore final : public RegistryStore {
 public:
  using Observer = std::function<void(std::span<const ChangeRecord>)>;

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
  void BreakAfterNextCommit(bool will_break) { break_after_commit_ = will_break; }
  // A defect: what has left is not remembered by those who load the state.
  void ForgetTombstones() { forget_tombstones_ = true; }

 private:
  testing::MemoryStore memory_;
  const Observer observer_;
  bool break_after_commit_ = false;
  bool forget_tombstones_ = false;
};

}  // namespace omninode::registry::simulation

#endif  // OMNINODE_TESTS_SIMULATION_OBSERVED_STORE_H_
