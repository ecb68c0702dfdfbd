#include "services/attestor/attestor_server.h"

#include <utility>

#include <grpcpp/impl/service_type.h>
#include <pthread.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/concurrency/periodic_task.h"
#include "common/crypto/process_config.h"
#include "common/enrollment/membership.h"
#include "common/enrollment/membership_health.h"
#include "common/enrollment/membership_metrics.h"
#include "common/node/service_session.h"
#include "common/rpc/serve/guard.h"
#include "common/rpc/stream/stream_registry.h"
#include "common/rpc/stream/stream_sweeper.h"
#include "common/rpc/transport/channel.h"
#include "common/rpc/transport/grpc_log.h"
#include "common/rpc/transport/server.h"
#include "common/rpc/transport/server_credentials.h"
#include "common/runtime/version.h"
#include "services/attestor/api/attestation_relay.h"
#include "services/attestor/api/attestation_service.h"

namespace omninode::attestor {
namespace {

using runtime::ServiceContext;
using telemetry::HealthState;

constexpr char kServiceName[] = "attestor";
constexpr std::size_t kThreadStackBytes = 1024 * 1024;
// Half of what the process may have, see AttestorInfo.
constexpr std::size_t kMaxMemoryBytes = std::size_t{128} * 1024 * 1024;
constexpr absl::Duration kLeaveTimeout = absl::Seconds(1);
constexpr absl::Duration kStopGrace = absl::Milliseconds(500);

std::string FirstBootstrapAddress(const enrollment::Membership& membership) {
  const enrollment::NetworkInfo network = membership.network();
  return network.bootstrap_addresses.empty() ? "" : network.bootstrap_addresses.front();
}

// The limit on data counts the whole stack of every thread, and the library makes threads by the
// number of processors: with the usual 8 MiB a big machine would reach the limit by starting.
absl::Status BoundThreadStacks() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kThreadStackBytes);
  const int failed = pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
  if (failed == 0) return absl::OkStatus();
  return Error(absl::StatusCode::kInternal, "the system refuses stacks of {} bytes",
               kThreadStackBytes);
}

// Its parts in the order in which they start; members are destroyed in reverse order.
class AttestorServer final : public runtime::Service {
 public:
  AttestorServer(const ServiceContext& context, std::unique_ptr<enrollment::Membership> membership)
      : context_(context),
        grpc_log_(context.logger),
        membership_(std::move(membership)),
        id_(membership_->svids().Current()->id()),
        upstream_({.address = FirstBootstrapAddress(*membership_),
                   .expected = rpc::ExpectService("bootstrap"),
                   .svids = &membership_->svids(),
                   .trust = &membership_->trust(),
                   .clock = &context.clock}),
        guard_({.clock = context.clock,
                .trust = membership_->trust(),
                .peers = peers_,
                .security = context.security,
                .metrics = context.metrics,
                .logger = context.logger,
                .limits = {.in_flight = {64, 64, MaxAttestations()}}}),
        bootstrap_([this] { return upstream_.Get(); }),
        service_(MakeAttestationService(
            {.guard = guard_,
             .streams = streams_,
             .clock = context.clock,
             .bootstrap = bootstrap_,
             .failures = failures_,
             .on_upstream = [this](const absl::Status& status) { OnUpstream(status); }})),
        sweeper_(streams_, membership_->trust(), context.clock),
        reporting_("health", [this] { return Report(); }) {}

  absl::Status Start() override {
    OMNI_ASSIGN_OR_RETURN(
        server_,
        rpc::Server::Start({.address = context_.config.GetAddress("listen").ToString(),
                            .credentials = rpc::MakeServerCredentials(
                                rpc::ClientCertificate::kNone, membership_->svids(),
                                membership_->trust(), context_.logger),
                            .services = {service_.get()},
                            .limits = {.max_threads = 4, .max_memory_bytes = kMaxMemoryBytes},
                            .reflection = context_.config.GetBool("reflection")}));
    context_.logger.Info("attestor_started", {{"spiffe_id", id_.ToString()},
                                              {"listen", server_->address()},
                                              {"bootstrap", FirstBootstrapAddress(*membership_)}});
    return Register();
  }

