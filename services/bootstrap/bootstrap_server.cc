#include "services/bootstrap/bootstrap_server.h"

#include <algorithm>
#include <utility>

#include <grpcpp/impl/service_type.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/concurrency/periodic_task.h"
#include "common/crypto/process_config.h"
#include "common/identity/certificate_cache.h"
#include "common/identity/principal.h"
#include "common/node/service_session.h"
#include "common/rpc/serve/guard.h"
#include "common/rpc/serve/local_listener.h"
#include "common/rpc/stream/stream_registry.h"
#include "common/rpc/stream/stream_sweeper.h"
#include "common/rpc/transport/grpc_log.h"
#include "common/rpc/transport/server.h"
#include "common/rpc/transport/server_credentials.h"
#include "common/runtime/version.h"
#include "services/bootstrap/api/authority_service.h"
#include "services/bootstrap/api/entry_service.h"
#include "services/bootstrap/api/identity_service.h"
#include "services/bootstrap/api/local_identity_service.h"
#include "services/bootstrap/api/trust_broadcast.h"
#include "services/bootstrap/api/trust_service.h"
#include "services/bootstrap/bootstrap_metrics.h"
#include "services/bootstrap/desk/prune.h"
#include "services/bootstrap/own_identity.h"
#include "services/bootstrap/setup/network.h"

namespace omninode::bootstrap {
namespace {

using runtime::ServiceContext;
using telemetry::HealthState;

constexpr absl::Duration kLeaveTimeout = absl::Seconds(1);
constexpr absl::Duration kStopGrace = absl::Milliseconds(500);
constexpr absl::Duration kReportInterval = absl::Seconds(1);
constexpr absl::Duration kProbeInterval = absl::Seconds(5);
constexpr int kProbesPerPrune = 12;
// A rack that joins at once through one attestor; beyond, the library refuses without a reason.
constexpr int kMaxThreads = 192;

NetworkMap MapOf(const ServiceContext& context, const NetworkInfo& info,
                 const std::string& listening) {
  return {.network_id = info.network_id,
          .trust_domain = info.trust_domain,
          .bootstrap_addresses = {context.config.Has("advertise")
                                      ? context.config.GetString("advertise")
                                      : listening},
          .registry_addresses = context.config.GetList("registry_addresses"),
          .attestor_address = context.config.GetString("attestor_address")};
}

// Differs when the map does.
std::string TextOf(const NetworkMap& map) {
  return fmt::format("bootstrap {}\nregistry {}", Join(map.bootstrap_addresses, ","),
                     Join(map.registry_addresses, ","));
}

// The authority and its desks: all that decides, and nothing that talks to others.
struct Rooms {
  OpenedNetwork network;
  Issuer issuer;
  Acknowledgements acknowledgements;
  std::unique_ptr<TrustLedger> ledger;
  std::unique_ptr<EntryDesk> entries;
  std::unique_ptr<IdentityDesk> identities;
  std::unique_ptr<RevocationDesk> revocations;

  explicit Rooms(OpenedNetwork opened)
      : network(std::move(opened)), issuer(network.info.trust_domain, network.authority.issuer()) {}

