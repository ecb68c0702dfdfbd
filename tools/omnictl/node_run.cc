#include "tools/omnictl/node_run.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/enrollment/membership.h"
#include "common/identity/principal.h"
#include "common/node/node_session.h"
#include "common/runtime/signals.h"
#include "common/telemetry/log.h"
#include "tools/omnictl/node_events.h"

namespace omninode::omnictl {
namespace {

// The SVID's identity must be the one that the description is about: the registry would refuse it
// for ever.
absl::Status CheckNames(const directory::Introspection& description,
                        const identity::SpiffeId& own) {
  const identity::SpiffeId expected = NodeSpiffeId(own.trust_domain(), description.ns(),
                                                   description.node_type(), description.node_id());
  if (expected == own) return absl::OkStatus();
  return Reject(Reason::kSubjectMismatch, "the identity is '{}', but the node to run is '{}'",
                own.ToString(), expected.ToString());
}

std::string DescribeSvid(const identity::X509Svid& svid) {
  return fmt::format("{}, certificate {} until {}", svid.id().ToString(), svid.leaf().serial_hex(),
                     omninode::FormatTime(svid.not_after()));
}

std::string DescribeLease(const node::Registration& registration) {
  return fmt::format("lease {} of {}, renewed every {}", registration.lease_handle,
                     absl::FormatDuration(registration.ttl),
                     absl::FormatDuration(registration.renew_every));
}

std::string DescribeRejection(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  if (!reason.has_value()) return std::string(Message(status));
  return fmt::format("{}: {}", NameOf(*reason), Message(status));
}

// The parts of a running node. The main thread waits for signals; the session and the membership
// have threads of their own and report to `events`.
class RunningNode final {
 public:
  RunningNode(const NodeRunOptions& options, const Clock& clock, NodeEvents& events)
      : options_(options),
        clock_(clock),
        events_(events),
        sink_(telemetry::MakeStderrSink()),
        logger_(
            "omnictl", *sink_, [&clock] { return clock.Now(); }, telemetry::LogLevel::kError) {}

  absl::Status Start(directory::Introspection description) {
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
            .on_rejected =
                [this](const absl::Status& status) {
                  events_.Add("rejected", "", DescribeRejection(status));
                }});
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
  // On the session's thread.
  void Registered(const node::Registration& registration) {
    const std::string position = registration.position.ToString();
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
  const std::unique_ptr<telemetry::LogSink> sink_;
  telemetry::Logger logger_;
  std::unique_ptr<enrollment::Membership> membership_;
  Subscription rotation_;
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
  RunningNode running(options, clock, events);
  OMNI_RETURN_IF_ERROR(running.Start(std::move(description)));
  const runtime::StopRequest stop = signals->Wait([&running] { running.Reload(); });
  const absl::Status left = running.Leave(stop.cause);
  return stop.status.ok() ? left : stop.status;
}

}  // namespace omninode::omnictl
