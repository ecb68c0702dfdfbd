#ifndef OMNINODE_COMMON_NODE_MIRROR_TRACKER_H_
#define OMNINODE_COMMON_NODE_MIRROR_TRACKER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <absl/status/status.h>

#include "common/base/names.h"
#include "common/directory/topology_mirror_state.h"
#include "common/node/topology_event.h"

namespace omninode::node {

// What a mirror saw. The second half are violations of what the stream promises; every one of them
// is zero for ever with a registry that keeps its word.
struct MirrorStats {
  std::uint64_t streams = 0;  // that were opened
  std::uint64_t messages = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t diffs = 0;
  std::uint64_t changes = 0;
  std::uint64_t bookmarks = 0;
  std::uint64_t resyncs = 0;
  std::uint64_t hashes_checked = 0;
  std::uint64_t evidence_checked = 0;

  std::uint64_t gaps = 0;             // something was left out
  std::uint64_t duplicates = 0;       // something came again
  std::uint64_t hash_mismatches = 0;  // at a snapshot's end or at a bookmark
  std::uint64_t contradictions = 0;   // unreadable, out of order, or not what can follow
  std::uint64_t evidence_failures = 0;

  std::uint64_t violations() const {
    return gaps + duplicates + hash_mismatches + contradictions + evidence_failures;
  }
  friend bool operator==(const MirrorStats&, const MirrorStats&) = default;
};

// Where a consumer of the topology stream stands over all its streams, and where the next one has
// to begin. Pure, not thread-safe.
class MirrorTracker final {
 public:
  struct Options {
    NamespaceName ns;
    std::size_t max_nodes = 1'000'000;
    // The position that an earlier stream with the same filter delivered, if there was one. Without
    // the nodes at it only changes are followed, and nothing is mirrored before a resync.
    std::optional<directory::Position> resume;
    std::vector<directory::NodeViewPtr> nodes;
  };

  // DATA_LOSS or RESOURCE_EXHAUSTED when the nodes are not those of the position or too many.
  static absl::StatusOr<MirrorTracker> Create(const Options& options);

  // Where the next stream begins; nullopt: with a snapshot.
  std::optional<directory::Position> resume() const;
  // Begins a stream that was asked to start at resume().
  void StreamOpened();

  // Applies one message. After an error, which is a violation by the registry, nothing was changed,
  // and a new stream must be opened: it counts which promise was broken.
  absl::Status Apply(const TopologyEvent& event);
  // A message that could not be read, and the evidence of a change.
  void CountUnreadable() { ++stats_.contradictions; }
  void CountEvidence(bool good);

  // Up to where everything was delivered; nullopt before the first snapshot.
  std::optional<directory::Position> position() const;
  // Whether nodes() is the topology at position().
  bool synced() const { return state_.synced(); }
  const directory::MirrorState::NodeMap& nodes() const { return state_.nodes(); }
  const MirrorStats& stats() const { return stats_; }

 private:
  explicit MirrorTracker(const Options& options);

  absl::Status ApplyOne(const SnapshotChunk& chunk);
  absl::Status ApplyOne(const SnapshotEnd& end);
  absl::Status ApplyOne(const TopologyStep& step, std::uint64_t previous_version);
  absl::Status ApplyOne(const Bookmark& bookmark, std::uint64_t previous_version);
  // Of a message that moves the stream.
  absl::Status CheckContinues(std::uint64_t previous_version, directory::Position position,
                              bool may_stand_still);

  directory::MirrorState state_;
  // While only changes are followed: the position, for which there are no nodes.
  std::optional<directory::Position> bare_;
  // The stream did not continue from our position; a second time without progress in between, the
  // position itself must be wrong.
  int refused_resumes_ = 0;
  MirrorStats stats_;
};

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_MIRROR_TRACKER_H_