  static absl::StatusOr<std::unique_ptr<Rooms>> Open(const ServiceContext& context) {
    OMNI_ASSIGN_OR_RETURN(OpenedNetwork opened,
                          OpenNetwork(context.config.GetString("data_dir"), context.clock.Now()));
    auto rooms = std::make_unique<Rooms>(std::move(opened));
    const identity::TrustDomain& domain = rooms->network.info.trust_domain;
    BootstrapStore& store = *rooms->network.store;
    const NetworkMap map =
        MapOf(context, rooms->network.info, context.config.GetAddress("listen").ToString());
    OMNI_ASSIGN_OR_RETURN(rooms->ledger, TrustLedger::Create(rooms->network.authority.bundle(),
                                                             kLongestLeafLife, store, TextOf(map)));
    const absl::Duration min_ttl = context.config.GetDuration("min_svid_ttl");
    OMNI_ASSIGN_OR_RETURN(rooms->entries, EntryDesk::Create({.trust_domain = domain,
                                                             .store = store,
                                                             .ledger = *rooms->ledger,
                                                             .clock = context.clock,
                                                             .min_svid_ttl = min_ttl}));
    rooms->identities = std::make_unique<IdentityDesk>(
        IdentityDesk::Deps{.issuer = rooms->issuer,
                           .store = store,
                           .ledger = *rooms->ledger,
                           .entries = *rooms->entries,
                           .clock = context.clock,
                           .limits = {.default_ttl = context.config.GetDuration("svid_ttl"),
                                      .min_ttl = min_ttl,
                                      .max_ttl = kMaxSvidTtl}});
    rooms->revocations = std::make_unique<RevocationDesk>(
        RevocationDesk::Deps{.trust_domain = domain,
                             .store = store,
                             .ledger = *rooms->ledger,
                             .acknowledgements = rooms->acknowledgements,
                             .clock = context.clock});
    return rooms;
  }
};

// The service's parts in the order in which they start; members are destroyed in reverse order.
class BootstrapServer final : public runtime::Service {
 public:
  BootstrapServer(const ServiceContext& context, std::unique_ptr<Rooms> rooms,
                  std::unique_ptr<OwnIdentity> own)
      : context_(context),
        grpc_log_(context.logger),
        rooms_(std::move(rooms)),
        own_(std::move(own)),
        network_(std::make_shared<const NetworkMap>(
            MapOf(context, rooms_->network.info, context.config.GetAddress("listen").ToString()))),
        guard_({.clock = context.clock,
                .trust = *rooms_->ledger,
                .peers = peers_,
                .security = context.security,
                .metrics = context.metrics,
                .logger = context.logger,
                .local_peers = &local_peers_}),
        broadcast_(*rooms_->ledger, network_),
        metrics_(context.metrics,
                 {*rooms_->ledger, *rooms_->entries, broadcast_, Certificate().not_after()}),
        identity_service_(
            MakeIdentityService({guard_, *rooms_->identities, network_, context.logger})),
        trust_service_(MakeTrustService(
            {guard_, streams_, context.clock, broadcast_, network_, rooms_->acknowledgements})),
        authority_service_(MakeAuthorityService({guard_, *rooms_->revocations, context.logger})),
        entry_service_(MakeEntryService(
            {guard_, *rooms_->entries, *rooms_->ledger, network_, context.logger})),
        local_service_(
            MakeLocalIdentityService({guard_, *rooms_->identities, network_, context.logger})),
        sweeper_(streams_, *rooms_->ledger, context.clock),
        store_keeping_("store", [this] { return KeepStore(); }),
        reporting_("health", [this] { return Report(); }) {}

  absl::Status Start() override {
    OMNI_ASSIGN_OR_RETURN(
        server_, rpc::Server::Start({.address = context_.config.GetAddress("listen").ToString(),
                                     .credentials = rpc::MakeServerCredentials(
                                         rpc::ClientCertificate::kRequired, own_->svids(),
                                         *rooms_->ledger, context_.logger),
                                     .services = {identity_service_.get(), trust_service_.get(),
                                                  authority_service_.get(), entry_service_.get()},
                                     .limits = {.max_threads = kMaxThreads},
                                     .reflection = context_.config.GetBool("reflection")}));
    network_.Store(std::make_shared<const NetworkMap>(
        MapOf(context_, rooms_->network.info, server_->address())));
    OMNI_RETURN_IF_ERROR(StartAdminSocket());
    context_.logger.Info(
        "bootstrap_started",
        {{"spiffe_id", own_->svids().Current()->id().ToString()},
         {"network", rooms_->network.info.network_id.value()},
         {"listen", server_->address()},
         {"admin_socket", AdminSocketPath(context_.config)},
         {"trust_sequence", rooms_->ledger->Current()->sequence},
         {"authority_not_after", omninode::FormatTime(Certificate().not_after())}});
    return Register();
  }

  void Stop() override {
    if (session_ != nullptr) {
      const absl::Status left = session_->Leave("shutdown", kLeaveTimeout);
      context_.logger.Info("left", {{"ok", left.ok()}, {"message", Message(left)}});
      session_.reset();
    }
    admin_listener_.reset();
    rooms_->acknowledgements.Close();
    server_->SetServing(false);
    streams_.EndAll(Reject(Reason::kShuttingDown, "the bootstrap service is stopping"));
    admin_server_->Shutdown(kStopGrace);
    server_->Shutdown(kStopGrace);
  }

  std::string address() const override { return server_ == nullptr ? "" : server_->address(); }

 private:
  const crypto::Certificate& Certificate() const { return rooms_->network.authority.certificate(); }

  absl::Status StartAdminSocket() {
    OMNI_ASSIGN_OR_RETURN(admin_server_, rpc::Server::Start({.address = "",
                                                             .credentials = nullptr,
                                                             .services = {local_service_.get()},
                                                             .limits = {.max_threads = 4}}));
    OMNI_ASSIGN_OR_RETURN(
        admin_listener_,
        rpc::LocalListener::Listen(AdminSocketPath(context_.config), admin_server_->grpc(),
                                   local_peers_, context_.logger));
    return absl::OkStatus();
  }