  void Stop() override {
    if (session_ != nullptr) {
      const absl::Status left = session_->Leave("shutdown", kLeaveTimeout);
      context_.logger.Info("left", {{"ok", left.ok()}, {"message", Message(left)}});
      session_.reset();
    }
    streams_.EndAll(Reject(Reason::kShuttingDown, "the attestor is stopping"));
    server_->Shutdown(kStopGrace);
  }

  std::string address() const override { return server_ == nullptr ? "" : server_->address(); }

 private:
  int MaxAttestations() const {
    return static_cast<int>(context_.config.GetUint("max_attestations"));
  }

  // What the newcomer is not told: the attestor's own trouble.
  void OnUpstream(const absl::Status& status) {
    if (ForNewcomer(status) == status) return;
    context_.logger.Warning("bootstrap_call_failed", {{"error", Message(status)}});
  }

  absl::Duration Report() {
    const absl::Time now = context_.clock.Now();
    enrollment::ReportTrust(membership_->TrustAge(), context_.config.GetDuration("trust.max_age"),
                            now, context_.health);
    enrollment::ReportCertificate(*membership_->svids().Current(), now, context_.health);
    enrollment::ShowTrustAge(membership_->TrustAge(), context_.metrics);
    enrollment::ShowSvid(*membership_->svids().Current(), context_.metrics);
    return absl::Seconds(1);
  }

  // In the directory the attestor is a node like others; the registry may come later than it.
  absl::Status Register() {
    const enrollment::NetworkInfo network = membership_->network();
    if (network.registry_addresses.empty()) return absl::OkStatus();
    OMNI_ASSIGN_OR_RETURN(
        session_, node::RegisterService(
                      {.network = network.network_id,
                       .registry_addresses = network.registry_addresses,
                       .version = std::string(runtime::Version()),
                       .grpc_address = context_.config.Has("advertise")
                                           ? context_.config.GetString("advertise")
                                           : server_->address(),
                       .admin_address = context_.admin_address},
                      context_.clock, membership_->svids(), membership_->trust(), context_.logger));
    return absl::OkStatus();
  }

  const ServiceContext context_;
  rpc::GrpcLog grpc_log_;
  const std::unique_ptr<enrollment::Membership> membership_;
  const identity::SpiffeId id_;
  rpc::RotatingChannel upstream_;
  identity::CertificateCache peers_{2};  // nobody shows a certificate here
  rpc::Guard guard_;
  rpc::StreamRegistry streams_;
  RateLimit failures_;
  BootstrapClient bootstrap_;
  const std::unique_ptr<grpc::Service> service_;
  rpc::StreamSweeper sweeper_;
  PeriodicTask reporting_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<node::NodeSession> session_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<runtime::Service>> MakeAttestor(const ServiceContext& context) {
  OMNI_RETURN_IF_ERROR(BoundThreadStacks());
  crypto::ConfigureTlsProcess();
  OMNI_ASSIGN_OR_RETURN(
      auto membership,
      enrollment::Membership::Join({.clock = context.clock,
                                    .logger = context.logger,
                                    .identity_dir = context.config.GetString("identity_dir")}));
  const identity::SpiffeId id = membership->svids().Current()->id();
  if (!rpc::ExpectService(kServiceName)(id)) {
    return context.config.Problem(
        "identity_dir", fmt::format("holds the identity {}, need one of /service/{}/<instance>",
                                    id.ToString(), kServiceName));
  }
  if (FirstBootstrapAddress(*membership).empty()) {
    return context.config.Problem("identity_dir", "names no bootstrap service");
  }
  return std::make_unique<AttestorServer>(context, std::move(membership));
}

}  // namespace omninode::attestor
