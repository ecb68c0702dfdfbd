#include "common/node/mirror_tracker.h"

#include <utility>

#include "common/base/status.h"

namespace omninode::node {

using directory::Position;

MirrorTracker::MirrorTracker(const Options& options)
    : state_({.ns = options.ns, .max_nodes = options.max_nodes}) {}

absl::StatusOr<MirrorTracker> MirrorTracker::Create(const Options& options) {
  MirrorTracker tracker(options);
  if (!options.resume.has_value()) return tracker;
  if (options.nodes.empty() && options.resume->version != 0) {
    tracker.bare_ = options.resume;
    return tracker;
  }
  tracker.state_.BeginSnapshot();
  OMNI_RETURN_IF_ERROR(tracker.state_.AddSnapshotChunk(options.nodes));
  OMNI_RETURN_IF_ERROR(tracker.state_.EndSnapshot(*options.resume, std::nullopt));
  return tracker;
}

std::optional<Position> MirrorTracker::position() const {
  return bare_.has_value() ? bare_ : state_.position();
}

std::optional<Position> MirrorTracker::resume() const {
  if (refused_resumes_ > 1) return std::nullopt;
  if (bare_.has_value()) return bare_;
  return state_.synced() ? state_.position() : std::nullopt;
}

void MirrorTracker::StreamOpened() {
  ++stats_.streams;
  if (!resume().has_value()) state_.BeginSnapshot();
}

void MirrorTracker::CountEvidence(bool good) {
  ++stats_.evidence_checked;
  if (!good) ++stats_.evidence_failures;
}

absl::Status MirrorTracker::Apply(const TopologyEvent& event) {
  ++stats_.messages;
  struct Visitor {
    MirrorTracker& self;
    std::uint64_t previous;
    absl::Status operator()(const WatchStarted&) const { return absl::OkStatus(); }
    absl::Status operator()(const SnapshotChunk& chunk) const { return self.ApplyOne(chunk); }
    absl::Status operator()(const SnapshotEnd& end) const { return self.ApplyOne(end); }
    absl::Status operator()(const TopologyStep& s) const { return self.ApplyOne(s, previous); }
    absl::Status operator()(const Bookmark& b) const { return self.ApplyOne(b, previous); }
    absl::Status operator()(const Resync&) const {
      ++self.stats_.resyncs;
      self.state_.BeginSnapshot();
      return absl::OkStatus();
    }
    absl::Status operator()(const Draining&) const { return absl::OkStatus(); }
  };
  return std::visit(Visitor{*this, event.previous_version}, event.what);
}

absl::Status MirrorTracker::ApplyOne(const SnapshotChunk& chunk) {
  std::vector<directory::NodeViewPtr> nodes;
  nodes.reserve(chunk.nodes.size());
  for (const NodeRecord& record : chunk.nodes) nodes.push_back(record.view);
  const absl::Status status = state_.AddSnapshotChunk(nodes);
  if (!status.ok() && !absl::IsResourceExhausted(status)) ++stats_.contradictions;
  return status;
}

absl::Status MirrorTracker::ApplyOne(const SnapshotEnd& end) {
  const absl::Status status = state_.EndSnapshot(end.position, end.hash);
  if (!status.ok()) {
    ++(absl::IsDataLoss(status) && end.hash.has_value() ? stats_.hash_mismatches
                                                        : stats_.contradictions);
    return status;
  }
  ++stats_.snapshots;
  if (end.hash.has_value()) ++stats_.hashes_checked;
  bare_.reset();
  refused_resumes_ = 0;
  return status;
}

absl::Status MirrorTracker::ApplyOne(const TopologyStep& step, std::uint64_t previous_version) {
  OMNI_RETURN_IF_ERROR(CheckContinues(previous_version, step.diff.position, false));
  if (bare_.has_value()) {
    bare_ = step.diff.position;
  } else if (absl::Status status = state_.ApplyDiff(previous_version, step.diff); !status.ok()) {
    if (!absl::IsResourceExhausted(status)) ++stats_.contradictions;
    return status;
  }
  ++stats_.diffs;
  stats_.changes += step.diff.changes.size();
  refused_resumes_ = 0;
  return absl::OkStatus();
}

absl::Status MirrorTracker::ApplyOne(const Bookmark& bookmark, std::uint64_t previous_version) {
  OMNI_RETURN_IF_ERROR(CheckContinues(previous_version, bookmark.position, true));
  if (bare_.has_value()) {
    bare_ = bookmark.position;
  } else if (absl::Status status =
                 state_.ApplyBookmark(previous_version, bookmark.position, bookmark.hash);
             !status.ok()) {
    ++(absl::IsDataLoss(status) ? stats_.hash_mismatches : stats_.contradictions);
    return status;
  } else if (bookmark.hash.has_value()) {
    ++stats_.hashes_checked;
  }
  ++stats_.bookmarks;
  refused_resumes_ = 0;
  return absl::OkStatus();
}

absl::Status MirrorTracker::CheckContinues(std::uint64_t previous_version, Position position,
                                           bool may_stand_still) {
  const std::optional<Position> mine = resume();
  if (!mine.has_value()) {
    ++stats_.contradictions;
    return Error(absl::StatusCode::kFailedPrecondition, "{} before a complete snapshot",
                 position.ToString());
  }
  const bool rises =
      position.version > mine->version || (may_stand_still && position.version == mine->version);
  if (position.incarnation == mine->incarnation && previous_version == mine->version && rises) {
    return absl::OkStatus();
  }
  const bool again =
      position.incarnation == mine->incarnation && (previous_version < mine->version || !rises);
  ++(again ? stats_.duplicates : stats_.gaps);
  ++refused_resumes_;
  return Error(absl::StatusCode::kOutOfRange, "{} after version {} does not continue {}",
               position.ToString(), previous_version, mine->ToString());
}

}  // namespace omninode::node
