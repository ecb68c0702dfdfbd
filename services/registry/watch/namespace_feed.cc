#include "services/registry/watch/namespace_feed.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::registry {
namespace {

absl::Status Full(std::string_view what, std::size_t limit, const NamespaceName& ns) {
  return WithRetryAfter(Reject(Reason::kLoadShed, "namespace {} has {} {} on this instance already",
                               ns.value(), limit, what),
                        absl::Seconds(10));
}

}  // namespace

NamespaceFeed::NamespaceFeed(NamespaceName ns, DiffRing ring, FeedLimits limits,
                             RequestTick request_tick)
    : ns_(std::move(ns)),
      limits_(limits),
      request_tick_(std::move(request_tick)),
      ring_(std::move(ring)) {}

void NamespaceFeed::Publish(AppliedRecord applied) {
  const directory::Position to = applied.diff.position;
  const directory::Position from = {to.incarnation, applied.previous_version};
  RingEntryPtr entry = from == to ? nullptr : MakeRingEntry(std::move(applied));
  MonotonicTime due;
  {
    MutexLock lock(mutex_);
    if (to <= ring_.head()) return;
    if (from != ring_.head()) RestartAt(from);
    if (entry != nullptr) ring_.Append(std::move(entry));
    due = CohortsDueAt();
  }
  request_tick_(*this, due);
}

void NamespaceFeed::RestartAt(directory::Position position) {
  ring_ = DiffRing(position);
  for (const auto& [key, cohort] : cohorts_) cohort->Restart(position);
  wake_all_ = true;
}

void NamespaceFeed::Drain() {
  draining_.store(true, std::memory_order_relaxed);
  {
    MutexLock lock(mutex_);
    wake_all_ = true;
  }
  request_tick_(*this, MonotonicTime());
}

MonotonicTime NamespaceFeed::CohortsDueAt() const {
  if (wake_all_) return MonotonicTime();
  MonotonicTime due = MonotonicTime::InfiniteFuture();
  for (const auto& [key, cohort] : cohorts_) {
    due = std::min({due, cohort->DueAt(ring_), cohort->NudgeAt()});
  }
  return due;
}

MonotonicTime NamespaceFeed::Tick(MonotonicTime now, const DiffEncoder& encoder) {
  Work work = TakeWork(now);
  for (Job& job : work.jobs) Make(job, encoder);
  MonotonicTime next;
  {
    MutexLock lock(mutex_);
    for (Job& job : work.jobs) Deliver(job, now, work);
    for (const auto& [key, cohort] : cohorts_) {
      if (cohort->NudgeAt() <= now) cohort->WakeAll(now, work.notifiers);
    }
    next = std::min(CohortsDueAt(), timers_.Earliest());
  }
  for (const WatchNotifierPtr& notify : work.notifiers) (*notify)();
  return next;
}

NamespaceFeed::Work NamespaceFeed::TakeWork(MonotonicTime now) {
  Work work;
  MutexLock lock(mutex_);
  if (std::exchange(wake_all_, false)) WakeAllCohorts(now, work);
  for (WatchMember* member : timers_.TakeDue(now)) {
    if (!member->waiting) continue;
    member->cohort->StopWaiting(*member);
    work.notifiers.push_back(member->notify);
  }
  for (const auto& [key, cohort] : cohorts_) {
    if (cohort->emitted() < ring_.base()) {
      // Nobody waited for so long that the ring has moved on.
      cohort->Restart(ring_.head());
      cohort->WakeAll(now, work.notifiers);
    }
    if (cohort->DueAt(ring_) > now) continue;
    work.jobs.push_back({.cohort = cohort,
                         .from = cohort->emitted(),
                         .pending = cohort->Pending(ring_),
                         .items = {}});
  }
  work.dropped = shelf_.TakeOlderThan(ring_.base());
  return work;
}

void NamespaceFeed::WakeAllCohorts(MonotonicTime now, Work& work) {
  for (const auto& [key, cohort] : cohorts_) cohort->WakeAll(now, work.notifiers);
}

void NamespaceFeed::Make(Job& job, const DiffEncoder& encoder) {
  std::uint64_t from = job.from.version;
  for (const std::vector<RingEntryPtr>& entries : job.pending) {
    const auto built = BuildDiff(job.cohort->scope(), entries, encoder);
    if (!built.ok()) {
      job.failed = true;
      return;
    }
    const std::uint64_t to = built->position.version;
    job.items.push_back({.from = from, .to = to, .encoded = built->encoded, .quiet = built->quiet});
    from = to;
  }
}

void NamespaceFeed::Deliver(Job& job, MonotonicTime now, Work& work) {
  Cohort& cohort = *job.cohort;
  if (cohort.emitted() != job.from) return;  // it was restarted meanwhile
  if (job.failed) {
    // Watchers meet the same versions themselves now, and begin again with a snapshot.
    cohort.Restart(job.pending.back().back()->diff.position);
    cohort.WakeAll(now, work.notifiers);
    return;
  }
  bool has_diff = false;
  for (CohortItem& item : job.items) has_diff |= cohort.Append(std::move(item), now);
  if (has_diff) cohort.WakeAll(now, work.notifiers);
}

NamespaceFeed::CohortKey NamespaceFeed::KeyOf(const WatchScope& scope, absl::Duration interval) {
  return {.filter = scope.filter.Key(), .interval = interval, .with_evidence = scope.with_evidence};
}

