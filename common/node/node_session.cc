#include "common/node/node_session.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/concurrency/thread_name.h"
#include "common/concurrency/wait_until.h"
#include "common/crypto/random.h"
#include "common/directory/tombstone.h"
#include "common/envelope/payload.h"
#include "common/envelope/seal.h"
#include "common/node/heartbeat_client.h"

namespace omninode::node {
namespace {

constexpr absl::Duration kShortestCall = absl::Milliseconds(250);

SessionPolicy::Options Seeded(SessionPolicy::Options options) {
  if (options.seed == 0) options.seed = crypto::RandomUint64();
  return options;
}

absl::Status NoSvid() { return absl::UnavailableError("there is no SVID yet"); }

}  // namespace

NodeSession::NodeSession(Deps deps, Options options)
    : deps_(std::move(deps)),
      options_(std::move(options)),
      client_(deps_.registry),
      policy_(options_.introspection, Seeded(options_.policy), Now()) {
  OMNI_CHECK(deps_.svids != nullptr && deps_.logger != nullptr);
  rotation_ = deps_.svids->Subscribe([this](const identity::X509SvidPtr& svid) {
    MutexLock lock(mutex_);
    if (svid == signed_with_) return;
    policy_.OnRotated(Now());
    changed_.NotifyAll();
  });
  thread_ = std::thread([this] {
    SetThreadName("node-session");
    Run();
  });
}

NodeSession::~NodeSession() {
  rotation_.Reset();
  client_.Close();
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    if (beating_ != nullptr) beating_->Cancel();
    changed_.NotifyAll();
  }
  thread_.join();
}

void NodeSession::Run() {
  while (true) {
    const SessionPolicy::Action action = Await();
    if (std::holds_alternative<SessionPolicy::Done>(action)) return;
    if (const auto* message = std::get_if<SessionPolicy::Register>(&action)) Execute(*message);
    if (const auto* beat = std::get_if<LeaseBeat>(&action)) Execute(*beat);
    if (const auto* message = std::get_if<SessionPolicy::Leave>(&action)) Execute(*message);
    MutexLock lock(mutex_);
    changed_.NotifyAll();
  }
}

SessionPolicy::Action NodeSession::Await() {
  MutexLock lock(mutex_);
  while (!stopping_) {
    const SessionTime now = Now();
    SessionPolicy::Action action = policy_.Next(now);
    const auto* wait = std::get_if<SessionPolicy::Wait>(&action);
    if (wait == nullptr) return action;
    changed_.WaitFor(mutex_, wait->until - now.monotonic);
  }
  return SessionPolicy::Done{};
}

void NodeSession::Execute(const SessionPolicy::Register& message) {
  const auto answer = TryRegister(message);
  if (!answer.ok()) {
    LogRejection(answer.status());
    {
      MutexLock lock(mutex_);
      last_rejection_ = answer.status();
      policy_.OnRegisterFailed(answer.status(), Now());
      if (stopping_ || IsLeaving()) return;
    }
    if (options_.on_rejected) options_.on_rejected(answer.status());
    return;
  }
  const Registration& registration = answer->registration;
  lease_key_ = answer->lease_key;
  deps_.logger->Info("node_registered", {{"namespace", message.content.ns().value()},
                                         {"node_id", message.content.node_id().value()},
                                         {"position", registration.position.ToString()},
                                         {"ttl", absl::FormatDuration(registration.ttl)}});
  {
    MutexLock lock(mutex_);
    last_rejection_ = absl::OkStatus();
    policy_.OnRegistered(registration, Now());
    changed_.NotifyAll();
  }
  NoteContact();
  if (options_.on_registered) options_.on_registered(registration);
}

