#include "services/bootstrap/api/entry_service.h"

#include <string>
#include <string_view>

#include <grpcpp/grpcpp.h>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/wipe.h"
#include "common/rpc/serve/caller.h"
#include "common/rpc/serve/roles_table.h"
#include "omninode/bootstrap/v1/entry_service.grpc.pb.h"
#include "services/bootstrap/api/entry_codec.h"
#include "services/bootstrap/api/identity_codec.h"

namespace omninode::bootstrap {
namespace {

using rpc::Caller;

const rpc::RpcRule& Rule(std::string_view method) {
  return rpc::RuleOf("omninode.bootstrap.v1.EntryService/" + std::string(method));
}

class EntryServiceImpl final : public v1::EntryService::Service {
 public:
  explicit EntryServiceImpl(EntryServiceDeps deps) : deps_(deps) {}

  grpc::Status CreateEntry(grpc::ServerContext* context, const v1::CreateEntryRequest* request,
                           v1::CreateEntryResponse* response) override {
    return deps_.guard.Serve(
        context, Rule("CreateEntry"), [&](const Caller& caller) -> absl::Status {
          OMNI_ASSIGN_OR_RETURN(const auto spec, Decode(*request));
          OMNI_ASSIGN_OR_RETURN(const Entry entry, deps_.desk.CreateEntry(spec));
          Log("entry_created", entry, caller);
          *response->mutable_entry() = Encode(entry);
          return absl::OkStatus();
        });
  }

  grpc::Status GetEntry(grpc::ServerContext* context, const v1::GetEntryRequest* request,
                        v1::GetEntryResponse* response) override {
    return deps_.guard.Serve(context, Rule("GetEntry"), [&](const Caller&) -> absl::Status {
      OMNI_ASSIGN_OR_RETURN(const Entry entry, deps_.desk.GetEntry(request->entry_id()));
      *response->mutable_entry() = Encode(entry);
      return absl::OkStatus();
    });
  }

  grpc::Status ListEntries(grpc::ServerContext* context, const v1::ListEntriesRequest* request,
                           v1::ListEntriesResponse* response) override {
    return deps_.guard.Serve(context, Rule("ListEntries"), [&](const Caller&) -> absl::Status {
      OMNI_ASSIGN_OR_RETURN(const Page<Entry> page,
                            deps_.desk.ListEntries({request->page_size(), request->page_token()}));
      for (const Entry& entry : page.items) *response->add_entries() = Encode(entry);
      response->set_next_page_token(page.next_token);
      return absl::OkStatus();
    });
  }

  grpc::Status UpdateEntry(grpc::ServerContext* context, const v1::UpdateEntryRequest* request,
                           v1::UpdateEntryResponse* response) override {
    return deps_.guard.Serve(
        context, Rule("UpdateEntry"), [&](const Caller& caller) -> absl::Status {
          OMNI_ASSIGN_OR_RETURN(const auto update, Decode(*request));
          OMNI_ASSIGN_OR_RETURN(const Entry entry,
                                deps_.desk.UpdateEntry(request->entry().entry_id(), update));
          Log("entry_updated", entry, caller);
          *response->mutable_entry() = Encode(entry);
          return absl::OkStatus();
        });
  }

  grpc::Status DeleteEntry(grpc::ServerContext* context, const v1::DeleteEntryRequest* request,
                           v1::DeleteEntryResponse*) override {
    return deps_.guard.Serve(
        context, Rule("DeleteEntry"), [&](const Caller& caller) -> absl::Status {
          OMNI_RETURN_IF_ERROR(deps_.desk.DeleteEntry(request->entry_id()));
          deps_.logger.Info("entry_deleted",
                            {{"entry_id", request->entry_id()}, {"actor", caller.id().ToString()}});
          return absl::OkStatus();
        });
  }

  grpc::Status CreateJoinToken(grpc::ServerContext* context,
                               const v1::CreateJoinTokenRequest* request,
                               v1::CreateJoinTokenResponse* response) override {
    return deps_.guard.Serve(
        context, Rule("CreateJoinToken"), [&](const Caller& caller) -> absl::Status {
          OMNI_ASSIGN_OR_RETURN(const auto ttl,
                                DecodeOptional(request->has_ttl(), request->ttl(), "ttl"));
          OMNI_ASSIGN_OR_RETURN(
              NewJoinToken token,
              deps_.desk.CreateJoinToken(request->spiffe_id(), ttl, caller.id().ToString()));
          Log(token.token);
          *response = EncodeToken(token);
          crypto::Wipe(token.seed);
          return absl::OkStatus();
        });
  }

 private:
  void Log(std::string_view event, const Entry& entry, const Caller& caller) {
    deps_.logger.Info(event, {{"entry_id", entry.id()},
                              {"pattern", entry.pattern().ToString()},
                              {"svid_ttl", FormatDuration(entry.svid_ttl())},
                              {"actor", caller.id().ToString()}});
  }

  void Log(const JoinToken& token) {
    deps_.logger.Info("join_token_created", {{"token_id", token.id},
                                             {"spiffe_id", token.spiffe_id.ToString()},
                                             {"expires_at", omninode::FormatTime(token.expires_at)},
                                             {"actor", token.created_by}});
  }

  v1::CreateJoinTokenResponse EncodeToken(const NewJoinToken& token) const {
    const auto trust = deps_.ledger.Current();
    return Encode(token, *trust->bundles.Find(trust->own), *deps_.network.Load());
  }

  const EntryServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeEntryService(EntryServiceDeps deps) {
  return std::make_unique<EntryServiceImpl>(deps);
}

}  // namespace omninode::bootstrap
