#ifndef OMNINODE_COMMON_NODE_NODE_SESSION_H_
#define OMNINODE_COMMON_NODE_NODE_SESSION_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "common/base/names.h"
#include "common/concurrency/subscription.h"
#include "common/directory/introspection.h"
#include "common/identity/svid_source.h"
#include "common/node/registry_channels.h"
#include "common/node/registry_client.h"
#include "common/node/session_policy.h"
#include "common/telemetry/log.h"
#include "common/time/clock.h"

namespace omninode::node {

class HeartbeatClient;

// A node's life in the directory: registers, beats, signs anew at every SVID rotation, describes
// itself anew, leaves. Starts in the background at once and keeps trying whatever the registry
// says, so nobody has to wait for it; what to do when is decided by SessionPolicy.
//
// Runs on a thread of its own. Thread-safe; no method blocks but WaitRegistered and Leave. Clock,
// source, logger outlive it. The destructor cancels, joins and says no goodbye: the lease runs out.
class NodeSession final {
 public:
  struct Deps {
    std::shared_ptr<RegistryChannels> registry;
    const Clock* clock = nullptr;
    identity::SvidSource* svids = nullptr;
    telemetry::Logger* logger = nullptr;
  };

  struct Options {
    NetworkId network;
    directory::Introspection introspection;  // names must be those of the SVID
    std::string correlation_id = {};
    // Called on the session's thread; they must not destroy the session or Leave.
    std::function<void(const Registration&)> on_registered = {};  // each time
    std::function<void(const absl::Status&)> on_rejected = {};    // and when nobody answers
    // A beat failed: once per outage, and again when its Reason becomes another. What ends an
    // outage, a beat or a registration, calls the other.
    std::function<void(const absl::Status&)> on_disconnected = {};
    std::function<void()> on_reconnected = {};
    SessionPolicy::Options policy = {};
    // For one attempt; an attempt of a registered node gets a quarter of its lease time at most.
    absl::Duration call_timeout = absl::Seconds(5);
  };

  NodeSession(Deps deps, Options options);
  ~NodeSession();
  NodeSession(const NodeSession&) = delete;
  NodeSession& operator=(const NodeSession&) = delete;

  // The node says something else of itself from now on. REQUIRES: namespace, type and id stay.
  void Update(directory::Introspection introspection);
  // Sent with a beat at once.
  void SetHealth(directory::Health health);

  // Says goodbye with a signed tombstone and returns when the registry has confirmed it, or at once
  // if it never registered. The session is over then, whatever the outcome; a second call returns
  // the first one's. Fails with DEADLINE_EXCEEDED after `timeout`, ARGUMENT_INVALID or
  // MSG_MALFORMED for the text (directory::CheckReasonText; nothing is done then), else as
  // Deregister.
  absl::Status Leave(std::string_view reason_text, absl::Duration timeout);

  SessionPolicy::State state() const;
  std::optional<Registration> registered() const;  // nullopt while it is not
  // DEADLINE_EXCEEDED, with the last reason for not being registered, after `timeout`;
  // FAILED_PRECONDITION once it leaves.
  absl::StatusOr<Registration> WaitRegistered(absl::Duration timeout) const;

 private:
  void Run();
  // What is to be done now; waits until there is something. Done when stopping.
  SessionPolicy::Action Await();
  void Execute(const SessionPolicy::Register& message);
  void Execute(const LeaseBeat& beat);
  void Execute(const SessionPolicy::Leave& message);

  absl::StatusOr<RegisterAnswer> TryRegister(const SessionPolicy::Register& message);
  absl::StatusOr<BeatOutcome> TryBeat(const LeaseBeat& beat);
  absl::Status TryLeave(const SessionPolicy::Leave& message);
  // Null while there is none; remembers what was signed with.
  identity::X509SvidPtr SigningSvid();
  bool IsLeaving() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration CallTimeout() const;
  SessionTime Now() const { return {deps_.clock->Now(), deps_.clock->Monotonic()}; }
  void LogRejection(const absl::Status& status);
  void NoteFailedBeat(const absl::Status& status);
  void NoteContact();

  const Deps deps_;
  const Options options_;
  RegistryClient client_;

  mutable Mutex mutex_;
  mutable CondVar changed_;
  SessionPolicy policy_ ABSL_GUARDED_BY(mutex_);
  identity::X509SvidPtr signed_with_ ABSL_GUARDED_BY(mutex_);
  absl::Status last_rejection_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<HeartbeatClient> beating_ ABSL_GUARDED_BY(mutex_);  // to be cancelled
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  // Of the thread.
  LeaseKey lease_key_;
  std::shared_ptr<HeartbeatClient> stream_;
  std::weak_ptr<grpc::Channel> stream_channel_;
  std::optional<absl::Status> outage_;  // what on_disconnected was told last

  Subscription rotation_;
  std::thread thread_;
};

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_NODE_SESSION_H_
