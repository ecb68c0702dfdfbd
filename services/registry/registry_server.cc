#include "services/registry/registry_server.h"

#include <atomic>
#include <memory>
#include <set>
#include <utility>

#include <grpcpp/impl/service_type.h>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/concurrency/periodic_task.h"
#include "common/config/secret_file.h"
#include "common/crypto/process_config.h"
#include "common/enrollment/membership.h"
#include "common/enrollment/membership_health.h"
#include "common/enrollment/membership_metrics.h"
#include "common/node/service_session.h"
#include "common/rpc/serve/guard.h"
#include "common/rpc/stream/stream_registry.h"
#include "common/rpc/stream/stream_sweeper.h"
#include "common/rpc/transport/grpc_log.h"
#include "common/rpc/transport/server.h"
#include "common/rpc/transport/server_credentials.h"
#include "common/runtime/version.h"
#include "services/registry/admission/identity_rules_gate.h"
#include "services/registry/api/namespace_service.h"
#include "services/registry/api/registry_service.h"
#include "services/registry/api/topology_service.h"
#include "services/registry/departure/expiry_reaper.h"
#include "services/registry/departure/revocation_evictor.h"
#include "services/registry/registry_metrics.h"
#include "services/registry/restored_state.h"
#include "services/registry/sequencer/sequencer.h"

namespace omninode::registry {
namespace {

using runtime::ServiceContext;
using telemetry::HealthState;

constexpr absl::Duration kStopGrace = absl::Seconds(5);
constexpr absl::Duration kFirstWord = absl::Seconds(1);

void Report(const ServiceContext& context, std::string_view name, bool ok, std::string detail) {
  context.health.Set(name, ok ? HealthState::kOk : HealthState::kFailed, detail,
                     context.clock.Now());
}

// The thread that ticks the watches, for those who want it to run sooner. It is there later than
// the hub that calls it, and gone sooner.
class Wake final {
 public:
  void Set(PeriodicTask* task) {
    MutexLock lock(mutex_);
    task_ = task;
  }
  void operator()() {
    MutexLock lock(mutex_);
    if (task_ != nullptr) task_->Kick();
  }

 private:
  Mutex mutex_;
  PeriodicTask* task_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

// The service's rooms in the order in which they start; members are destroyed in reverse order.
class RegistryServer final : public runtime::Service {
 public:
  RegistryServer(const ServiceContext& context, std::unique_ptr<enrollment::Membership> membership,
                 std::shared_ptr<Wake> wake, std::unique_ptr<RestoredState> state)
      : context_(context),
        grpc_log_(context.logger),
        membership_(std::move(membership)),
        network_(membership_->network().network_id),
        id_(membership_->svids().Current()->id()),
        wake_(std::move(wake)),
        state_(std::move(state)),
        pages_(state_->ownership().secret),
        verifier_(
            {network_, id_.trust_domain(), context.config.GetDuration("admission.max_clock_skew")},
            signers_),
        admission_({context.clock, membership_->trust(), verifier_, policy_}),
        in_flight_(context.config.GetUint("admission.max_in_flight")),
        guard_({.clock = context.clock,
                .trust = membership_->trust(),
                .peers = peers_,
                .security = context.security,
                .metrics = context.metrics,
                .logger = context.logger}),
        commit_metrics_(context.metrics),
        reaper_(
            {.actor = id_.ToString(),
             .outage = {},
             .brake = {.min_nodes = context.config.GetUint("lease.brake_min_nodes"),
                       .share = static_cast<double>(context.config.GetUint("lease.brake_percent")) /
                                100},
             .on_brake = [this](const auto& ns, bool on) { OnBrake(ns, on); }},
            state_->leases(), sequencer_),
        sequencer_(Sequencer::Options{.keep_groups = context.config.GetUint("history.max_groups")},
                   state_->ownership(),
                   Sequencer::Deps{context.clock, membership_->trust(), state_->store(),
                                   state_->table(), state_->leases(), state_->watch(),
                                   [this](const absl::Status& status) { OnStore(status); },
                                   [this](const CommittedGroup& group) { OnCommit(group); }}),
        evictor_(membership_->trust(), state_->table(), sequencer_, id_.ToString()),
        intake_({[this] { return Writable(); }, in_flight_, admission_, sequencer_}),
        beats_({context.clock, state_->leases(), intake_, network_, state_->ownership().secret,
                [this](const auto& caller, const auto& ns, Reason reason) {
                  OnBeatRefused(caller, ns, reason);
                }}),
        metrics_(context.metrics,
                 {state_->table(), state_->leases(), state_->watch(), sequencer_, in_flight_}),
        registry_service_(
            MakeRegistryService({guard_, streams_, context.clock, intake_, state_->table(), beats_,
                                 pages_, state_->ownership().secret})),
        topology_service_(MakeTopologyService(
            {guard_, streams_, context.clock, state_->table(), state_->watch(), pins_, pages_})),
        namespace_service_(MakeNamespaceService({guard_, intake_, state_->table(), pages_})),
        sweeper_(streams_, membership_->trust(), context.clock),
        reaping_("reaper",
                 [this] {
                   reaper_.Tick(context_.clock.Monotonic());
                   return ExpiryReaper::kTick;
                 }),
        ticking_("watch",
                 [this] {
                   const MonotonicTime next = state_->watch().Tick(context_.clock.Monotonic());
                   return next - context_.clock.Monotonic();
                 }),
        reporting_("health", [this] { return Watch(); }) {
    wake_->Set(&ticking_);
  }

