#ifndef OMNINODE_SERVICES_REGISTRY_WATCH_WATCH_CURSOR_H_
#define OMNINODE_SERVICES_REGISTRY_WATCH_WATCH_CURSOR_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include <absl/time/time.h>

#include "common/directory/position.h"
#include "common/time/monotonic_time.h"
#include "services/registry/watch/diff_encoder.h"
#include "services/registry/watch/namespace_feed.h"
#include "services/registry/watch/snapshot_source.h"
#include "services/registry/watch/watch_request.h"
#include "services/registry/watch/watch_step.h"

namespace omninode::registry {

// The state of one watch: where its consumer stands, and what it is to be sent next. Holds the
// rules of the topology stream; whoever does the I/O only obeys. Made by WatchHub::Open.
//
// One thread at a time. Small: what it sends it takes from the feed at that moment, so a watcher
// that does not read holds nothing but its last message. Must not outlive the hub.
class WatchCursor final {
 public:
  static constexpr std::size_t kMaxChunkNodes = 256;
  // One node more than fits is never put in, but a single one always is.
  static constexpr std::size_t kMaxChunkBytes = std::size_t{256} << 10;
  // How long a resume at a position ahead of this instance waits for it.
  static constexpr absl::Duration kMaxAheadWait = absl::Seconds(2);
  // A watch that is too slow begins again with a snapshot so many times within the window; the next
  // time it is cut.
  static constexpr std::size_t kMaxSlowResyncs = 3;
  static constexpr absl::Duration kSlowWindow = absl::Minutes(1);
  // For whoever writes: a watcher whose write takes longer is stuck, and its stream is to be
  // cancelled (a Finish would wait behind the write for ever).
  static constexpr absl::Duration kStuckWriteAfter = absl::Seconds(20);

  struct Deps {
    std::shared_ptr<NamespaceFeed> feed;
    std::shared_ptr<WatchMember> member;  // of the feed; left at destruction
    const DiffEncoder& encoder;
    const SnapshotSource& snapshots;
    std::shared_ptr<const void> admission;  // released at destruction
  };

  WatchCursor(std::string watch_id, const WatchRequest& request, Deps deps);
  ~WatchCursor();
  WatchCursor(const WatchCursor&) = delete;
  WatchCursor& operator=(const WatchCursor&) = delete;

  // After a Send: ask again when it is written. After a Wait: ask again when notified. After a Cut:
  // do not ask again.
  WatchStep Next(MonotonicTime now);

  const std::string& watch_id() const { return watch_id_; }
  const std::string& name() const { return name_; }
  // The version up to which the consumer was told everything.
  std::uint64_t told_version() const { return told_; }

 private:
  enum class Phase { kBegin, kResume, kSnapshotDue, kSnapshot, kLive };

  WatchStep Begin(MonotonicTime now);
  std::optional<WatchStep> StartSnapshot();
  WatchStep ReadSnapshot(MonotonicTime now);
  // nullopt: look again.
  std::optional<WatchStep> Follow(MonotonicTime now);
  std::optional<WatchStep> SendEntries(const FeedEntries& entries, MonotonicTime now);
  std::optional<WatchStep> Idle(MonotonicTime now);
  std::optional<WatchStep> WaitAhead(MonotonicTime now);
  std::optional<WatchStep> WaitUntil(MonotonicTime until);
  WatchStep TooLate(MonotonicTime now);
  WatchStep Resync(ResyncReason reason, MonotonicTime now);
  // A message that moves the consumer to reached_.
  WatchStep SendMoving(WatchItem item, MonotonicTime now);
  WatchStep Send(WatchItem item, MonotonicTime now);
  void DropSnapshot();

  const std::string watch_id_;
  const std::string name_;
  const absl::Duration bookmark_interval_;
  const Deps deps_;

  Phase phase_ = Phase::kBegin;
  bool drain_told_ = false;
  bool waiting_ = false;
  // Everything up to here was delivered or shows nothing.
  directory::Position reached_;
  std::uint64_t told_ = 0;
  MonotonicTime last_sent_;
  bool resumes_ = false;
  MonotonicTime ahead_deadline_;
  // The snapshot being read; the feed may drop it.
  std::weak_ptr<const SharedSnapshot> snapshot_;
  std::size_t snapshot_offset_ = 0;
  std::deque<MonotonicTime> slow_resyncs_;  // within the window
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_WATCH_WATCH_CURSOR_H_