absl::StatusOr<RegisterAnswer> NodeSession::TryRegister(const SessionPolicy::Register& message) {
  const identity::X509SvidPtr svid = SigningSvid();
  if (svid == nullptr) return NoSvid();
  OMNI_ASSIGN_OR_RETURN(const std::string envelope,
                        envelope::Seal({.type = envelope::EventType::kNodeIntrospection,
                                        .timestamp = message.made_at,
                                        .audience = {options_.network, message.content.ns()},
                                        .sequence = message.sequence,
                                        .correlation_id = options_.correlation_id,
                                        .payload = envelope::EncodeIntrospection(message.content)},
                                       crypto::RandomUuid(), deps_.clock->Now(), *svid));
  return client_.Register(envelope, CallTimeout());
}

void NodeSession::Execute(const LeaseBeat& beat) {
  const auto outcome = TryBeat(beat);
  if (!outcome.ok()) {
    deps_.logger->Debug("heartbeat_failed", {{"message", Message(outcome.status())}});
  } else if (*outcome != BeatOutcome::kOk) {
    deps_.logger->Warning("heartbeat_refused", {{"lease", beat.lease_handle},
                                                {"outcome", static_cast<unsigned>(*outcome)}});
  }
  {
    MutexLock lock(mutex_);
    if (outcome.ok()) {
      policy_.OnBeatAnswered(*outcome, Now());
    } else {
      policy_.OnBeatFailed(Now());
    }
    if (stopping_ || IsLeaving()) return;
  }
  // Another answer asks for a registration, whose outcome tells more.
  if (!outcome.ok()) {
    NoteFailedBeat(outcome.status());
  } else if (*outcome == BeatOutcome::kRetry) {
    NoteFailedBeat(absl::UnavailableError("the registry cannot renew leases at the moment"));
  } else if (*outcome == BeatOutcome::kOk) {
    NoteContact();
  }
}

void NodeSession::NoteFailedBeat(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  if (outage_.has_value() && (!reason.has_value() || reason == ReasonOf(*outage_))) return;
  outage_ = status;
  if (options_.on_disconnected) options_.on_disconnected(status);
}

void NodeSession::NoteContact() {
  if (!outage_.has_value()) return;
  outage_.reset();
  if (options_.on_reconnected) options_.on_reconnected();
}

absl::StatusOr<BeatOutcome> NodeSession::TryBeat(const LeaseBeat& beat) {
  RegistryChannels::Pick pick = deps_.registry->Current();
  std::shared_ptr<HeartbeatClient> stream = stream_;
  // After a rotation or a failure the channel is another one. The old stream goes when the new one
  // has been answered.
  if (stream == nullptr || stream_channel_.lock() != pick.channel) {
    stream = std::make_shared<HeartbeatClient>(pick.channel, options_.network,
                                               options_.introspection.ns());
  }
  {
    MutexLock lock(mutex_);
    if (stopping_) return absl::CancelledError("the session ends");
    beating_ = stream;
  }
  const auto outcome = stream->Beat(beat, lease_key_->value(), CallTimeout());
  {
    MutexLock lock(mutex_);
    beating_ = nullptr;
  }
  if (outcome.ok()) {
    stream_ = std::move(stream);
    stream_channel_ = pick.channel;
  } else {
    deps_.registry->Report(pick.index, outcome.status());
    if (stream == stream_) stream_ = nullptr;
  }
  return outcome;
}

void NodeSession::Execute(const SessionPolicy::Leave& message) {
  const absl::Status status = TryLeave(message);
  if (!status.ok()) LogRejection(status);
  MutexLock lock(mutex_);
  if (status.ok()) {
    policy_.OnLeft();
  } else {
    policy_.OnLeaveFailed(status, Now());
  }
}

absl::Status NodeSession::TryLeave(const SessionPolicy::Leave& message) {
  const identity::X509SvidPtr svid = SigningSvid();
  if (svid == nullptr) return NoSvid();
  const directory::Introspection& node = options_.introspection;
  OMNI_ASSIGN_OR_RETURN(
      const std::string envelope,
      envelope::Seal({.type = envelope::EventType::kNodeTombstone,
                      .timestamp = message.made_at,
                      .audience = {options_.network, node.ns()},
                      .sequence = message.sequence,
                      .correlation_id = options_.correlation_id,
                      .payload = envelope::EncodeTombstone({.ns = node.ns(),
                                                            .node_type = node.node_type(),
                                                            .node_id = node.node_id(),
                                                            .final_health = message.final_health,
                                                            .uptime = message.uptime,
                                                            .reason_text = message.reason_text})},
                     crypto::RandomUuid(), deps_.clock->Now(), *svid));
  return client_.Deregister(envelope, CallTimeout()).status();
}

