#include "services/bootstrap/api/identity_service.h"

#include <string>
#include <string_view>

#include <grpcpp/grpcpp.h>

#include "common/base/status.h"
#include "common/rpc/serve/caller.h"
#include "common/rpc/serve/roles_table.h"
#include "omninode/bootstrap/v1/identity_service.grpc.pb.h"
#include "services/bootstrap/api/identity_codec.h"
#include "services/bootstrap/api/issue_log.h"
#include "services/bootstrap/api/trust_codec.h"

namespace omninode::bootstrap {
namespace {

using rpc::Caller;

const rpc::RpcRule& Rule(std::string_view method) {
  return rpc::RuleOf("omninode.bootstrap.v1.IdentityService/" + std::string(method));
}

class IdentityServiceImpl final : public v1::IdentityService::Service {
 public:
  explicit IdentityServiceImpl(IdentityServiceDeps deps) : deps_(deps) {}

  grpc::Status BeginAttestation(grpc::ServerContext* context,
                                const v1::BeginAttestationRequest* request,
                                v1::BeginAttestationResponse* response) override {
    return deps_.guard.Serve(context, Rule("BeginAttestation"), [&](const Caller&) -> absl::Status {
      OMNI_ASSIGN_OR_RETURN(auto start, Decode(*request));
      OMNI_ASSIGN_OR_RETURN(auto ticket, deps_.desk.BeginAttestation(std::move(start)));
      response->set_attestation_id(std::move(ticket.id));
      response->mutable_challenge()->set_challenge(std::move(ticket.challenge));
      return absl::OkStatus();
    });
  }

  grpc::Status FinishAttestation(grpc::ServerContext* context,
                                 const v1::FinishAttestationRequest* request,
                                 v1::FinishAttestationResponse* response) override {
    return deps_.guard.Serve(
        context, Rule("FinishAttestation"), [&](const Caller&) -> absl::Status {
          OMNI_ASSIGN_OR_RETURN(const IssuedIdentity issued,
                                deps_.desk.FinishAttestation(request->attestation_id(),
                                                             request->proof().signature()));
          LogIssued(deps_.logger, issued.svid.record);
          *response->mutable_result()->mutable_svid() = Encode(issued.svid);
          *response->mutable_result()->mutable_trust() =
              Encode(*issued.trust, *deps_.network.Load());
          return absl::OkStatus();
        });
  }

  grpc::Status RenewSvid(grpc::ServerContext* context, const v1::RenewSvidRequest* request,
                         v1::RenewSvidResponse* response) override {
    return deps_.guard.Serve(context, Rule("RenewSvid"), [&](const Caller& caller) -> absl::Status {
      OMNI_ASSIGN_OR_RETURN(const IssuedIdentity issued,
                            deps_.desk.RenewSvid(*caller.svid, request->csr()));
      LogIssued(deps_.logger, issued.svid.record);
      *response->mutable_svid() = Encode(issued.svid);
      return absl::OkStatus();
    });
  }

 private:
  const IdentityServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeIdentityService(IdentityServiceDeps deps) {
  return std::make_unique<IdentityServiceImpl>(deps);
}

}  // namespace omninode::bootstrap
