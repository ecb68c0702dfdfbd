#ifndef OMNINODE_SERVICES_REGISTRY_WATCH_WATCH_HUB_H_
#define OMNINODE_SERVICES_REGISTRY_WATCH_WATCH_HUB_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include <absl/status/statusor.h>

#include "common/base/mutex.h"
#include "common/base/names.h"
#include "common/directory/position.h"
#include "common/time/monotonic_time.h"
#include "services/registry/watch/diff_encoder.h"
#include "services/registry/watch/due_set.h"
#include "services/registry/watch/namespace_feed.h"
#include "services/registry/watch/snapshot_source.h"
#include "services/registry/watch/wait_table.h"
#include "services/registry/watch/watch_cursor.h"
#include "services/registry/watch/watch_request.h"

namespace omninode::registry {

struct WatchLimits {
  static constexpr std::size_t kMaxWatchers = 20'000;

  std::size_t watchers = kMaxWatchers;  // of the process
  std::size_t waiters = WaitTable::kMaxWaiters;
  FeedLimits feed;
};

// All watches of the process: the sequencer publishes into it, the API opens cursors on it, and one
// thread ticks it: `next = hub.Tick(now)`, then sleep until `next` or until `wake` is called.
//
// Thread-safe. Publish only takes over what was applied; filtering, merging, encoding and notifying
// happen in Tick, so that no number of watchers delays a commit. Must outlive its cursors.
class WatchHub final {
 public:
  struct Deps {
    const DiffEncoder& encoder;
    const SnapshotSource& snapshots;
    // Called, on any thread and outside locks, when Tick should run sooner than it asked for.
    std::function<void()> wake;
  };

  explicit WatchHub(Deps deps, WatchLimits limits = {});

  // A namespace as a store kept it, and what of its log leads to that. Before its first Publish.
  void Restore(const NamespaceName& ns, const NamespaceHead& head, std::vector<LoggedDiff> log);
  // What was applied to a namespace; the first record makes it known. In the order of commits, by
  // one thread at a time per namespace, after the state that SnapshotSource shows has it.
  void Publish(const NamespaceName& ns, AppliedRecord applied);

  // ARGUMENT_INVALID, NAMESPACE_UNKNOWN, LOAD_SHED, SHUTTING_DOWN. `notify` is called when the
  // cursor, having said Wait, may have something.
  absl::StatusOr<std::unique_ptr<WatchCursor>> Open(const WatchRequest& request,
                                                    WatchNotifier notify);
  // See WaitTable::Add.
  void WaitForVersion(const NamespaceName& ns, directory::Position position, MonotonicTime deadline,
                      WaitCompletion done);

  // Does what is due and returns when it should run again. One thread at a time.
  MonotonicTime Tick(MonotonicTime now);

  // Lets every watch hear that the instance is about to stop, ends waits, refuses new ones.
  void Drain();

  struct Stats {
    std::size_t namespaces = 0;
    std::size_t waiters = 0;
    NamespaceFeed::Stats feeds;  // sums
  };
  Stats stats() const;

 private:
  using FeedPtr = std::shared_ptr<NamespaceFeed>;

  FeedPtr Find(const NamespaceName& ns) const;
  // The feed of the namespace; `ring` if it is new.
  FeedPtr FindOrMake(const NamespaceName& ns, DiffRing ring);
  std::vector<FeedPtr> AllFeeds() const;
  // Null when the process has too many.
  std::shared_ptr<const void> Admit();
  // `feed` null: of the waits.
  void RequestTick(NamespaceFeed* feed, MonotonicTime due);
  std::vector<NamespaceFeed*> BeginTick(MonotonicTime now);
  MonotonicTime EndTick();

  const Deps deps_;
  const WatchLimits limits_;
  WaitTable waits_;
  const std::shared_ptr<std::atomic<std::size_t>> watchers_ =
      std::make_shared<std::atomic<std::size_t>>(0);
  std::atomic<std::uint64_t> next_watch_id_{1};
  std::atomic<bool> draining_{false};

  mutable Mutex mutex_;
  std::map<NamespaceName, FeedPtr> feeds_ ABSL_GUARDED_BY(mutex_);  // never shrinks
  DueSet<NamespaceFeed*> due_ ABSL_GUARDED_BY(mutex_);              // null: the waits
  // When the ticking thread comes back by itself. The beginning of time while it is ticking or
  // already called.
  MonotonicTime returns_at_ ABSL_GUARDED_BY(mutex_) = MonotonicTime::InfiniteFuture();
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_WATCH_WATCH_HUB_H_
