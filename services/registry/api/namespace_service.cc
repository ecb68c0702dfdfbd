#include "services/registry/api/namespace_service.h"

#include <utility>

#include <grpcpp/grpcpp.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/rpc/serve/async_unary.h"
#include "common/rpc/serve/caller.h"
#include "omninode/registry/v1/namespace_service.grpc.pb.h"
#include "services/registry/api/node_codec.h"

namespace omninode::registry {
namespace {

using rpc::Caller;
using rpc::Completion;

const rpc::RpcRule& Rule(std::string_view method) {
  return rpc::RuleOf("omninode.registry.v1.NamespaceService/" + std::string(method));
}

using Base =
    v1::NamespaceService::WithCallbackMethod_CreateNamespace<v1::NamespaceService::Service>;

class NamespaceServiceImpl final : public Base {
 public:
  explicit NamespaceServiceImpl(NamespaceServiceDeps deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* CreateNamespace(grpc::CallbackServerContext* context,
                                            const v1::CreateNamespaceRequest* request,
                                            v1::CreateNamespaceResponse* response) override {
    return deps_.guard.ServeAsync(
        context, Rule("CreateNamespace"), [&](const Caller& caller, Completion done) {
          auto command = Decode(caller, *request);
          if (!command.ok()) return done(command.status());
          const NamespaceName name = command->name;
          deps_.intake.Submit(*std::move(command), Urgency::kControl,
                              [this, name, response,
                               done = std::move(done)](absl::StatusOr<Answer> answer) mutable {
                                done.Respond([&]() -> absl::Status {
                                  if (!answer.ok()) return answer.status();
                                  OMNI_ASSIGN_OR_RETURN(const auto summary,
                                                        deps_.table.GetNamespace(name));
                                  *response->mutable_namespace_() = Encode(summary);
                                  return absl::OkStatus();
                                });
                              });
        });
  }

  grpc::Status GetNamespace(grpc::ServerContext* context, const v1::GetNamespaceRequest* request,
                            v1::GetNamespaceResponse* response) override {
    return deps_.guard.Serve(
        context, Rule("GetNamespace"), [&](const Caller& caller) -> absl::Status {
          OMNI_ASSIGN_OR_RETURN(
              const auto ns,
              rpc::AccessibleNamespace(caller, request->namespace_(), rpc::Access::kRead));
          OMNI_ASSIGN_OR_RETURN(const auto summary, deps_.table.GetNamespace(ns));
          *response->mutable_namespace_() = Encode(summary);
          return absl::OkStatus();
        });
  }

  grpc::Status ListNamespaces(grpc::ServerContext* context,
                              const v1::ListNamespacesRequest* request,
                              v1::ListNamespacesResponse* response) override {
    return deps_.guard.Serve(
        context, Rule("ListNamespaces"), [&](const Caller& caller) -> absl::Status {
          const PageTokens::Scope scope{caller.id().ToString(), "ListNamespaces", {}};
          OMNI_ASSIGN_OR_RETURN(const std::string after,
                                deps_.pages.Open(scope, request->page_token()));
          const std::size_t size = PageSize(request->page_size());
          for (const NamespaceSummary& summary : deps_.table.ListNamespaces()) {
            if (summary.info.name.value() <= after) continue;
            if (static_cast<std::size_t>(response->namespaces_size()) == size) {
              const auto& last = response->namespaces(response->namespaces_size() - 1);
              response->set_next_page_token(deps_.pages.Seal(scope, last.namespace_()));
              break;
            }
            *response->add_namespaces() = Encode(summary);
          }
          return absl::OkStatus();
        });
  }

 private:
  static absl::StatusOr<CreateNamespaceCommand> Decode(const Caller& caller,
                                                       const v1::CreateNamespaceRequest& request) {
    OMNI_ASSIGN_OR_RETURN(NamespaceName name, NamespaceName::Parse(request.namespace_()));
    OMNI_ASSIGN_OR_RETURN(const NamespaceLimits limits, registry::Decode(request.limits()));
    return CreateNamespaceCommand{std::move(name), limits, caller.id().ToString(), std::nullopt};
  }

  const NamespaceServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeNamespaceService(NamespaceServiceDeps deps) {
  return std::make_unique<NamespaceServiceImpl>(deps);
}

}  // namespace omninode::registry
