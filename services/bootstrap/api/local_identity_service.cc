#include "services/bootstrap/api/local_identity_service.h"

#include <grpcpp/grpcpp.h>

#include "common/base/status.h"
#include "common/rpc/serve/caller.h"
#include "common/rpc/serve/roles_table.h"
#include "omninode/bootstrap/v1/local_identity_service.grpc.pb.h"
#include "services/bootstrap/api/identity_codec.h"
#include "services/bootstrap/api/issue_log.h"
#include "services/bootstrap/api/trust_codec.h"

namespace omninode::bootstrap {
namespace {

using rpc::Caller;

class LocalIdentityServiceImpl final : public v1::LocalIdentityService::Service {
 public:
  explicit LocalIdentityServiceImpl(LocalIdentityServiceDeps deps) : deps_(deps) {}

  grpc::Status IssueSvid(grpc::ServerContext* context, const v1::IssueSvidRequest* request,
                         v1::IssueSvidResponse* response) override {
    static constexpr std::string_view kMethod =
        "omninode.bootstrap.v1.LocalIdentityService/IssueSvid";
    return deps_.guard.Serve(
        context, rpc::RuleOf(kMethod), [&](const Caller& caller) -> absl::Status {
          OMNI_ASSIGN_OR_RETURN(const auto ttl,
                                DecodeOptional(request->has_ttl(), request->ttl(), "ttl"));
          OMNI_ASSIGN_OR_RETURN(
              const IssuedIdentity issued,
              deps_.desk.IssueLocal(request->spiffe_id(), request->csr(), ttl, caller.Name()));
          LogIssued(deps_.logger, issued.svid.record);
          *response->mutable_svid() = Encode(issued.svid);
          *response->mutable_trust() = Encode(*issued.trust, *deps_.network.Load());
          return absl::OkStatus();
        });
  }

 private:
  const LocalIdentityServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeLocalIdentityService(LocalIdentityServiceDeps deps) {
  return std::make_unique<LocalIdentityServiceImpl>(deps);
}

}  // namespace omninode::bootstrap