absl::Status NodeSession::Leave(std::string_view reason_text, absl::Duration timeout) {
  OMNI_RETURN_IF_ERROR(directory::CheckReasonText(reason_text));
  MutexLock lock(mutex_);
  if (!IsLeaving()) {
    policy_.RequestLeave(std::string(reason_text), Now());
    // What is under way is of no interest any more.
    client_.CancelCalls();
    if (beating_ != nullptr) beating_->Cancel();
    changed_.NotifyAll();
  }
  if (!WaitUntil(changed_, mutex_, timeout, [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return policy_.left().has_value();
      })) {
    policy_.Abandon(Error(absl::StatusCode::kDeadlineExceeded,
                          "the registry did not confirm the tombstone within {}",
                          absl::FormatDuration(timeout)));
    client_.Close();
    changed_.NotifyAll();
  }
  return *policy_.left();
}

void NodeSession::Update(directory::Introspection introspection) {
  OMNI_CHECK(introspection.ref() == options_.introspection.ref() &&
             introspection.node_type() == options_.introspection.node_type());
  MutexLock lock(mutex_);
  policy_.Update(std::move(introspection), Now());
  changed_.NotifyAll();
}

void NodeSession::SetHealth(directory::Health health) {
  MutexLock lock(mutex_);
  policy_.SetHealth(health, Now());
  changed_.NotifyAll();
}

SessionPolicy::State NodeSession::state() const {
  MutexLock lock(mutex_);
  return policy_.state();
}

std::optional<Registration> NodeSession::registered() const {
  MutexLock lock(mutex_);
  return policy_.registration();
}

absl::StatusOr<Registration> NodeSession::WaitRegistered(absl::Duration timeout) const {
  MutexLock lock(mutex_);
  WaitUntil(changed_, mutex_, timeout, [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return policy_.registration().has_value() || IsLeaving();
  });
  if (IsLeaving()) return absl::FailedPreconditionError("the node leaves");
  if (policy_.registration().has_value()) return *policy_.registration();
  return Error(absl::StatusCode::kDeadlineExceeded, "not registered within {}: {}",
               absl::FormatDuration(timeout), Message(last_rejection_));
}

bool NodeSession::IsLeaving() const {
  return policy_.state() == SessionPolicy::State::kLeaving ||
         policy_.state() == SessionPolicy::State::kLeft;
}

identity::X509SvidPtr NodeSession::SigningSvid() {
  identity::X509SvidPtr svid = deps_.svids->Current();
  MutexLock lock(mutex_);
  signed_with_ = svid;
  return svid;
}

absl::Duration NodeSession::CallTimeout() const {
  MutexLock lock(mutex_);
  if (!policy_.registration().has_value()) return options_.call_timeout;
  const absl::Duration share = policy_.registration()->ttl / 4;
  return std::min(options_.call_timeout, std::max(share, kShortestCall));
}

void NodeSession::LogRejection(const absl::Status& status) {
  std::vector<telemetry::Field> fields = {{"node_id", options_.introspection.node_id().value()}};
  if (const auto reason = ReasonOf(status)) fields.emplace_back("reason", NameOf(*reason));
  const RejectMetadata metadata = MetadataOf(status);
  const auto server_time = metadata.find("server_time");
  if (server_time != metadata.end()) fields.emplace_back("server_time", server_time->second);
  fields.emplace_back("message", Message(status));
  // That nobody answers yet is how every start begins.
  deps_.logger->Log(RegistryChannels::IsInstanceFault(status) ? telemetry::LogLevel::kInfo
                                                              : telemetry::LogLevel::kWarning,
                    "registration_failed", fields);
}

}  // namespace omninode::node
