#include "services/registry/api/topology_service.h"

#include <algorithm>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/random.h"
#include "common/envelope/type_codec.h"
#include "common/rpc/serve/async_unary.h"
#include "common/rpc/serve/caller.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/stream/message_bytes.h"
#include "common/rpc/stream/refused_stream.h"
#include "omninode/registry/v1/topology_service.grpc.pb.h"
#include "services/registry/api/node_codec.h"
#include "services/registry/api/watch_codec.h"
#include "services/registry/api/watch_reactor.h"

namespace omninode::registry {
namespace {

using rpc::Caller;
using rpc::Completion;

constexpr std::size_t kMaxWatchRequestBytes = 64 * 1024;
constexpr absl::Duration kDefaultWait = absl::Seconds(10);
constexpr absl::Duration kLongestWait = absl::Seconds(60);

const rpc::RpcRule& Rule(std::string_view method) {
  return rpc::RuleOf("omninode.registry.v1.TopologyService/" + std::string(method));
}

using Base = v1::TopologyService::WithRawCallbackMethod_WatchTopology<
    v1::TopologyService::WithCallbackMethod_WaitForVersion<v1::TopologyService::Service>>;

class TopologyServiceImpl final : public Base {
 public:
  explicit TopologyServiceImpl(TopologyServiceDeps deps) : deps_(deps) {}

  grpc::Status GetTopology(grpc::ServerContext* context, const v1::GetTopologyRequest* request,
                           v1::GetTopologyResponse* response) override {
    return deps_.guard.Serve(context, Rule("GetTopology"), [&](const Caller& caller) {
      return GetTopology(caller, *request, response);
    });
  }

  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchTopology(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override {
    auto call = deps_.guard.Enter(*context, Rule("WatchTopology"));
    if (!call.ok()) return rpc::RefuseWrites(rpc::ToGrpc(rpc::OnWire(call.status())));
    const Caller caller = call->caller();
    auto wake = std::make_shared<WatchReactor::WakeSlot>();
    const auto watch = ParseWatch(caller, *request);
    auto cursor = watch.ok() ? deps_.watch.Open(*watch, [wake] { wake->Wake(); })
                             : absl::StatusOr<std::unique_ptr<WatchCursor>>(watch.status());
    if (!cursor.ok()) {
      return rpc::RefuseWrites(deps_.guard.Leave(*std::move(call), cursor.status()));
    }
    auto* reactor = new WatchReactor(context, deps_.clock, deps_.guard.Closer(*std::move(call)),
                                     *std::move(cursor), watch->scope.with_evidence);
    reactor->HoldPlace(deps_.streams.Add(caller, reactor->handle()));
    wake->Set(reactor->handle());
    reactor->Begin();
    return reactor;
  }

  grpc::ServerUnaryReactor* WaitForVersion(grpc::CallbackServerContext* context,
                                           const v1::WaitForVersionRequest* request,
                                           v1::WaitForVersionResponse* response) override {
    return deps_.guard.ServeAsync(
        context, Rule("WaitForVersion"), [&](const Caller& caller, Completion done) {
          const auto ns =
              rpc::AccessibleNamespace(caller, request->namespace_(), rpc::Access::kRead);
          if (!ns.ok()) return done(ns.status());
          const auto timeout = request->has_timeout()
                                   ? envelope::Decode(request->timeout())
                                   : absl::StatusOr<absl::Duration>(kDefaultWait);
          if (!timeout.ok() || *timeout < absl::ZeroDuration() || *timeout > kLongestWait) {
            return done(Reject(Reason::kArgumentInvalid, "timeout: not between 0s and {}",
                               FormatDuration(kLongestWait)));
          }
          deps_.watch.WaitForVersion(
              *ns, envelope::Decode(request->position()), deps_.clock.Monotonic() + *timeout,
              [response,
               done = std::move(done)](absl::StatusOr<directory::Position> reached) mutable {
                done.Respond([&] {
                  if (reached.ok()) {
                    *response->mutable_position() = envelope::Encode(*reached);
                  }
                  return reached.status();
                });
              });
        });
  }

 private:
  static absl::StatusOr<WatchRequest> ParseWatch(const Caller& caller,
                                                 const grpc::ByteBuffer& bytes) {
    v1::WatchTopologyRequest message;
    OMNI_RETURN_IF_ERROR(rpc::ParseMessage(bytes, kMaxWatchRequestBytes, &message));
    OMNI_ASSIGN_OR_RETURN(WatchRequest request, Decode(message));
    OMNI_RETURN_IF_ERROR(rpc::CheckNamespace(caller, request.ns, rpc::Access::kRead));
    return request;
  }

  // The snapshot that a page token names, or a new one. The cursor is "<key> <next index>".
  struct Page {
    std::string key;
    PinnedSnapshotPtr snapshot;
    std::size_t first = 0;
  };
  absl::StatusOr<Page> OpenPage(const NamespaceName& ns, const std::string& cursor) {
    if (cursor.empty()) {
      OMNI_ASSIGN_OR_RETURN(const NamespaceSnapshot taken, deps_.table.TakeSnapshot(ns));
      return Page{crypto::RandomUuid(), std::make_shared<const PinnedSnapshot>(PinnedSnapshot{
                                            taken.position, taken.hash, taken.nodes.Sorted()})};
    }
    const auto space = cursor.find(' ');
    Page page{.key = cursor.substr(0, space)};
    OMNI_ASSIGN_OR_RETURN(page.snapshot, deps_.pins.Find(page.key, deps_.clock.Monotonic()));
    page.first = ParseUint64(std::string_view(cursor).substr(space + 1)).value_or(0);
    return page;
  }

  absl::Status GetTopology(const Caller& caller, const v1::GetTopologyRequest& request,
                           v1::GetTopologyResponse* response) {
    OMNI_ASSIGN_OR_RETURN(
        const auto ns, rpc::AccessibleNamespace(caller, request.namespace_(), rpc::Access::kRead));
    const PageTokens::Scope scope{caller.id().ToString(), "GetTopology", ns.value()};
    OMNI_ASSIGN_OR_RETURN(const std::string cursor, deps_.pages.Open(scope, request.page_token()));
    OMNI_ASSIGN_OR_RETURN(const Page page, OpenPage(ns, cursor));
    const auto& nodes = page.snapshot->nodes;
    const std::size_t end = std::min(page.first + PageSize(request.page_size()), nodes.size());
    for (std::size_t i = page.first; i < end; ++i) {
      *response->add_nodes() = Encode(*nodes[i], NodeDetail::kPlain);
    }
    if (end < nodes.size()) {
      if (cursor.empty()) deps_.pins.Pin(page.key, page.snapshot, deps_.clock.Monotonic());
      response->set_next_page_token(deps_.pages.Seal(scope, fmt::format("{} {}", page.key, end)));
    }
    *response->mutable_position() = envelope::Encode(page.snapshot->position);
    response->set_hash(page.snapshot->hash.ToBytes());
    response->set_total_nodes(nodes.size());
    return absl::OkStatus();
  }

  const TopologyServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeTopologyService(TopologyServiceDeps deps) {
  return std::make_unique<TopologyServiceImpl>(deps);
}

}  // namespace omninode::registry
