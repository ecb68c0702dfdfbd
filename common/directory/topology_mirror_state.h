#ifndef OMNINODE_COMMON_DIRECTORY_TOPOLOGY_MIRROR_STATE_H_
#define OMNINODE_COMMON_DIRECTORY_TOPOLOGY_MIRROR_STATE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include <absl/status/status.h>

#include "common/base/names.h"
#include "common/directory/position.h"
#include "common/directory/set_hash.h"
#include "common/directory/topology_change.h"

namespace omninode::directory {

// The consumer's side of one topology stream: applies snapshots and diffs, and proves while doing
// so that positions rise (G1), nothing comes twice (G2) or is left out (G3), and that the result is
// what the registry has (G7). Pure state, not thread-safe.
//
// Errors. A message that fails changes no node:
//   OUT_OF_RANGE         it does not continue from position() (gap, repetition, other incarnation):
//                        open a new stream that resumes from position();
//   DATA_LOSS            its content contradicts what was delivered, or the hash differs; synced()
//                        is false now: open a new stream with a snapshot;
//   RESOURCE_EXHAUSTED   more than max_nodes; synced() is false now;
//   FAILED_PRECONDITION  a message of this kind cannot come now.
// Until a snapshot is complete the nodes stay what they were: old ones are better than none.
class MirrorState final {
 public:
  using NodeMap = std::map<NodeId, NodeViewPtr>;

  struct Options {
    NamespaceName ns;
    std::size_t max_nodes = 1'000'000;
  };

  explicit MirrorState(Options options) : options_(std::move(options)) {}

  // A snapshot follows: the stream was opened with one, or the registry said Resync. What arrived
  // of an earlier, unfinished one is dropped.
  void BeginSnapshot();
  absl::Status AddSnapshotChunk(std::span<const NodeViewPtr> nodes);
  // `hash` is absent on filtered streams. The position may lie below the last one: a resync may
  // come from an instance that is behind.
  absl::Status EndSnapshot(Position position, const std::optional<SetHash>& hash);

  absl::Status ApplyDiff(std::uint64_t previous_version, const TopologyDiff& diff);
  // Nothing but what was delivered happened up to `position`, which may be the current one.
  absl::Status ApplyBookmark(std::uint64_t previous_version, Position position,
                             const std::optional<SetHash>& hash);

  // Whether nodes() is the state at position() and diffs can be applied.
  bool synced() const { return synced_; }
  // nullopt before the first snapshot.
  const std::optional<Position>& position() const { return position_; }
  const NodeMap& nodes() const { return current_.nodes; }
  const SetHash& hash() const { return current_.hash; }

 private:
  struct Contents {
    NodeMap nodes;
    SetHash hash;
  };

  absl::Status CheckContinues(std::uint64_t previous_version, Position position,
                              bool may_stand_still) const;
  absl::Status CheckNode(const NodeView& node, std::uint64_t max_version) const;
  absl::Status CheckChange(const TopologyChange& change, const TopologyDiff& diff) const;
  absl::Status CheckDiff(const TopologyDiff& diff) const;
  absl::Status StageNode(const NodeViewPtr& node);
  void ApplyChange(const TopologyChange& change);

  Options options_;
  bool synced_ = false;
  std::optional<Position> position_;
  Contents current_;
  std::optional<Contents> staged_;  // the snapshot under way
};

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_TOPOLOGY_MIRROR_STATE_H_
