#include "tests/simulation/observed_store.h"

#include <utility>

#include "common/base/status.h"

namespace omninode::registry::simulation {

absl::StatusOr<Ownership> ObservedStore::Acquire(std::string_view holder, absl::Time now) {
  return memory_.Acquire(holder, now);
}

absl::StatusOr<TopologyState> ObservedStore::Load() {
  OMNI_ASSIGN_OR_RETURN(TopologyState state, memory_.Load());
  if (!forget_tombstones_) return state;
  TopologyState forgetful;
  for (const auto& [name, kept] : state.namespaces()) {
    NamespaceState& made = forgetful.Restore(kept.info());
    made.RestoreVersion(kept.position().version);
    for (const NodePtr& node : kept.nodes().TakeSnapshot().Sorted()) made.RestoreNode(node);
  }
  return forgetful;
}

absl::StatusOr<std::vector<LoggedVersion>> ObservedStore::ReadLog(std::size_t max_versions) {
  return memory_.ReadLog(max_versions);
}

CommitResult ObservedStore::Commit(std::uint64_t term, std::uint64_t seq,
                                   std::span<const ChangeRecord> records) {
  const std::uint64_t before = memory_.seq();
  CommitResult result = memory_.Commit(term, seq, records);
  const bool written = memory_.seq() != before;
  if (written) observer_.on_written(records);
  observer_.during_commit();
  observer_.on_outcome(result.outcome, written);
  return result;
}

absl::StatusOr<std::size_t> ObservedStore::Compact(std::uint64_t seq, std::size_t max_groups) {
  return memory_.Compact(seq, max_groups);
}

}  // namespace omninode::registry::simulation
