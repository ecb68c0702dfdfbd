#include "common/rpc/testing/loopback.h"

#include <utility>

#include "common/base/check.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/stream/message_bytes.h"
#include "common/rpc/stream/refused_stream.h"
#include "common/rpc/transport/server_credentials.h"

namespace omninode::rpc {
namespace {

// Sends one message and then waits for its end.
class QuietReactor final : public WriteReactor {
 public:
  QuietReactor(grpc::CallbackServerContext* context, const Clock& clock, StreamRegistry& streams,
               const Caller& caller, StreamCloser closer)
      : WriteReactor(context, clock, std::move(closer)), place_(streams.Add(caller, handle())) {}

 private:
  Next NextMessage() override {
    if (std::exchange(sent_, true)) return Wait{};
    registry::v1::WatchTopologyResponse started;
    started.mutable_started()->set_watch_id("w");
    return Send{std::make_shared<const grpc::ByteBuffer>(SerializeMessage(started))};
  }
  bool sent_ = false;
  const StreamRegistry::Place place_;
};

Guard::Dependencies GuardOf(Loopback& loopback, Guard::Limits limits) {
  OMNI_CHECK(loopback.metrics.Declare(Guard::Definitions()).ok());
  OMNI_CHECK(
      loopback.metrics.Declare(telemetry::SecurityLog::Definitions("registry", RpcNames())).ok());
  return {.clock = loopback.clock,
          .trust = loopback.trust,
          .peers = loopback.peers,
          .security = loopback.security,
          .metrics = loopback.metrics,
          .logger = loopback.logger,
          .local_peers = &loopback.local_peers,
          .limits = limits};
}

}  // namespace

grpc::ServerUnaryReactor* LoopbackTopology::WaitForVersion(
    grpc::CallbackServerContext* context, const registry::v1::WaitForVersionRequest*,
    registry::v1::WaitForVersionResponse*) {
  return guard_.ServeAsync(
      context, RuleOf("omninode.registry.v1.TopologyService/WaitForVersion"),
      [&](const Caller&, Completion done) { handlers_.wait(std::move(done)); });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* LoopbackTopology::WatchTopology(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer*) {
  auto call = guard_.Enter(*context, RuleOf("omninode.registry.v1.TopologyService/WatchTopology"));
  if (!call.ok()) return RefuseWrites(ToGrpc(OnWire(call.status())));
  const Caller caller = call->caller();
  auto* reactor =
      new QuietReactor(context, clock_, streams_, caller, guard_.Closer(*std::move(call)));
  reactor->Begin();
  return reactor;
}

Loopback::Loopback(Guard::Limits limits) : guard(GuardOf(*this, limits)) {}

void Loopback::Start(ServerOptions options) {
  options.address = "127.0.0.1:0";
  if (options.credentials == nullptr) {
    options.credentials =
        MakeServerCredentials(ClientCertificate::kRequired, server_svids, trust, logger);
  }
  options.services = {&registry_service, &topology_service, &entry_service};
  auto started = Server::Start(std::move(options));
  OMNI_CHECK(started.ok());
  server = *std::move(started);
}

std::unique_ptr<Loopback::Client> Loopback::NewClient(const identity::X509Svid& svid,
                                                      ExpectedPeer expected) {
  auto client = std::make_unique<Client>();
  client->svids.Set(std::make_shared<const identity::X509Svid>(svid));
  client->channel =
      std::make_unique<RotatingChannel>(RotatingChannel::Options{.address = server->address(),
                                                                 .expected = std::move(expected),
                                                                 .svids = &client->svids,
                                                                 .trust = &trust,
                                                                 .clock = &clock});
  return client;
}

absl::Status Loopback::Client::GetNode(std::string* actor, std::string_view node_id) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  registry::v1::GetNodeRequest request;
  request.set_node_id(std::string(node_id));
  registry::v1::GetNodeResponse response;
  const grpc::Status status = Registry()->GetNode(&context, request, &response);
  if (actor != nullptr) *actor = response.node().actor();
  return FromGrpc(status);
}

}  // namespace omninode::rpc
