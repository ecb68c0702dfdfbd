#include "tools/omnictl/node_run.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/config/secret_file.h"
#include "common/crypto/wipe.h"
#include "common/enrollment/membership.h"
#include "common/enrollment/token_file.h"
#include "common/identity/principal.h"
#include "common/node/node_session.h"
#include "common/runtime/signals.h"
#include "common/telemetry/log.h"
#include "tools/omnictl/error_line.h"
#include "tools/omnictl/identity_watch.h"
#include "tools/omnictl/node_events.h"
#include "tools/omnictl/renderer.h"

namespace omninode::omnictl {
namespace {

// The SVID's identity must be the one that the description is about: the registry would refuse it
// for ever.
absl::Status CheckNames(const directory::Introspection& description, const identity::SpiffeId& own,
                        std::string_view what = "the identity is") {
  const identity::SpiffeId expected = NodeSpiffeId(own.trust_domain(), description.ns(),
                                                   description.node_type(), description.node_id());
  if (expected == own) return absl::OkStatus();
  return Reject(Reason::kSubjectMismatch, "{} '{}', but the node to run is '{}'", what,
                own.ToString(), expected.ToString());
}

// A token can be used once: not for a node that could not run with it then. What else may be wrong
// with the file, joining says.
absl::Status CheckToken(const directory::Introspection& description, const std::string& path) {
  if (path.empty()) return absl::OkStatus();
  const auto text = config::ReadSecretFile(path);
  if (!text.ok()) return absl::OkStatus();
  auto token = enrollment::TokenFile::Parse(*text);
  if (!token.ok()) return absl::OkStatus();
  crypto::Wipe(token->token);
  const auto id = identity::SpiffeId::Parse(token->spiffe_id);
  return id.ok() ? CheckNames(description, *id, "the token is for") : absl::OkStatus();
}

std::string DescribeSvid(const identity::X509Svid& svid) {
  return fmt::format("{}, certificate {} until {}", svid.id().ToString(), svid.leaf().serial_hex(),
                     omninode::FormatTime(svid.not_after()));
}

std::string DescribeLease(const node::Registration& registration) {
  return fmt::format("lease {} of {}, renewed every {}", registration.lease_handle,
                     DurationForPeople(registration.ttl),
                     DurationForPeople(registration.renew_every));
}

std::string DescribeRejection(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  if (!reason.has_value()) return std::string(Message(status));
  return fmt::format("{}: {}", NameOf(*reason), Message(status));
}

std::string_view NameOfReason(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  return reason.has_value() ? NameOf(*reason) : std::string_view();
}

// The last words of a node whose identity is over, and how it gets another one.
absl::Status LastWords(const absl::Status& over, const std::string& id,
                       const std::string& identity_dir) {
  std::string advice;
  if (ReasonOf(over) == Reason::kIdentityBanned) {
    advice = fmt::format(
        "ask an administrator to run `omnictl identity unban --spiffe-id {}`, then ", id);
  }
  advice += fmt::format(
      "make a new token with `omnictl identity token create --spiffe-id {} "
      "--out FILE`, ",
      id);
  // What has expired there is not used any more by itself.
  if (!identity_dir.empty() && ReasonOf(over) != Reason::kCertExpired) {
    advice += fmt::format("remove {}, ", identity_dir);
  }
  return WithAdvice(Annotate(over, "the node has ended, because its identity cannot be used again"),
                    advice + "and run the node with --token FILE");
}

// The parts of a running node. The main thread waits for signals; the session and the membership
// have threads of their own and report to `events`.
class RunningNode final {
 public:
  RunningNode(const NodeRunOptions& options, const Clock& clock, NodeEvents& events,
              std::function<void(absl::Status)> on_over)
      : options_(options),
        clock_(clock),
        events_(events),
        on_over_(std::move(on_over)),
        sink_(telemetry::MakeStderrSink()),
        logger_(
            "omnictl", *sink_, [&clock] { return clock.Now(); }, telemetry::LogLevel::kError) {}

