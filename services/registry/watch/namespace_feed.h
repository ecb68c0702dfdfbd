#ifndef OMNINODE_SERVICES_REGISTRY_WATCH_NAMESPACE_FEED_H_
#define OMNINODE_SERVICES_REGISTRY_WATCH_NAMESPACE_FEED_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "common/base/names.h"
#include "common/directory/position.h"
#include "common/directory/set_hash.h"
#include "common/time/monotonic_time.h"
#include "services/registry/watch/cohort.h"
#include "services/registry/watch/diff_ring.h"
#include "services/registry/watch/due_set.h"
#include "services/registry/watch/snapshot_shelf.h"
#include "services/registry/watch/snapshot_source.h"
#include "services/registry/watch/watch_step.h"

namespace omninode::registry {

// Bounds of what one namespace may ask of a hub.
struct FeedLimits {
  static constexpr std::size_t kMaxWatchersPerNamespace = 10'000;
  // Each makes its own messages of every version.
  static constexpr std::size_t kMaxCohortsPerNamespace = 128;

  std::size_t watchers = kMaxWatchersPerNamespace;
  std::size_t cohorts = kMaxCohortsPerNamespace;
};

// What a watcher at some position is to do.
struct FeedMessage {  // send this; it leads to `position`
  directory::Position position;
  EncodedDiffPtr encoded;
};
struct FeedEntries {  // make a message of these yourself: no one else needs the same
  std::vector<RingEntryPtr> entries;
};
struct FeedUpToDate {};          // nothing is ready
struct FeedAhead {};             // the position lies ahead of the feed
struct FeedCompacted {};         // what follows the position is not kept (any more)
struct FeedOtherIncarnation {};  // the position's history has ended
struct Pulled {
  // Where the watcher stands now: versions that show nothing are skipped.
  directory::Position reached;
  std::variant<FeedMessage, FeedEntries, FeedUpToDate, FeedAhead, FeedCompacted,
               FeedOtherIncarnation>
      next;
};

// One namespace's side of its watches: ring, cohorts, snapshots being read, waiting watchers.
// Thread-safe. Nothing is filtered, encoded or notified under its lock, nor by Publish.
//
// `request_tick` is called outside the lock with the moment at which Tick should run.
class NamespaceFeed final {
 public:
  using RequestTick = std::function<void(NamespaceFeed&, MonotonicTime)>;

  NamespaceFeed(NamespaceName ns, DiffRing ring, FeedLimits limits, RequestTick request_tick);

  // Takes over what was applied. A record that is known or moves nothing is ignored; one that does
  // not follow the head (new incarnation, or a gap) starts the history anew: watches get a Resync.
  void Publish(AppliedRecord applied);
  // Makes due messages and wakes who waits for them. Returns when it should run again. One thread
  // at a time.
  MonotonicTime Tick(MonotonicTime now, const DiffEncoder& encoder);
  // Wakes everybody at the next Tick, to hear that the instance is about to stop.
  void Drain();
  bool draining() const { return draining_.load(std::memory_order_relaxed); }

  // LOAD_SHED at a limit.
  absl::StatusOr<std::shared_ptr<WatchMember>> Join(const WatchScope& scope,
                                                    absl::Duration interval, WatchNotifier notify);
  void Leave(WatchMember& member);

  Pulled Pull(const WatchMember& member, directory::Position from) const;
  // Marks the member as waiting for what follows `reached`, until `until` at the latest. False, and
  // not waiting, when there is something to pull already.
  bool Wait(WatchMember& member, directory::Position reached, MonotonicTime until);
  void StopWaiting(WatchMember& member);

  // Errors as SnapshotSource::TakeSnapshot. EndSnapshot when it is read, or given up.
  absl::StatusOr<SharedSnapshotPtr> BeginSnapshot(const SnapshotSource& source);
  void EndSnapshot(const SharedSnapshot* snapshot);

  const NamespaceName& ns() const { return ns_; }
  directory::Position head() const;
  std::optional<directory::SetHash> HashAt(directory::Position position) const;

  struct Stats {
    std::size_t watchers = 0;
    std::size_t cohorts = 0;
    std::size_t ring_diffs = 0;
    std::size_t ring_bytes = 0;
    std::size_t item_bytes = 0;
    std::size_t snapshots = 0;
    std::array<std::uint64_t, kResyncReasons> resyncs{};  // since the start, by ResyncReason - 1
  };
  Stats stats() const;
  void CountResync(ResyncReason reason);

 private:
  struct CohortKey {
    std::string filter;
    absl::Duration interval;
    bool with_evidence;

    friend bool operator==(const CohortKey&, const CohortKey&) = default;
    friend bool operator<(const CohortKey& a, const CohortKey& b) {
      return std::tie(a.filter, a.interval, a.with_evidence) <
             std::tie(b.filter, b.interval, b.with_evidence);
    }
  };
  // Messages of one cohort under way: what to make them of, then what was made.
  struct Job {
    std::shared_ptr<Cohort> cohort;
    directory::Position from;
    std::vector<std::vector<RingEntryPtr>> pending;
    std::vector<CohortItem> items;
    bool failed = false;
  };
  struct Work {
    std::vector<Job> jobs;
    std::vector<WatchNotifierPtr> notifiers;
    std::vector<SharedSnapshotPtr> dropped;  // released outside the lock: they may be big
  };

  static CohortKey KeyOf(const WatchScope& scope, absl::Duration interval);
  static void Make(Job& job, const DiffEncoder& encoder);
  Work TakeWork(MonotonicTime now);
  void Deliver(Job& job, MonotonicTime now, Work& work) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RestartAt(directory::Position position) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WakeAllCohorts(MonotonicTime now, Work& work) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  MonotonicTime CohortsDueAt() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const NamespaceName ns_;
  const FeedLimits limits_;
  const RequestTick request_tick_;
  std::atomic<bool> draining_{false};
  std::array<std::atomic<std::uint64_t>, kResyncReasons> resyncs_{};
  mutable Mutex mutex_;
  DiffRing ring_ ABSL_GUARDED_BY(mutex_);
  std::map<CohortKey, std::shared_ptr<Cohort>> cohorts_ ABSL_GUARDED_BY(mutex_);
  std::size_t watchers_ ABSL_GUARDED_BY(mutex_) = 0;
  DueSet<WatchMember*> timers_ ABSL_GUARDED_BY(mutex_);
  SnapshotShelf shelf_ ABSL_GUARDED_BY(mutex_);
  bool wake_all_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_WATCH_NAMESPACE_FEED_H_