  ~RegistryServer() override { wake_->Set(nullptr); }

  absl::Status Start() override {
    // Usually at once; without bootstrap the registry serves reads and refuses writes.
    if (!membership_->WaitForTrust(kFirstWord)) context_.logger.Warning("trust_unconfirmed");
    OMNI_ASSIGN_OR_RETURN(
        server_,
        rpc::Server::Start({.address = context_.config.GetAddress("listen").ToString(),
                            .credentials = rpc::MakeServerCredentials(
                                rpc::ClientCertificate::kRequired, membership_->svids(),
                                membership_->trust(), context_.logger),
                            .services = {registry_service_.get(), topology_service_.get(),
                                         namespace_service_.get()},
                            // Registrations are judged by their own bounds, which have reasons.
                            .limits = {.max_receive_message_bytes = 4 * 1024 * 1024,
                                       .max_concurrent_streams = 2'000,
                                       .max_memory_bytes = std::size_t{1} << 30},
                            .reflection = context_.config.GetBool("reflection")}));
    EnsureNamespaces();
    context_.logger.Info("registry_started",
                         {{"spiffe_id", id_.ToString()},
                          {"listen", server_->address()},
                          {"term", sequencer_.term()},
                          {"namespaces", state_->table().ListNamespaces().size()},
                          {"nodes", state_->leases().size()}});
    OMNI_ASSIGN_OR_RETURN(session_, RegisterSelf());
    return absl::OkStatus();
  }

  void Stop() override {
    if (session_ != nullptr) {
      const absl::Status left = session_->Leave("shutdown", kStopGrace);
      context_.logger.Info("left", {{"ok", left.ok()}, {"message", Message(left)}});
      session_.reset();
    }
    stopping_ = true;
    server_->SetServing(false);
    state_->watch().Drain();
    streams_.EndAll(Reject(Reason::kShuttingDown, "the registry is stopping"));
    server_->Shutdown(kStopGrace);
  }

  std::string address() const override { return server_ == nullptr ? "" : server_->address(); }

 private:
  absl::Status Writable() const {
    if (stopping_) return Reject(Reason::kShuttingDown, "the registry is stopping");
    return enrollment::CheckTrustAge(membership_->TrustAge(),
                                     context_.config.GetDuration("trust.max_age"));
  }

  // The namespaces that every network has. Asked for again until they are there: when the process
  // starts, trust may be stale or the store away.
  void EnsureNamespaces() {
    if (!Writable().ok()) return;
    for (const std::string_view name : {identity::kSystemNamespace, identity::kDefaultNamespace}) {
      const auto parsed = NamespaceName::Parse(name);
      if (state_->table().GetNamespace(*parsed).ok()) continue;
      intake_.Submit(
          CreateNamespaceCommand{*parsed, NamespaceLimits::Default(), id_.ToString(), {}},
          Urgency::kControl, [this, name](const absl::StatusOr<Answer>& answer) {
            if (answer.ok()) return;
            context_.logger.Warning("namespace_not_created",
                                    {{"namespace", name}, {"error", Message(answer.status())}});
          });
    }
  }

  void OnStore(const absl::Status& status) {
    reaper_.SetStoreAway(!status.ok());
    Report(context_, "store", status.ok(), std::string(Message(status)));
    if (status.ok()) {
      context_.logger.Info("store_back");
    } else {
      context_.logger.Error("store_away", {{"error", Message(status)}});
    }
  }

  // Who goes without a word of his own is worth a line; the others have their audit lines.
  void OnCommit(const CommittedGroup& group) {
    commit_metrics_.Record(group);
    for (const ChangeRecord& record : group.records) {
      for (const NodeChange& change : record.changes) {
        if (change.departed == nullptr) continue;
        const directory::Tombstone& tombstone = change.departed->tombstone;
        if (tombstone.reason == directory::RemovalReason::kGracefulShutdown) continue;
        context_.logger.Info("node_removed", {{"namespace", record.ns.value()},
                                              {"node_id", tombstone.node.id.value()},
                                              {"reason", NameOf(tombstone.reason)},
                                              {"position", tombstone.removed_at.ToString()},
                                              {"actor", tombstone.actor}});
      }
    }
  }

