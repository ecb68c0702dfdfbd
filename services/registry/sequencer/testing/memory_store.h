#ifndef OMNINODE_SERVICES_REGISTRY_SEQUENCER_TESTING_MEMORY_STORE_H_
#define OMNINODE_SERVICES_REGISTRY_SEQUENCER_TESTING_MEMORY_STORE_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "services/registry/store/registry_store.h"

namespace omninode::registry::testing {

// How one commit goes wrong.
enum class CommitFault {
  kNone,
  kFailed,            // nothing is written
  kUnknownCommitted,  // written, but nobody is told
  kUnknownLost,       // not written, and nobody is told
};

// A store in memory that loses nothing it has written, and has the faults it is told to have. State
// and log are made of the committed records alone, as after a restart. Thread-safe.
class MemoryStore final : public RegistryStore {
 public:
  absl::StatusOr<Ownership> Acquire(std::string_view holder, absl::Time now) override;
  absl::StatusOr<TopologyState> Load() override;
  absl::StatusOr<std::vector<LoggedVersion>> ReadLog(std::size_t max_versions) override;
  CommitResult Commit(std::uint64_t term, std::uint64_t seq,
                      std::span<const ChangeRecord> records) override;
  absl::StatusOr<std::uint64_t> Head() override;
  absl::StatusOr<std::size_t> Compact(std::uint64_t seq, std::size_t max_groups) override;
  absl::Status Check() override;

  // Faults of the next commits, in order; afterwards there are none.
  void Script(std::vector<CommitFault> faults);
  // Until it is set to OK everything fails with this.
  void SetAway(absl::Status away);
  // After its next commit the store is away.
  void BreakAfterNextCommit();
  // Makes the last written group undone, as no store may.
  void LoseLastGroup();

  std::uint64_t seq() const;
  std::uint64_t compacted() const;

 private:
  struct Group {
    std::uint64_t seq = 0;
    std::vector<ChangeRecord> records;
  };

  mutable Mutex mutex_;
  std::uint64_t term_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Group> groups_ ABSL_GUARDED_BY(mutex_);
  std::deque<CommitFault> script_ ABSL_GUARDED_BY(mutex_);
  absl::Status away_ ABSL_GUARDED_BY(mutex_);
  bool break_after_commit_ ABSL_GUARDED_BY(mutex_) = false;
  std::uint64_t compacted_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace omninode::registry::testing

#endif  // OMNINODE_SERVICES_REGISTRY_SEQUENCER_TESTING_MEMORY_STORE_H_