absl::StatusOr<std::shared_ptr<WatchMember>> NamespaceFeed::Join(const WatchScope& scope,
                                                                 absl::Duration interval,
                                                                 WatchNotifier notify) {
  auto member = std::make_shared<WatchMember>();
  member->notify = std::make_shared<const WatchNotifier>(std::move(notify));
  MutexLock lock(mutex_);
  if (watchers_ >= limits_.watchers) return Full("watchers", limits_.watchers, ns_);
  const CohortKey key = KeyOf(scope, interval);
  auto cohort = cohorts_.find(key);
  if (cohort == cohorts_.end()) {
    if (cohorts_.size() >= limits_.cohorts) {
      return Full("kinds of watches (filter, interval, evidence)", limits_.cohorts, ns_);
    }
    auto made = std::make_shared<Cohort>(scope, interval, ring_.head());
    cohort = cohorts_.emplace(key, std::move(made)).first;
  }
  member->cohort = cohort->second;
  cohort->second->Join(*member);
  ++watchers_;
  return member;
}

void NamespaceFeed::Leave(WatchMember& member) {
  MutexLock lock(mutex_);
  timers_.Remove(&member);
  member.cohort->Leave(member);
  if (member.cohort->members() == 0) {
    cohorts_.erase(KeyOf(member.cohort->scope(), member.cohort->interval()));
  }
  --watchers_;
}

Pulled NamespaceFeed::Pull(const WatchMember& member, directory::Position from) const {
  MutexLock lock(mutex_);
  const Cohort& cohort = *member.cohort;
  const directory::Position head = ring_.head();
  if (from.incarnation < head.incarnation) return {from, FeedOtherIncarnation{}};
  if (from > head) return {from, FeedAhead{}};

  directory::Position at = from;
  const CohortItem* item = cohort.ItemAfter(at.version);
  while (item != nullptr && item->encoded == nullptr && (item->quiet || item->from == at.version)) {
    at.version = item->to;
    item = cohort.ItemAfter(at.version);
  }
  if (item != nullptr && item->from == at.version) {
    return {at, FeedMessage{{at.incarnation, item->to}, item->encoded}};
  }
  if (at < ring_.base()) return {at, FeedCompacted{}};
  if (item == nullptr && at >= cohort.emitted()) return {at, FeedUpToDate{}};
  // Within an item, or before the first: private entries up to the next boundary.
  const std::uint64_t to = item != nullptr ? item->to : cohort.first_version();
  return {at, FeedEntries{ring_.Slice(at.version, to, cohort.max_message_bytes())}};
}

bool NamespaceFeed::Wait(WatchMember& member, directory::Position reached, MonotonicTime until) {
  MonotonicTime due = until;
  {
    MutexLock lock(mutex_);
    Cohort& cohort = *member.cohort;
    if (reached.incarnation < ring_.head().incarnation) return false;
    if (reached < cohort.emitted()) return false;
    cohort.StartWaiting(member);
    timers_.Set(&member, until);
    due = std::min({due, cohort.DueAt(ring_), cohort.NudgeAt()});
  }
  request_tick_(*this, due);
  return true;
}

void NamespaceFeed::StopWaiting(WatchMember& member) {
  MutexLock lock(mutex_);
  member.cohort->StopWaiting(member);
}

absl::StatusOr<SharedSnapshotPtr> NamespaceFeed::BeginSnapshot(const SnapshotSource& source) {
  {
    MutexLock lock(mutex_);
    if (SharedSnapshotPtr shared = shelf_.Share(ring_.head(), ring_.middle())) return shared;
  }
  // Outside the lock: sorting many nodes takes a while.
  OMNI_ASSIGN_OR_RETURN(const NamespaceSnapshot taken, source.TakeSnapshot(ns_));
  SharedSnapshotPtr snapshot = MakeSharedSnapshot(taken);
  SharedSnapshotPtr dropped;
  MutexLock lock(mutex_);
  dropped = shelf_.Put(snapshot);
  return snapshot;
}

void NamespaceFeed::EndSnapshot(const SharedSnapshot* snapshot) {
  SharedSnapshotPtr last;
  MutexLock lock(mutex_);
  last = shelf_.Release(snapshot);
}

directory::Position NamespaceFeed::head() const {
  MutexLock lock(mutex_);
  return ring_.head();
}

std::optional<directory::SetHash> NamespaceFeed::HashAt(directory::Position position) const {
  MutexLock lock(mutex_);
  return ring_.HashAt(position);
}

void NamespaceFeed::CountResync(ResyncReason reason) {
  resyncs_[static_cast<std::size_t>(reason) - 1].fetch_add(1, std::memory_order_relaxed);
}

NamespaceFeed::Stats NamespaceFeed::stats() const {
  MutexLock lock(mutex_);
  Stats stats{.watchers = watchers_,
              .cohorts = cohorts_.size(),
              .ring_diffs = ring_.size(),
              .ring_bytes = ring_.bytes(),
              .item_bytes = 0,
              .snapshots = shelf_.size()};
  for (const auto& [key, cohort] : cohorts_) stats.item_bytes += cohort->item_bytes();
  for (std::size_t i = 0; i < kResyncReasons; ++i) stats.resyncs[i] = resyncs_[i].load();
  return stats;
}

}  // namespace omninode::registry
