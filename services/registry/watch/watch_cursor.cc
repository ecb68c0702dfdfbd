#include "services/registry/watch/watch_cursor.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/base/reason.h"
#include "services/registry/watch/size_estimate.h"

namespace omninode::registry {

WatchCursor::WatchCursor(std::string watch_id, const WatchRequest& request, Deps deps)
    : watch_id_(std::move(watch_id)),
      name_(request.watcher_name),
      bookmark_interval_(request.bookmark_interval),
      deps_(std::move(deps)),
      resumes_(request.resume.has_value()) {
  if (!request.resume.has_value()) return;
  reached_ = *request.resume;
  told_ = reached_.version;
}

WatchCursor::~WatchCursor() {
  DropSnapshot();
  deps_.feed->Leave(*deps_.member);
}

WatchStep WatchCursor::Next(MonotonicTime now) {
  if (std::exchange(waiting_, false)) deps_.feed->StopWaiting(*deps_.member);
  if (phase_ == Phase::kBegin) return Begin(now);
  if (!drain_told_ && deps_.feed->draining()) {
    drain_told_ = true;
    return Send(WatchDraining{}, now);
  }
  while (true) {
    if (phase_ == Phase::kSnapshotDue) {
      if (auto cut = StartSnapshot()) return *std::move(cut);
    }
    if (phase_ == Phase::kSnapshot) return ReadSnapshot(now);
    if (auto step = Follow(now)) return *std::move(step);
  }
}

WatchStep WatchCursor::Begin(MonotonicTime now) {
  phase_ = resumes_ ? Phase::kResume : Phase::kSnapshotDue;
  ahead_deadline_ = now + kMaxAheadWait;
  return Send(WatchBegan{watch_id_, deps_.feed->head()}, now);
}

std::optional<WatchStep> WatchCursor::StartSnapshot() {
  const auto snapshot = deps_.feed->BeginSnapshot(deps_.snapshots);
  if (!snapshot.ok()) return WatchCut{snapshot.status()};
  // Weak from here on: the feed may drop it when nobody can follow from it any more.
  snapshot_ = *snapshot;
  snapshot_offset_ = 0;
  phase_ = Phase::kSnapshot;
  return std::nullopt;
}

WatchStep WatchCursor::ReadSnapshot(MonotonicTime now) {
  const SharedSnapshotPtr snapshot = snapshot_.lock();
  if (snapshot == nullptr) return TooLate(now);
  const WatchScope& scope = deps_.member->cohort->scope();
  WatchSnapshotChunk chunk;
  std::size_t bytes = 0;
  for (; snapshot_offset_ < snapshot->nodes.size(); ++snapshot_offset_) {
    const NodePtr& node = snapshot->nodes[snapshot_offset_];
    if (!scope.filter.Matches(*node->view)) continue;
    bytes += ApproximateMessageBytes(*node, scope.with_evidence);
    const bool full = chunk.nodes.size() >= kMaxChunkNodes || bytes > kMaxChunkBytes;
    if (full && !chunk.nodes.empty()) break;
    chunk.nodes.push_back(node);
  }
  if (!chunk.nodes.empty()) return Send(std::move(chunk), now);

  WatchSnapshotEnd end{.position = snapshot->position, .hash = std::nullopt};
  if (scope.filter.is_unrestricted()) end.hash = snapshot->hash;
  DropSnapshot();
  reached_ = end.position;
  phase_ = Phase::kLive;
  return SendMoving(std::move(end), now);
}

std::optional<WatchStep> WatchCursor::Follow(MonotonicTime now) {
  const Pulled pulled = deps_.feed->Pull(*deps_.member, reached_);
  if (std::holds_alternative<FeedOtherIncarnation>(pulled.next)) {
    return Resync(ResyncReason::kIncarnation, now);
  }
  if (std::holds_alternative<FeedCompacted>(pulled.next)) return TooLate(now);
  if (std::holds_alternative<FeedAhead>(pulled.next)) return WaitAhead(now);
  phase_ = Phase::kLive;
  reached_ = pulled.reached;
  if (const auto* message = std::get_if<FeedMessage>(&pulled.next)) {
    reached_ = message->position;
    return SendMoving(WatchDiff{message->position, message->encoded}, now);
  }
  if (const auto* entries = std::get_if<FeedEntries>(&pulled.next)) {
    return SendEntries(*entries, now);
  }
  return Idle(now);
}

std::optional<WatchStep> WatchCursor::SendEntries(const FeedEntries& entries, MonotonicTime now) {
  const auto built = BuildDiff(deps_.member->cohort->scope(), entries.entries, deps_.encoder);
  // After a restart the ring does not say what a filter needs to know; the state does.
  if (!built.ok()) return Resync(ResyncReason::kCompacted, now);
  reached_ = built->position;
  if (built->encoded == nullptr) return std::nullopt;
  return SendMoving(WatchDiff{built->position, built->encoded}, now);
}

// Nothing to show: a bookmark when one is due, else wait.
std::optional<WatchStep> WatchCursor::Idle(MonotonicTime now) {
  const bool moved = reached_.version > told_;
  const absl::Duration quiet =
      moved ? std::min(Cohort::kMaxPositionLag, bookmark_interval_) : bookmark_interval_;
  const MonotonicTime due = last_sent_ + quiet;
  if (now < due) return WaitUntil(due);
  WatchBookmark bookmark{.position = reached_,
                         .hash = std::nullopt,
                         .age = deps_.snapshots.Age(deps_.feed->ns(), now)};
  if (deps_.member->cohort->scope().filter.is_unrestricted()) {
    bookmark.hash = deps_.feed->HashAt(reached_);
  }
  return SendMoving(std::move(bookmark), now);
}

std::optional<WatchStep> WatchCursor::WaitAhead(MonotonicTime now) {
  // A snapshot may be a moment ahead of the feed, which is about to be told. A client's position
  // may be ahead for ever.
  if (phase_ == Phase::kLive) return WaitUntil(now + kMaxAheadWait);
  if (now >= ahead_deadline_) return Resync(ResyncReason::kAhead, now);
  return WaitUntil(ahead_deadline_);
}

std::optional<WatchStep> WatchCursor::WaitUntil(MonotonicTime until) {
  waiting_ = deps_.feed->Wait(*deps_.member, reached_, until);
  if (!waiting_) return std::nullopt;
  return WatchWait{until};
}

WatchStep WatchCursor::TooLate(MonotonicTime now) {
  if (phase_ == Phase::kResume) return Resync(ResyncReason::kCompacted, now);
  while (!slow_resyncs_.empty() && slow_resyncs_.front() + kSlowWindow <= now) {
    slow_resyncs_.pop_front();
  }
  if (slow_resyncs_.size() >= kMaxSlowResyncs) {
    return WatchCut{Reject(Reason::kWatchSlow, "fell behind {} times within {} s",
                           slow_resyncs_.size() + 1, absl::ToInt64Seconds(kSlowWindow))};
  }
  slow_resyncs_.push_back(now);
  return Resync(ResyncReason::kSlow, now);
}

WatchStep WatchCursor::Resync(ResyncReason reason, MonotonicTime now) {
  deps_.feed->CountResync(reason);
  DropSnapshot();
  phase_ = Phase::kSnapshotDue;
  return Send(WatchResync{reason, deps_.feed->head()}, now);
}

WatchStep WatchCursor::SendMoving(WatchItem item, MonotonicTime now) {
  WatchStep step = Send(std::move(item), now);
  told_ = reached_.version;
  return step;
}

WatchStep WatchCursor::Send(WatchItem item, MonotonicTime now) {
  last_sent_ = now;
  return WatchSend{.previous_version = told_, .item = std::move(item)};
}

void WatchCursor::DropSnapshot() {
  if (const SharedSnapshotPtr snapshot = snapshot_.lock()) deps_.feed->EndSnapshot(snapshot.get());
  snapshot_.reset();
}

}  // namespace omninode::registry
