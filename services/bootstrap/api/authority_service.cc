#include "services/bootstrap/api/authority_service.h"

#include <string>
#include <string_view>

#include <grpcpp/grpcpp.h>

#include "common/base/status.h"
#include "common/rpc/serve/caller.h"
#include "common/rpc/serve/roles_table.h"
#include "omninode/bootstrap/v1/authority_service.grpc.pb.h"
#include "services/bootstrap/api/identity_codec.h"
#include "services/bootstrap/api/revocation_codec.h"

namespace omninode::bootstrap {
namespace {

using rpc::Caller;

const rpc::RpcRule& Rule(std::string_view method) {
  return rpc::RuleOf("omninode.bootstrap.v1.AuthorityService/" + std::string(method));
}

class AuthorityServiceImpl final : public v1::AuthorityService::Service {
 public:
  explicit AuthorityServiceImpl(AuthorityServiceDeps deps) : deps_(deps) {}

  grpc::Status RevokeSvid(grpc::ServerContext* context, const v1::RevokeSvidRequest* request,
                          v1::RevokeSvidResponse* response) override {
    return deps_.guard.Serve(
        context, Rule("RevokeSvid"), [&](const Caller& caller) -> absl::Status {
          OMNI_ASSIGN_OR_RETURN(const auto wait,
                                DecodeOptional(request->has_wait(), request->wait(), "wait"));
          OMNI_ASSIGN_OR_RETURN(
              const auto revoked,
              deps_.desk.RevokeSvid(request->serial(), OrderOf(caller, request->reason_text()),
                                    wait));
          Log("svid_revoked", revoked.id.ToString(), revoked.propagation, caller);
          response->set_spiffe_id(revoked.id.ToString());
          *response->mutable_propagation() = Encode(revoked.propagation);
          return absl::OkStatus();
        });
  }

  grpc::Status BanIdentity(grpc::ServerContext* context, const v1::BanIdentityRequest* request,
                           v1::BanIdentityResponse* response) override {
    return deps_.guard.Serve(
        context, Rule("BanIdentity"), [&](const Caller& caller) -> absl::Status {
          OMNI_ASSIGN_OR_RETURN(const auto wait,
                                DecodeOptional(request->has_wait(), request->wait(), "wait"));
          OMNI_ASSIGN_OR_RETURN(
              const Propagation propagation,
              deps_.desk.BanIdentity(request->spiffe_id(), OrderOf(caller, request->reason_text()),
                                     wait));
          Log("identity_banned", request->spiffe_id(), propagation, caller);
          *response->mutable_propagation() = Encode(propagation);
          return absl::OkStatus();
        });
  }

  grpc::Status UnbanIdentity(grpc::ServerContext* context, const v1::UnbanIdentityRequest* request,
                             v1::UnbanIdentityResponse* response) override {
    return deps_.guard.Serve(
        context, Rule("UnbanIdentity"), [&](const Caller& caller) -> absl::Status {
          OMNI_ASSIGN_OR_RETURN(const auto wait,
                                DecodeOptional(request->has_wait(), request->wait(), "wait"));
          OMNI_ASSIGN_OR_RETURN(const Propagation propagation,
                                deps_.desk.UnbanIdentity(request->spiffe_id(), wait));
          Log("identity_unbanned", request->spiffe_id(), propagation, caller);
          *response->mutable_propagation() = Encode(propagation);
          return absl::OkStatus();
        });
  }

  grpc::Status ListRevocations(grpc::ServerContext* context,
                               const v1::ListRevocationsRequest* request,
                               v1::ListRevocationsResponse* response) override {
    return deps_.guard.Serve(context, Rule("ListRevocations"), [&](const Caller&) -> absl::Status {
      OMNI_ASSIGN_OR_RETURN(const auto page, deps_.desk.ListRevocations(
                                                 {request->page_size(), request->page_token()}));
      for (const auto& item : page.items) *response->add_revocations() = Encode(item);
      response->set_next_page_token(page.next_token);
      return absl::OkStatus();
    });
  }

 private:
  static TrustOrder OrderOf(const Caller& caller, const std::string& reason_text) {
    return {.actor = caller.id().ToString(), .reason_text = reason_text};
  }

  void Log(std::string_view event, std::string_view spiffe_id, const Propagation& propagation,
           const Caller& caller) {
    deps_.logger.Info(event, {{"spiffe_id", spiffe_id},
                              {"sequence", propagation.sequence},
                              {"applied", propagation.applied.size()},
                              {"lagging", propagation.lagging.size()},
                              {"actor", caller.id().ToString()}});
  }

  const AuthorityServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAuthorityService(AuthorityServiceDeps deps) {
  return std::make_unique<AuthorityServiceImpl>(deps);
}

}  // namespace omninode::bootstrap
