#ifndef OMNINODE_COMMON_RPC_TESTING_LOOPBACK_H_
#define OMNINODE_COMMON_RPC_TESTING_LOOPBACK_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "common/base/mutex.h"
#include "common/identity/static_source.h"
#include "common/identity/testing/test_authority.h"
#include "common/rpc/serve/guard.h"
#include "common/rpc/stream/stream_registry.h"
#include "common/rpc/stream/write_reactor.h"
#include "common/rpc/transport/channel.h"
#include "common/rpc/transport/server.h"
#include "common/telemetry/capturing_sink.h"
#include "omninode/bootstrap/v1/entry_service.grpc.pb.h"
#include "omninode/registry/v1/registry_service.grpc.pb.h"
#include "omninode/registry/v1/topology_service.grpc.pb.h"

// For this folder's tests: a real server on loopback with real certificates, behind a real guard.
namespace omninode::rpc {

// Three methods of three kinds: GetNode synchronous, WaitForVersion callback, WatchTopology stream.
// Each does what the test sets; by default GetNode answers with the caller's SPIFFE ID.
struct LoopbackHandlers {
  std::function<absl::Status(const Caller&, const std::string& node_id)> get_node =
      [](const Caller&, const std::string&) { return absl::OkStatus(); };
  std::function<void(Completion)> wait = [](Completion done) { done(absl::OkStatus()); };
};

class LoopbackRegistry final : public registry::v1::RegistryService::Service {
 public:
  LoopbackRegistry(Guard& guard, const LoopbackHandlers& handlers)
      : guard_(guard), handlers_(handlers) {}
  grpc::Status GetNode(grpc::ServerContext* context, const registry::v1::GetNodeRequest* request,
                       registry::v1::GetNodeResponse* response) override {
    return guard_.Serve(context, RuleOf("omninode.registry.v1.RegistryService/GetNode"),
                        [&](const Caller& caller) {
                          response->mutable_node()->set_actor(caller.id().ToString());
                          return handlers_.get_node(caller, request->node_id());
                        });
  }

 private:
  Guard& guard_;
  const LoopbackHandlers& handlers_;
};

class LoopbackEntries final : public bootstrap::v1::EntryService::Service {
 public:
  explicit LoopbackEntries(Guard& guard) : guard_(guard) {}
  grpc::Status DeleteEntry(grpc::ServerContext* context, const bootstrap::v1::DeleteEntryRequest*,
                           bootstrap::v1::DeleteEntryResponse*) override {
    return guard_.Serve(context, RuleOf("omninode.bootstrap.v1.EntryService/DeleteEntry"),
                        [](const Caller&) { return absl::OkStatus(); });
  }
  grpc::Status GetEntry(grpc::ServerContext* context, const bootstrap::v1::GetEntryRequest*,
                        bootstrap::v1::GetEntryResponse*) override {
    return guard_.Serve(context, RuleOf("a method that is in no table"),
                        [](const Caller&) { return absl::OkStatus(); });
  }

 private:
  Guard& guard_;
};

using TopologyBase = registry::v1::TopologyService::WithRawCallbackMethod_WatchTopology<
    registry::v1::TopologyService::WithCallbackMethod_WaitForVersion<
        registry::v1::TopologyService::Service>>;

class LoopbackTopology final : public TopologyBase {
 public:
  LoopbackTopology(Guard& guard, StreamRegistry& streams, const Clock& clock,
                   const LoopbackHandlers& handlers)
      : guard_(guard), streams_(streams), clock_(clock), handlers_(handlers) {}

  grpc::ServerUnaryReactor* WaitForVersion(grpc::CallbackServerContext* context,
                                           const registry::v1::WaitForVersionRequest*,
                                           registry::v1::WaitForVersionResponse*) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchTopology(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer*) override;

 private:
  Guard& guard_;
  StreamRegistry& streams_;
  const Clock& clock_;
  const LoopbackHandlers& handlers_;
};

// The whole: declaration order is the order of life.
class Loopback final {
 public:
  explicit Loopback(Guard::Limits limits = {});
  ~Loopback() { Stop(absl::ZeroDuration()); }

  // Starts on a free port; `options` may change limits.
  void Start(ServerOptions options = {});
  void Stop(absl::Duration grace) {
    if (server != nullptr) server->Shutdown(grace);
  }

  // A client with an identity of the own authority, or with any SVID.
  struct Client {
    identity::StaticSvidSource svids;
    std::unique_ptr<RotatingChannel> channel;
    std::unique_ptr<registry::v1::RegistryService::Stub> Registry() {
      return registry::v1::RegistryService::NewStub(channel->Get());
    }
    std::unique_ptr<registry::v1::TopologyService::Stub> Topology() {
      return registry::v1::TopologyService::NewStub(channel->Get());
    }
    // The outcome of GetNode; `actor` receives who the server saw.
    absl::Status GetNode(std::string* actor = nullptr, std::string_view node_id = "n1");
  };
  std::unique_ptr<Client> NewClient(const identity::X509Svid& svid,
                                    ExpectedPeer expected = ExpectService("registry"));
  std::unique_ptr<Client> NewClient(std::string_view path) {
    return NewClient(authority.Issue(path));
  }
  identity::X509SvidPtr Issue(std::string_view path) const {
    return std::make_shared<const identity::X509Svid>(authority.Issue(path));
  }

  const identity::TestAuthority authority{"example.org", absl::Now()};
  SystemClock clock;
  identity::StaticTrustSource trust{authority.Trust()};
  identity::StaticSvidSource server_svids{Issue("/service/registry/registry-1")};
  telemetry::CapturingSink sink;
  telemetry::Logger logger{"registry", sink, [] { return absl::Now(); }};
  telemetry::Metrics metrics;
  telemetry::SecurityLog security{logger, metrics, RpcNames()};
  identity::CertificateCache peers{1024};
  LocalPeerTable local_peers;
  StreamRegistry streams;
  LoopbackHandlers handlers;
  Guard guard;
  LoopbackRegistry registry_service{guard, handlers};
  LoopbackTopology topology_service{guard, streams, clock, handlers};
  LoopbackEntries entry_service{guard};
  std::unique_ptr<Server> server;
};

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_TESTING_LOOPBACK_H_