  // In the directory the service is a node like others; the registry comes later than it.
  absl::Status Register() {
    const std::shared_ptr<const NetworkMap> network = network_.Load();
    if (network->registry_addresses.empty()) return absl::OkStatus();
    OMNI_ASSIGN_OR_RETURN(
        session_,
        node::RegisterService({.network = network->network_id,
                               .registry_addresses = network->registry_addresses,
                               .version = std::string(runtime::Version()),
                               .grpc_address = network->bootstrap_addresses.front(),
                               .admin_address = context_.admin_address},
                              context_.clock, own_->svids(), *rooms_->ledger, context_.logger));
    return absl::OkStatus();
  }

  // Asks the store whether it is there, and now and then lets it forget.
  absl::Duration KeepStore() {
    absl::Status status = rooms_->network.store->LoadNetwork().status();
    if (status.ok() && probes_++ % kProbesPerPrune == 0) {
      status = PruneEnded(*rooms_->network.store, *rooms_->ledger, context_.clock.Now());
    }
    if (!status.ok()) context_.logger.Error("store_away", {{"error", Message(status)}});
    context_.health.Set("store", status.ok() ? HealthState::kOk : HealthState::kFailed,
                        Message(status), context_.clock.Now());
    return kProbeInterval;
  }

  absl::Duration Report() {
    const absl::Time now = context_.clock.Now();
    const crypto::Certificate& authority = Certificate();
    const AuthorityLife life = LifeOf(authority.not_before(), authority.not_after(), now);
    context_.health.Set(
        "authority",
        life == AuthorityLife::kGood     ? HealthState::kOk
        : life == AuthorityLife::kEnding ? HealthState::kWarning
                                         : HealthState::kFailed,
        fmt::format("valid from {} until {}", omninode::FormatTime(authority.not_before()),
                    omninode::FormatTime(authority.not_after())),
        now);
    const auto svid = own_->svids().Current();
    context_.health.Set("certificate",
                        svid->not_after() > now ? HealthState::kOk : HealthState::kFailed,
                        fmt::format("ends {}", omninode::FormatTime(svid->not_after())), now);
    metrics_.Update();
    return kReportInterval;
  }

  const ServiceContext context_;
  rpc::GrpcLog grpc_log_;
  const std::unique_ptr<Rooms> rooms_;
  const std::unique_ptr<OwnIdentity> own_;
  NetworkMapSource network_;
  identity::CertificateCache peers_;
  rpc::LocalPeerTable local_peers_;
  rpc::Guard guard_;
  rpc::StreamRegistry streams_;
  TrustBroadcast broadcast_;
  BootstrapMetrics metrics_;
  const std::unique_ptr<grpc::Service> identity_service_;
  const std::unique_ptr<grpc::Service> trust_service_;
  const std::unique_ptr<grpc::Service> authority_service_;
  const std::unique_ptr<grpc::Service> entry_service_;
  const std::unique_ptr<grpc::Service> local_service_;
  rpc::StreamSweeper sweeper_;
  int probes_ = 0;  // store_keeping_ only
  PeriodicTask store_keeping_;
  PeriodicTask reporting_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<rpc::Server> admin_server_;
  std::unique_ptr<rpc::LocalListener> admin_listener_;
  std::unique_ptr<node::NodeSession> session_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<runtime::Service>> MakeBootstrap(const ServiceContext& context) {
  crypto::ConfigureTlsProcess();
  OMNI_ASSIGN_OR_RETURN(std::unique_ptr<Rooms> rooms, Rooms::Open(context));
  OMNI_ASSIGN_OR_RETURN(const NodeId instance, NodeId::Parse(context.config.GetString("instance")));
  OMNI_ASSIGN_OR_RETURN(const NodeType name, NodeType::Parse("bootstrap"));
  OMNI_ASSIGN_OR_RETURN(auto own,
                        OwnIdentity::Create({.id = identity::ServiceSpiffeId(
                                                 rooms->network.info.trust_domain, name, instance),
                                             .desk = *rooms->identities,
                                             .ledger = *rooms->ledger,
                                             .clock = context.clock,
                                             .logger = context.logger}));
  return std::make_unique<BootstrapServer>(context, std::move(rooms), std::move(own));
}

}  // namespace omninode::bootstrap
