#ifndef OMNINODE_COMMON_DIRECTORY_CHANGE_MERGE_H_
#define OMNINODE_COMMON_DIRECTORY_CHANGE_MERGE_H_

#include <cstdint>
#include <map>
#include <optional>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/directory/topology_change.h"

namespace omninode::directory {

// Merges consecutive diffs of one namespace into one that leads to the same topology:
//
//   first \ then   UPDATED                    REMOVED
//   ADDED          ADDED                      nothing
//   UPDATED        UPDATED (fields united)    REMOVED
//
//   REMOVED, then ADDED: UPDATED, with the fields that differ when the state before the removal was
//   seen here, else with all of them.
//
// The later change gives node, actor, decision and correlation id; the earlier one the previous
// version. Holds at most one change per node of the namespace. Not thread-safe.
class ChangeMerger final {
 public:
  // INTERNAL, and nothing is merged, when the diff is not the next one of the same history: its
  // position does not rise within the incarnation, or a change contradicts what is pending.
  absl::Status Add(const TopologyDiff& diff);

  // What was added since the last Take, as one diff at the last position and time; nullopt when
  // there was no diff. Its changes may be empty.
  std::optional<TopologyDiff> Take();

  bool empty() const { return !position_.has_value(); }

 private:
  struct Pending {
    TopologyChange change;
    // Of a REMOVED: the state before it and how that differed from what the consumer has, when an
    // update showed it.
    NodeViewPtr last_known;
    ChangedFields fields_until_removal;
  };

  absl::Status Check(const TopologyDiff& diff) const;
  void MergeOne(const TopologyChange& next);
  static void MergeIntoAdded(Pending& pending, const TopologyChange& next);
  static void MergeIntoUpdated(Pending& pending, const TopologyChange& next);
  static void MergeIntoRemoved(Pending& pending, const TopologyChange& next);

  std::optional<Position> position_;
  absl::Time timestamp_;
  std::map<NodeId, Pending> pending_;
};

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_CHANGE_MERGE_H_