  absl::Status Start(directory::Introspection description) {
    OMNI_RETURN_IF_ERROR(CheckToken(description, options_.token_file));
    OMNI_ASSIGN_OR_RETURN(membership_,
                          enrollment::Membership::Join({.clock = clock_,
                                                        .logger = logger_,
                                                        .identity_dir = options_.identity_dir,
                                                        .token_file = options_.token_file,
                                                        .join_timeout = options_.timeout}));
    const identity::X509SvidPtr svid = membership_->svids().Current();
    OMNI_RETURN_IF_ERROR(CheckNames(description, svid->id()));
    events_.Add("joined", "", DescribeSvid(*svid));
    rotation_ = membership_->svids().Subscribe([this](const identity::X509SvidPtr& renewed) {
      events_.Add("rotated", "", DescribeSvid(*renewed));
    });
    watch_ = std::make_unique<IdentityWatch>(
        IdentityWatch::Deps{clock_, membership_->svids(), membership_->trust(),
                            [this] { return membership_->Refusal(); }},
        on_over_);
    const enrollment::NetworkInfo network = membership_->network();
    OMNI_ASSIGN_OR_RETURN(
        auto channels,
        node::RegistryChannels::Create(
            {.addresses = options_.registry.empty() ? network.registry_addresses
                                                    : std::vector<std::string>{options_.registry},
             .svids = &membership_->svids(),
             .trust = &membership_->trust(),
             .clock = &clock_}));
    session_ = std::make_unique<node::NodeSession>(
        node::NodeSession::Deps{std::move(channels), &clock_, &membership_->svids(), &logger_},
        node::NodeSession::Options{
            .network = network.network_id,
            .introspection = std::move(description),
            .on_registered = [this](const auto& registration) { Registered(registration); },
            .on_rejected = [this](const absl::Status& status) { Heard("rejected", status); },
            .on_disconnected =
                [this](const absl::Status& status) { Heard("disconnected", status); },
            .on_reconnected =
                [this] { events_.Add("reconnected", "", "the lease is renewed again"); }});
    return absl::OkStatus();
  }

  // At SIGHUP.
  void Reload() {
    auto description = options_.describe();
    absl::Status status = description.status();
    if (status.ok()) {
      status = CheckNames(*description, membership_->svids().Current()->id());
    }
    if (!status.ok()) {
      events_.Add("reload_failed", "", DescribeRejection(status));
      return;
    }
    session_->Update(*std::move(description));
    events_.Add("reloaded", "", "the description was read again");
  }

  // Nobody would hear a goodbye.
  absl::Status End(const absl::Status& over) {
    events_.Add("disconnected", "", DescribeRejection(over), NameOfReason(over));
    return LastWords(over, membership_->svids().Current()->id().ToString(), options_.identity_dir);
  }

  absl::Status Leave(std::string_view cause) {
    const bool registered = session_->registered().has_value();
    absl::Status left = session_->Leave(fmt::format("stopped by {}", cause), options_.timeout);
    if (left.ok()) {
      events_.Add("left", "",
                  registered ? "with a tombstone" : "it was not registered at the time");
      return left;
    }
    events_.Add("leave_failed", "", DescribeRejection(left));
    return Annotate(left, "could not say goodbye; the lease will run out");
  }

 private:
  // On the session's thread. What is over is told by End.
  void Heard(std::string_view event, const absl::Status& status) {
    if (!IsOver(ReasonOf(status))) {
      events_.Add(event, "", DescribeRejection(status), NameOfReason(status));
    }
    watch_->Heard(status);
  }

  // On the session's thread.
  void Registered(const node::Registration& registration) {
    const std::string position = registration.position.ToString();
    watch_->Accepted();
    const bool first = !position_.has_value();
    const bool moved = position_ != position;
    events_.Add(first   ? "registered"
                : moved ? "updated"
                        : "renewed",
                position, DescribeLease(registration));
    position_ = position;
  }

  const NodeRunOptions& options_;
  const Clock& clock_;
  NodeEvents& events_;
  const std::function<void(absl::Status)> on_over_;
  const std::unique_ptr<telemetry::LogSink> sink_;
  telemetry::Logger logger_;
  std::unique_ptr<enrollment::Membership> membership_;
  Subscription rotation_;
  std::unique_ptr<IdentityWatch> watch_;
  std::optional<std::string> position_;  // of the session's thread
  std::unique_ptr<node::NodeSession> session_;
};

}  // namespace

absl::Status RunNode(const NodeRunOptions& options, const Clock& clock,
                     const NodeEventSink& on_event) {
  OMNI_ASSIGN_OR_RETURN(directory::Introspection description, options.describe());
  OMNI_ASSIGN_OR_RETURN(const auto signals, runtime::SignalWaiter::Create());
  NodeEvents events(clock, options.ready_file, on_event,
                    [&signals](absl::Status failed) { signals->RequestStop(std::move(failed)); });
  RunningNode running(options, clock, events,
                      [&signals](absl::Status over) { signals->RequestStop(std::move(over)); });
  OMNI_RETURN_IF_ERROR(running.Start(std::move(description)));
  const runtime::StopRequest stop = signals->Wait([&running] { running.Reload(); });
  if (IsOver(ReasonOf(stop.status))) return running.End(stop.status);
  const absl::Status left = running.Leave(stop.cause);
  return stop.status.ok() ? left : stop.status;
}

}  // namespace omninode::omnictl
