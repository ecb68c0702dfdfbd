#ifndef OMNINODE_SERVICES_REGISTRY_WATCH_COHORT_H_
#define OMNINODE_SERVICES_REGISTRY_WATCH_COHORT_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <absl/time/time.h>

#include "common/directory/position.h"
#include "common/time/monotonic_time.h"
#include "services/registry/watch/diff_encoder.h"
#include "services/registry/watch/diff_ring.h"
#include "services/registry/watch/shown_diff.h"

namespace omninode::registry {

class Cohort;

// Tells a watcher that its cursor may have something now. Called outside locks, on the thread that
// ticks the hub; must not block; may come once more after the cursor is gone.
using WatchNotifier = std::function<void()>;
using WatchNotifierPtr = std::shared_ptr<const WatchNotifier>;

// A watcher as its cohort knows it.
struct WatchMember {
  std::shared_ptr<Cohort> cohort;
  WatchNotifierPtr notify;
  bool waiting = false;
  std::size_t waiting_index = 0;  // in the cohort's list, while waiting
};

// What a cohort made of consecutive versions: leads from version `from` to `to`.
struct CohortItem {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  EncodedDiffPtr encoded;  // null: nothing to show
  bool quiet = false;      // see ShownDiff: may be entered at any version within
};

// The watchers of one namespace that see the same: equal filter, interval and wish for evidence.
// Decides when versions become a diff message, and keeps the last messages for those who are a
// little late (who is more than that late is served from the ring).
//
//   The first diff after quiet is due at once, then at most one per interval; with the interval 0
//   every version is a message of its own. Much waiting is due earlier (kMaxDiffBytes). Versions
//   that show nothing do not start an interval, and wake nobody more often than kMaxPositionLag.
//   Nothing is due while no member waits: messages are made for those who take them, and the next
//   one covers what came in between.
//
// Not thread-safe.
class Cohort final {
 public:
  static constexpr std::size_t kMaxItems = 1024;
  // The newest diff always stays, whatever its size.
  static constexpr std::size_t kMaxItemBytes = std::size_t{1} << 20;
  // Versions are merged up to this size (as the ring counts); a single version is never split.
  static constexpr std::size_t kMaxDiffBytes = std::size_t{256} << 10;
  // How long a watcher may not hear that its position moved when there is nothing to show.
  static constexpr absl::Duration kMaxPositionLag = absl::Seconds(1);

  Cohort(WatchScope scope, absl::Duration interval, directory::Position emitted)
      : scope_(std::move(scope)), interval_(interval), emitted_(emitted) {}

  const WatchScope& scope() const { return scope_; }
  absl::Duration interval() const { return interval_; }
  directory::Position emitted() const { return emitted_; }
  // How much may go into one message.
  std::size_t max_message_bytes() const {
    return interval_ == absl::ZeroDuration() ? 0 : kMaxDiffBytes;
  }

  // When versions of the ring are due to be made messages.
  MonotonicTime DueAt(const DiffRing& ring) const;
  // What is to be made messages now: the entries of each. REQUIRES: emitted() lies in the ring.
  std::vector<std::vector<RingEntryPtr>> Pending(const DiffRing& ring) const;
  // The next item: it leads from emitted() to its end. Returns whether waiting members have
  // something to take.
  bool Append(CohortItem item, MonotonicTime now);
  // Forgets all items, continues after a position.
  void Restart(directory::Position position);

  // The item that holds the version after `version`; null when there is none.
  const CohortItem* ItemAfter(std::uint64_t version) const;
  // The oldest version from which items lead on.
  std::uint64_t first_version() const {
    return items_.empty() ? emitted_.version : items_.front().from;
  }

  // When waiting members are to be woken to say that the position moved.
  MonotonicTime NudgeAt() const;

  // REQUIRES for all: the member belongs to this cohort.
  void Join(WatchMember& member);
  void Leave(WatchMember& member);
  void StartWaiting(WatchMember& member);
  void StopWaiting(WatchMember& member);
  // Ends the waiting of all; adds whom to notify.
  void WakeAll(MonotonicTime now, std::vector<WatchNotifierPtr>& notifiers);

  std::size_t members() const { return members_; }
  std::size_t items() const { return items_.size(); }
  std::size_t item_bytes() const { return item_bytes_; }

 private:
  void DropFront();
  void DropTaken();

  const WatchScope scope_;
  const absl::Duration interval_;
  directory::Position emitted_;
  MonotonicTime next_emit_;  // first moment at which the interval allows a diff
  std::deque<CohortItem> items_;
  std::size_t item_bytes_ = 0;
  std::size_t diffs_ = 0;  // items that are not null
  std::size_t members_ = 0;
  std::vector<WatchMember*> waiting_;
  bool moved_silently_ = false;  // since the waiting members were woken last
  MonotonicTime next_nudge_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_WATCH_COHORT_H_