  void OnBrake(const NamespaceName& ns, bool on) {
    context_.logger.Warning(on ? "expiry_brake_on" : "expiry_brake_off",
                            {{"namespace", ns.value()}});
    if (on) {
      braking_.insert(ns);
    } else {
      braking_.erase(ns);
    }
    const bool any = !braking_.empty();
    context_.health.Set(
        "expiry", any ? HealthState::kWarning : HealthState::kOk,
        any ? "many nodes of a namespace stopped renewing at once; expiry is slowed" : "",
        context_.clock.Now());
  }

  void OnBeatRefused(const rpc::Caller& caller, const NamespaceName& ns, Reason reason) {
    context_.security.Rejected({.reason = reason,
                                .rpc = "omninode.registry.v1.RegistryService/Heartbeat",
                                .peer_spiffe_id = caller.id().ToString(),
                                .source_address = caller.address,
                                .ns = ns.value()},
                               context_.clock.Now());
  }

  // What changes by the passing of time alone.
  absl::Duration Watch() {
    const absl::Time now = context_.clock.Now();
    enrollment::ReportTrust(membership_->TrustAge(), context_.config.GetDuration("trust.max_age"),
                            now, context_.health);
    EnsureNamespaces();
    enrollment::ReportCertificate(*membership_->svids().Current(), now, context_.health);
    enrollment::ShowTrustAge(membership_->TrustAge(), context_.metrics);
    enrollment::ShowSvid(*membership_->svids().Current(), context_.metrics);
    metrics_.Update();
    return absl::Seconds(1);
  }

  absl::StatusOr<std::unique_ptr<node::NodeSession>> RegisterSelf() {
    return node::RegisterService(
        {.network = network_,
         .registry_addresses = {server_->address()},
         .version = std::string(runtime::Version()),
         .grpc_address = context_.config.Has("advertise") ? context_.config.GetString("advertise")
                                                          : server_->address(),
         .admin_address = context_.admin_address},
        context_.clock, membership_->svids(), membership_->trust(), context_.logger);
  }

  const ServiceContext context_;
  rpc::GrpcLog grpc_log_;
  const std::unique_ptr<enrollment::Membership> membership_;
  const NetworkId network_;
  const identity::SpiffeId id_;
  std::atomic<bool> stopping_{false};
  const std::shared_ptr<Wake> wake_;

  const std::unique_ptr<RestoredState> state_;
  const PageTokens pages_;
  SnapshotPins pins_;
  identity::CertificateCache signers_;
  identity::CertificateCache peers_;
  const Verifier verifier_;
  IdentityRulesGate policy_;
  const Admission admission_;
  InFlight in_flight_;
  rpc::Guard guard_;
  rpc::StreamRegistry streams_;
  CommitMetrics commit_metrics_;
  std::set<NamespaceName> braking_;  // reaping_ only
  ExpiryReaper reaper_;              // outlives the sequencer, which tells it about the store
  Sequencer sequencer_;
  RevocationEvictor evictor_;
  const Intake intake_;
  BeatDesk beats_;
  RegistryMetrics metrics_;
  const std::unique_ptr<grpc::Service> registry_service_;
  const std::unique_ptr<grpc::Service> topology_service_;
  const std::unique_ptr<grpc::Service> namespace_service_;
  rpc::StreamSweeper sweeper_;
  PeriodicTask reaping_;
  PeriodicTask ticking_;
  PeriodicTask reporting_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<node::NodeSession> session_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<runtime::Service>> MakeRegistry(const ServiceContext& context) {
  crypto::ConfigureTlsProcess();
  OMNI_ASSIGN_OR_RETURN(
      auto membership,
      enrollment::Membership::Join({.clock = context.clock,
                                    .logger = context.logger,
                                    .identity_dir = context.config.GetString("identity_dir")}));
  const identity::SpiffeId id = membership->svids().Current()->id();
  const auto principal = identity::Principal::From(id);
  const auto* self = principal.ok() ? principal->As<identity::ServiceIdentity>() : nullptr;
  if (self == nullptr || self->name.value() != "registry") {
    return context.config.Problem("identity_dir", fmt::format("holds the identity {}, need one of "
                                                              "/service/registry/<instance>",
                                                              id.ToString()));
  }
  auto wake = std::make_shared<Wake>();
  OMNI_ASSIGN_OR_RETURN(auto state,
                        RestoredState::Open(context.config.GetString("data_dir"), id.ToString(),
                                            context.clock, [wake] { (*wake)(); }));
  return std::make_unique<RegistryServer>(context, std::move(membership), std::move(wake),
                                          std::move(state));
}

}  // namespace omninode::registry
