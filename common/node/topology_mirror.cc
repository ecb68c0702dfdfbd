#include "common/node/topology_mirror.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/concurrency/thread_name.h"
#include "common/concurrency/wait_until.h"
#include "common/crypto/random.h"
#include "common/node/evidence_check.h"
#include "common/node/topology_stream_client.h"

namespace omninode::node {
namespace {

// The registry's default, see WatchTopologyRequest.
constexpr absl::Duration kDefaultBookmarkInterval = absl::Seconds(10);
constexpr absl::Duration kSuccessorTimeout = absl::Seconds(5);

TopologyMirror::Options Completed(TopologyMirror::Options options) {
  options.with_evidence |= options.verify_evidence;
  if (options.silence_limit == absl::ZeroDuration()) {
    options.silence_limit =
        3 * options.bookmark_interval.value_or(kDefaultBookmarkInterval) + absl::Seconds(2);
  }
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TopologyMirror>> TopologyMirror::Start(Deps deps, Options options,
                                                                      TopologyObserver* observer) {
  OMNI_CHECK(deps.registry != nullptr && deps.svids != nullptr && deps.trust != nullptr &&
             deps.logger != nullptr);
  OMNI_RETURN_IF_ERROR(directory::WatchFilter::Create(options.filter).status());
  OMNI_ASSIGN_OR_RETURN(MirrorTracker tracker,
                        MirrorTracker::Create({.ns = options.ns,
                                               .max_nodes = options.max_nodes,
                                               .resume = options.resume,
                                               .nodes = std::move(options.nodes)}));
  return std::unique_ptr<TopologyMirror>(new TopologyMirror(
      std::move(deps), Completed(std::move(options)), observer, std::move(tracker)));
}

TopologyMirror::TopologyMirror(Deps deps, Options options, TopologyObserver* observer,
                               MirrorTracker tracker)
    : deps_(std::move(deps)),
      options_(std::move(options)),
      observer_(observer),
      backoff_(options_.backoff, crypto::RandomUint64()),
      tracker_(std::move(tracker)) {
  rotation_ = deps_.svids->Subscribe([this](const identity::X509SvidPtr&) {
    MutexLock lock(mutex_);
    rotated_ = true;
    if (stream_ != nullptr) stream_->Wake();
    changed_.NotifyAll();
  });
  thread_ = std::thread([this] {
    SetThreadName("mirror");
    Run();
  });
}

TopologyMirror::~TopologyMirror() {
  rotation_.Reset();
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    if (stream_ != nullptr) stream_->Cancel();
    changed_.NotifyAll();
  }
  thread_.join();
}

void TopologyMirror::Run() {
  while (true) {
    RegistryChannels::Pick pick;
    StreamPtr stream = Open(&pick);
    if (stream == nullptr) return;
    const absl::Status status = Follow(std::move(stream), std::move(pick));
    SetConnected(false);
    {
      MutexLock lock(mutex_);
      stream_ = nullptr;
      if (stopping_) return;
    }
    deps_.logger->Info("topology_stream_ended", {{"namespace", options_.ns.value()},
                                                 {"code", absl::StatusCodeToString(status.code())},
                                                 {"message", Message(status)}});
    if (observer_ != nullptr) observer_->OnDisconnected(status);
    const absl::Duration hint = RetryAfterOf(status).value_or(absl::ZeroDuration());
    if (!Pause(std::max(backoff_.Next(), std::min(hint, absl::Minutes(1))))) return;
  }
}

TopologyMirror::StreamPtr TopologyMirror::Open(RegistryChannels::Pick* pick) {
  WatchRequest request{.ns = options_.ns,
                       .filter = options_.filter,
                       .resume = std::nullopt,
                       .min_interval = options_.min_interval,
                       .bookmark_interval = options_.bookmark_interval,
                       .watcher_name = options_.watcher_name,
                       .with_evidence = options_.with_evidence};
  {
    MutexLock lock(mutex_);
    if (stopping_) return nullptr;
    rotated_ = false;  // the channel asked for next is of the newest SVID
    request.resume = tracker_.resume();
    tracker_.StreamOpened();
  }
  *pick = deps_.registry->Current();
  auto stream = std::make_shared<TopologyStreamClient>(pick->channel, request);
  MutexLock lock(mutex_);
  if (stopping_) return nullptr;
  stream_ = stream;
  return stream;
}

absl::Status TopologyMirror::Follow(StreamPtr stream, RegistryChannels::Pick pick) {
  while (true) {
    if (TakeRotation()) {
      if (StreamPtr successor = OpenSuccessor(&pick); successor != nullptr) stream = successor;
    }
    const auto event = stream->Next(options_.silence_limit);
    if (!event.ok()) {
      deps_.registry->Report(pick.index, event.status());
      if (ReasonOf(event.status()) == Reason::kMsgMalformed) {
        MutexLock lock(mutex_);
        tracker_.CountUnreadable();
      }
      return event.status();
    }
    if (!event->has_value()) continue;
    OMNI_RETURN_IF_ERROR(Handle(**event));
    if (std::holds_alternative<Draining>((*event)->what)) {
      deps_.registry->Failed(pick.index);
      return absl::UnavailableError("the registry instance is about to stop");
    }
  }
}

bool TopologyMirror::TakeRotation() {
  MutexLock lock(mutex_);
  // In the middle of a snapshot there is no position to resume from.
  return tracker_.resume().has_value() && tracker_.position().has_value() &&
         std::exchange(rotated_, false);
}

TopologyMirror::StreamPtr TopologyMirror::OpenSuccessor(RegistryChannels::Pick* pick) {
  StreamPtr before;
  {
    MutexLock lock(mutex_);
    before = stream_;
  }
  RegistryChannels::Pick next;
  StreamPtr successor = Open(&next);
  if (successor == nullptr) return nullptr;
  // What the old stream delivers meanwhile is not taken: both go on from the same position.
  const auto first = successor->Next(kSuccessorTimeout);
  const bool began = first.ok() && first->has_value() && Handle(**first).ok();
  MutexLock lock(mutex_);
  if (began || stopping_) {
    *pick = std::move(next);
    return successor;
  }
  deps_.logger->Warning("topology_stream_kept",
                        {{"namespace", options_.ns.value()}, {"message", Message(first.status())}});
  stream_ = std::move(before);
  return nullptr;
}

absl::Status TopologyMirror::Handle(const TopologyEvent& event) {
  if (options_.verify_evidence) VerifyEvidence(event);
  {
    MutexLock lock(mutex_);
    OMNI_RETURN_IF_ERROR(tracker_.Apply(event));
    connected_ = true;
    changed_.NotifyAll();
  }
  if (!std::holds_alternative<WatchStarted>(event.what) &&
      !std::holds_alternative<Draining>(event.what)) {
    backoff_.Reset();
  }
  if (observer_ != nullptr) Tell(event);
  return absl::OkStatus();
}

// The thread reads what it alone changes, so it needs no lock; an observer may then call view().
void TopologyMirror::Tell(const TopologyEvent& event) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  struct Visitor {
    TopologyObserver& observer;
    const MirrorTracker& tracker;
    std::uint64_t previous;
    void operator()(const WatchStarted& e) const { observer.OnStarted(e.watch_id, e.position); }
    void operator()(const SnapshotChunk&) const {}
    void operator()(const SnapshotEnd& e) const {
      observer.OnSnapshot(e.position, tracker.nodes());
    }
    void operator()(const TopologyStep& e) const { observer.OnDiff(previous, e); }
    void operator()(const Bookmark& e) const { observer.OnBookmark(e.position, e.age); }
    void operator()(const Resync& e) const { observer.OnResync(e.reason); }
    void operator()(const Draining&) const {}
  };
  std::visit(Visitor{*observer_, tracker_, event.previous_version}, event.what);
}

void TopologyMirror::VerifyEvidence(const TopologyEvent& event) {
  if (const auto* chunk = std::get_if<SnapshotChunk>(&event.what)) {
    for (const NodeRecord& record : chunk->nodes) VerifyOne(record.evidence, *record.view);
  }
  if (const auto* step = std::get_if<TopologyStep>(&event.what)) {
    for (std::size_t i = 0; i < step->diff.changes.size(); ++i) {
      const directory::NodeViewPtr& node = step->diff.changes[i].node;
      if (node != nullptr) VerifyOne(step->evidence[i], *node);
    }
  }
}

void TopologyMirror::VerifyOne(const std::optional<envelope::RawEnvelope>& evidence,
                               const directory::NodeView& node) {
  const identity::TrustStatePtr trust = deps_.trust->Current();
  const absl::Status status = trust == nullptr
                                  ? Reject(Reason::kTrustStale, "there is no trust yet")
                                  : CheckEvidence(evidence, node, options_.network, *trust);
  {
    MutexLock lock(mutex_);
    tracker_.CountEvidence(status.ok());
  }
  if (status.ok()) return;
  deps_.logger->Warning("evidence_failed", {{"namespace", options_.ns.value()},
                                            {"node_id", node.node_id().value()},
                                            {"message", Message(status)}});
  if (observer_ != nullptr) observer_->OnEvidenceFailed(node.node_id(), status);
}

bool TopologyMirror::Pause(absl::Duration wait) {
  MutexLock lock(mutex_);
  // A new SVID may be what was missing.
  WaitUntil(changed_, mutex_, wait,
            [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || rotated_; });
  return !stopping_;
}

void TopologyMirror::SetConnected(bool connected) {
  MutexLock lock(mutex_);
  connected_ = connected;
  changed_.NotifyAll();
}

TopologyMirror::View TopologyMirror::view() const {
  MutexLock lock(mutex_);
  return {tracker_.position(), connected_, tracker_.nodes()};
}

directory::NodeViewPtr TopologyMirror::Find(const NodeId& id) const {
  MutexLock lock(mutex_);
  const auto found = tracker_.nodes().find(id);
  return found == tracker_.nodes().end() ? nullptr : found->second;
}

MirrorStats TopologyMirror::stats() const {
  MutexLock lock(mutex_);
  return tracker_.stats();
}

bool TopologyMirror::WaitForPosition(const directory::Position& position,
                                     absl::Duration timeout) const {
  MutexLock lock(mutex_);
  return WaitUntil(changed_, mutex_, timeout, [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return tracker_.position().has_value() && *tracker_.position() >= position;
  });
}

bool TopologyMirror::WaitSynced(absl::Duration timeout) const {
  MutexLock lock(mutex_);
  return WaitUntil(changed_, mutex_, timeout,
                   [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return tracker_.synced(); });
}

}  // namespace omninode::node
