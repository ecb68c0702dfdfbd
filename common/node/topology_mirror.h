#ifndef OMNINODE_COMMON_NODE_TOPOLOGY_MIRROR_H_
#define OMNINODE_COMMON_NODE_TOPOLOGY_MIRROR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "common/base/names.h"
#include "common/concurrency/subscription.h"
#include "common/directory/filter.h"
#include "common/identity/svid_source.h"
#include "common/identity/trust_source.h"
#include "common/node/mirror_tracker.h"
#include "common/node/registry_channels.h"
#include "common/telemetry/log.h"
#include "common/time/backoff.h"

namespace omninode::node {

class TopologyStreamClient;

// Told what happens, on the mirror's thread, one call at a time and after the mirror's own state
// has changed. What is passed is valid for the call. A slow observer slows the stream; it must not
// destroy the mirror.
class TopologyObserver {
 public:
  virtual ~TopologyObserver() = default;
  virtual void OnStarted(const std::string& /*watch_id*/, directory::Position /*position*/) {}
  // The topology as a whole: at the start, and after a resync.
  virtual void OnSnapshot(directory::Position /*position*/,
                          const directory::MirrorState::NodeMap& /*nodes*/) {}
  virtual void OnDiff(std::uint64_t /*previous_version*/, const TopologyStep& /*step*/) {}
  virtual void OnBookmark(directory::Position /*position*/, absl::Duration /*age*/) {}
  // What is mirrored is of no use to the registry; a snapshot follows.
  virtual void OnResync(ResyncReason /*reason*/) {}
  // The stream ended, or broke a promise (OUT_OF_RANGE, DATA_LOSS); the mirror opens another.
  virtual void OnDisconnected(const absl::Status& /*status*/) {}
  // See TopologyMirror::Options::verify_evidence. The change is applied all the same.
  virtual void OnEvidenceFailed(const NodeId& /*node*/, const absl::Status& /*status*/) {}
};

// A copy of a namespace's topology that follows the registry: snapshot, diffs, bookmarks. Proves
// while doing so that nothing is left out, comes twice or differs (MirrorStats). Reconnects with
// backoff to any instance and resumes where it was; after a rotation of the SVID it opens a new
// stream before it gives the old one up. While nobody answers, the last topology stays.
//
// Runs on a thread of its own. Thread-safe. Sources, clock, logger and observer outlive it. The
// destructor cancels and joins.
class TopologyMirror final {
 public:
  struct Deps {
    std::shared_ptr<RegistryChannels> registry;
    identity::SvidSource* svids = nullptr;
    const identity::TrustSource* trust = nullptr;
    telemetry::Logger* logger = nullptr;
  };

  struct Options {
    NetworkId network;
    NamespaceName ns;
    directory::WatchFilter::Fields filter = {};
    std::optional<absl::Duration> min_interval = std::nullopt;       // the registry's default
    std::optional<absl::Duration> bookmark_interval = std::nullopt;  // the registry's default
    std::string watcher_name = {};
    bool with_evidence = false;
    bool verify_evidence = false;  // implies with_evidence
    // See MirrorTracker::Options.
    std::optional<directory::Position> resume = std::nullopt;
    std::vector<directory::NodeViewPtr> nodes = {};
    std::size_t max_nodes = 1'000'000;
    // A stream on which nothing comes for so long is dead. Zero: three times the bookmark interval
    // and 2 s.
    absl::Duration silence_limit = absl::ZeroDuration();
    Backoff::Options backoff = {.initial = absl::Milliseconds(100), .max = absl::Seconds(5)};
  };

  // Starts to follow in the background. `observer` may be null. Fails as WatchFilter::Create and
  // MirrorTracker::Create.
  static absl::StatusOr<std::unique_ptr<TopologyMirror>> Start(Deps deps, Options options,
                                                               TopologyObserver* observer);
  ~TopologyMirror();
  TopologyMirror(const TopologyMirror&) = delete;
  TopologyMirror& operator=(const TopologyMirror&) = delete;

  struct View {
    std::optional<directory::Position> position;  // nullopt before the first snapshot
    bool connected = false;  // a stream delivers; otherwise the nodes are the last known ones
    directory::MirrorState::NodeMap nodes;
  };
  // A copy of the pointers.
  View view() const;
  directory::NodeViewPtr Find(const NodeId& id) const;  // null when there is none
  MirrorStats stats() const;

  // Waits until the mirror stands at `position` or later. False after `timeout`.
  bool WaitForPosition(const directory::Position& position, absl::Duration timeout) const;
  // Waits for the first complete snapshot.
  bool WaitSynced(absl::Duration timeout) const;

 private:
  using StreamPtr = std::shared_ptr<TopologyStreamClient>;

  TopologyMirror(Deps deps, Options options, TopologyObserver* observer, MirrorTracker tracker);

  void Run();
  // A stream that begins where the last one ended. Null when stopping.
  StreamPtr Open(RegistryChannels::Pick* pick);
  absl::Status Follow(StreamPtr stream, RegistryChannels::Pick pick);
  // Another stream on the channel of the new SVID, which has begun; null if that fails.
  StreamPtr OpenSuccessor(RegistryChannels::Pick* pick);
  absl::Status Handle(const TopologyEvent& event);
  void Tell(const TopologyEvent& event);
  void VerifyEvidence(const TopologyEvent& event);
  void VerifyOne(const std::optional<envelope::RawEnvelope>& evidence,
                 const directory::NodeView& node);
  bool TakeRotation();
  // False when stopping.
  bool Pause(absl::Duration wait);
  void SetConnected(bool connected);

  const Deps deps_;
  const Options options_;
  TopologyObserver* const observer_;
  Backoff backoff_;  // of the thread

  mutable Mutex mutex_;
  mutable CondVar changed_;
  MirrorTracker tracker_ ABSL_GUARDED_BY(mutex_);  // changed by the thread alone
  StreamPtr stream_ ABSL_GUARDED_BY(mutex_);       // to be woken or cancelled
  bool connected_ ABSL_GUARDED_BY(mutex_) = false;
  bool rotated_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  Subscription rotation_;
  std::thread thread_;
};

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_TOPOLOGY_MIRROR_H_
