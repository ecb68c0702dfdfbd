#include "services/registry/watch/watch_hub.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::registry {

WatchHub::WatchHub(Deps deps, WatchLimits limits)
    : deps_(std::move(deps)), limits_(limits), waits_(limits.waiters) {}

void WatchHub::Restore(const NamespaceName& ns, const NamespaceHead& head,
                       std::vector<LoggedDiff> log) {
  FindOrMake(ns, DiffRing(head, std::move(log)));
  waits_.Advance(ns, head.position);
}

void WatchHub::Publish(const NamespaceName& ns, AppliedRecord applied) {
  const directory::Position head = applied.diff.position;
  FeedPtr feed = Find(ns);
  if (feed == nullptr) {
    const directory::Position start = {head.incarnation, applied.previous_version};
    // The hash is the one after the record: known for its start if it changed no node.
    feed =
        FindOrMake(ns, DiffRing(start, start == head ? std::optional(applied.hash) : std::nullopt));
  }
  feed->Publish(std::move(applied));
  if (waits_.Advance(ns, head)) RequestTick(nullptr, MonotonicTime());
}

absl::StatusOr<std::unique_ptr<WatchCursor>> WatchHub::Open(const WatchRequest& request,
                                                            WatchNotifier notify) {
  if (draining_) return Reject(Reason::kShuttingDown, "the service is stopping");
  OMNI_RETURN_IF_ERROR(CheckWatchRequest(request));
  FeedPtr feed = Find(request.ns);
  if (feed == nullptr) {
    return Reject(Reason::kNamespaceUnknown, "no namespace {}", request.ns.value());
  }
  std::shared_ptr<const void> admission = Admit();
  if (admission == nullptr) {
    return WithRetryAfter(
        Reject(Reason::kLoadShed, "this instance has {} watchers already", limits_.watchers),
        absl::Seconds(10));
  }
  OMNI_ASSIGN_OR_RETURN(auto member,
                        feed->Join(request.scope, request.min_interval, std::move(notify)));
  return std::make_unique<WatchCursor>(fmt::format("w-{}", next_watch_id_++), request,
                                       WatchCursor::Deps{.feed = std::move(feed),
                                                         .member = std::move(member),
                                                         .encoder = deps_.encoder,
                                                         .snapshots = deps_.snapshots,
                                                         .admission = std::move(admission)});
}

std::shared_ptr<const void> WatchHub::Admit() {
  if (watchers_->fetch_add(1) >= limits_.watchers) {
    --*watchers_;
    return nullptr;
  }
  return {this, [watchers = watchers_](const void*) { --*watchers; }};
}

void WatchHub::WaitForVersion(const NamespaceName& ns, directory::Position position,
                              MonotonicTime deadline, WaitCompletion done) {
  waits_.Add(ns, position, deadline, std::move(done));
  RequestTick(nullptr, deadline);
}

MonotonicTime WatchHub::Tick(MonotonicTime now) {
  for (NamespaceFeed* feed : BeginTick(now)) {
    const MonotonicTime next =
        feed == nullptr ? waits_.Complete(now) : feed->Tick(now, deps_.encoder);
    RequestTick(feed, next);
  }
  return EndTick();
}

std::vector<NamespaceFeed*> WatchHub::BeginTick(MonotonicTime now) {
  MutexLock lock(mutex_);
  returns_at_ = MonotonicTime();
  return due_.TakeDue(now);
}

MonotonicTime WatchHub::EndTick() {
  MutexLock lock(mutex_);
  returns_at_ = due_.Earliest();
  return returns_at_;
}

void WatchHub::RequestTick(NamespaceFeed* feed, MonotonicTime due) {
  if (due == MonotonicTime::InfiniteFuture()) return;
  {
    MutexLock lock(mutex_);
    due_.SetEarlier(feed, due);
    if (due >= returns_at_) return;
    returns_at_ = MonotonicTime();
  }
  deps_.wake();
}

void WatchHub::Drain() {
  draining_ = true;
  waits_.Close();
  for (const FeedPtr& feed : AllFeeds()) feed->Drain();
}

WatchHub::FeedPtr WatchHub::Find(const NamespaceName& ns) const {
  MutexLock lock(mutex_);
  const auto feed = feeds_.find(ns);
  return feed == feeds_.end() ? nullptr : feed->second;
}

WatchHub::FeedPtr WatchHub::FindOrMake(const NamespaceName& ns, DiffRing ring) {
  const auto request_tick = [this](NamespaceFeed& feed, MonotonicTime due) {
    RequestTick(&feed, due);
  };
  auto made = std::make_shared<NamespaceFeed>(ns, std::move(ring), limits_.feed, request_tick);
  MutexLock lock(mutex_);
  return feeds_.try_emplace(ns, std::move(made)).first->second;
}

std::vector<WatchHub::FeedPtr> WatchHub::AllFeeds() const {
  MutexLock lock(mutex_);
  std::vector<FeedPtr> feeds;
  feeds.reserve(feeds_.size());
  for (const auto& [ns, feed] : feeds_) feeds.push_back(feed);
  return feeds;
}

WatchHub::Stats WatchHub::stats() const {
  const std::vector<FeedPtr> feeds = AllFeeds();
  Stats stats{.namespaces = feeds.size(), .waiters = waits_.size(), .feeds = {}};
  for (const FeedPtr& feed : feeds) {
    const NamespaceFeed::Stats one = feed->stats();
    stats.feeds.watchers += one.watchers;
    stats.feeds.cohorts += one.cohorts;
    stats.feeds.ring_diffs += one.ring_diffs;
    stats.feeds.ring_bytes += one.ring_bytes;
    stats.feeds.item_bytes += one.item_bytes;
    stats.feeds.snapshots += one.snapshots;
    for (std::size_t i = 0; i < kResyncReasons; ++i) stats.feeds.resyncs[i] += one.resyncs[i];
  }
  return stats;
}

}  // namespace omninode::registry
