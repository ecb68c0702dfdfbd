#include "tools/omnictl/bootstrap_admin_client.h"

#include <chrono>

#include <grpcpp/grpcpp.h>

#include "common/base/field_path.h"
#include "common/base/status.h"
#include "common/crypto/wipe.h"
#include "common/envelope/type_codec.h"
#include "common/rpc/serve/status_codec.h"
#include "omninode/bootstrap/v1/authority_service.grpc.pb.h"
#include "omninode/bootstrap/v1/entry_service.grpc.pb.h"
#include "tools/omnictl/bootstrap_admin_codec.h"

namespace omninode::omnictl {
namespace {

namespace v1 = bootstrap::v1;
using AuthorityStub = v1::AuthorityService::Stub;
using EntryStub = v1::EntryService::Stub;

constexpr std::uint32_t kPageSize = 1000;

absl::Status TooMany() {
  return Error(absl::StatusCode::kResourceExhausted, "the list has more than {} items",
               BootstrapAdmin::kMaxItems);
}

// All pages of a list. `call(request, &response)` asks for one, `items(response)` gives its part.
template <typename Value, typename Request, typename Response, typename Call, typename Items>
absl::StatusOr<std::vector<Value>> AllPages(std::string_view field, const Call& call,
                                            const Items& items) {
  std::vector<Value> all;
  Request request;
  request.set_page_size(kPageSize);
  while (true) {
    Response response;
    OMNI_RETURN_IF_ERROR(call(request, &response));
    for (const auto& message : items(response)) {
      auto value = Decode(message);
      if (!value.ok()) return AtField(value.status(), field);
      if (all.size() == BootstrapAdmin::kMaxItems) return TooMany();
      all.push_back(*std::move(value));
    }
    // An empty page that promises more would never end.
    if (response.next_page_token().empty() || items(response).empty()) return all;
    request.set_page_token(response.next_page_token());
  }
}

}  // namespace

template <typename Stub, typename Method, typename Request, typename Response>
absl::Status BootstrapAdminClient::Call(Method method, const Request& request,
                                        Response* response) const {
  Stub stub(channel_);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout_));
  return rpc::FromGrpc((stub.*method)(&context, request, response));
}

absl::StatusOr<Entry> BootstrapAdminClient::CreateEntry(const Entry& entry) {
  v1::CreateEntryRequest request;
  v1::CreateEntryResponse response;
  *request.mutable_entry() = Encode(entry);
  OMNI_RETURN_IF_ERROR(Call<EntryStub>(&EntryStub::CreateEntry, request, &response));
  return Decode(response.entry());
}

absl::StatusOr<Entry> BootstrapAdminClient::GetEntry(std::string_view entry_id) {
  v1::GetEntryRequest request;
  v1::GetEntryResponse response;
  request.set_entry_id(std::string(entry_id));
  OMNI_RETURN_IF_ERROR(Call<EntryStub>(&EntryStub::GetEntry, request, &response));
  return Decode(response.entry());
}

absl::StatusOr<std::vector<Entry>> BootstrapAdminClient::ListEntries() {
  return AllPages<Entry, v1::ListEntriesRequest, v1::ListEntriesResponse>(
      "entries",
      [this](const auto& request, auto* response) {
        return Call<EntryStub>(&EntryStub::ListEntries, request, response);
      },
      [](const auto& response) -> const auto& { return response.entries(); });
}

absl::StatusOr<Entry> BootstrapAdminClient::UpdateEntry(std::string_view entry_id,
                                                        const EntryChange& change) {
  v1::UpdateEntryRequest request;
  v1::UpdateEntryResponse response;
  request.mutable_entry()->set_entry_id(std::string(entry_id));
  if (change.svid_ttl.has_value()) {
    *request.mutable_entry()->mutable_svid_ttl() = envelope::Encode(*change.svid_ttl);
    request.mutable_update_mask()->add_paths("svid_ttl");
  }
  if (change.dns_names.has_value()) {
    for (const std::string& name : *change.dns_names) request.mutable_entry()->add_dns_names(name);
    request.mutable_update_mask()->add_paths("dns_names");
  }
  OMNI_RETURN_IF_ERROR(Call<EntryStub>(&EntryStub::UpdateEntry, request, &response));
  return Decode(response.entry());
}

absl::Status BootstrapAdminClient::DeleteEntry(std::string_view entry_id) {
  v1::DeleteEntryRequest request;
  v1::DeleteEntryResponse response;
  request.set_entry_id(std::string(entry_id));
  return Call<EntryStub>(&EntryStub::DeleteEntry, request, &response);
}

absl::StatusOr<enrollment::TokenFile> BootstrapAdminClient::CreateJoinToken(
    std::string_view spiffe_id, std::optional<absl::Duration> ttl) {
  v1::CreateJoinTokenRequest request;
  v1::CreateJoinTokenResponse response;
  request.set_spiffe_id(std::string(spiffe_id));
  if (ttl.has_value()) *request.mutable_ttl() = envelope::Encode(*ttl);
  OMNI_RETURN_IF_ERROR(Call<EntryStub>(&EntryStub::CreateJoinToken, request, &response));
  auto token = Decode(response, spiffe_id);
  crypto::Wipe(*response.mutable_token());
  return token;
}

absl::StatusOr<RevokedSvid> BootstrapAdminClient::RevokeSvid(std::string_view serial,
                                                             std::string_view reason_text) {
  v1::RevokeSvidRequest request;
  v1::RevokeSvidResponse response;
  request.set_serial(std::string(serial));
  request.set_reason_text(std::string(reason_text));
  OMNI_RETURN_IF_ERROR(Call<AuthorityStub>(&AuthorityStub::RevokeSvid, request, &response));
  return RevokedSvid{response.spiffe_id(), Decode(response.propagation())};
}

absl::StatusOr<Propagation> BootstrapAdminClient::BanIdentity(std::string_view spiffe_id,
                                                              std::string_view reason_text) {
  v1::BanIdentityRequest request;
  v1::BanIdentityResponse response;
  request.set_spiffe_id(std::string(spiffe_id));
  request.set_reason_text(std::string(reason_text));
  OMNI_RETURN_IF_ERROR(Call<AuthorityStub>(&AuthorityStub::BanIdentity, request, &response));
  return Decode(response.propagation());
}

absl::StatusOr<Propagation> BootstrapAdminClient::UnbanIdentity(std::string_view spiffe_id) {
  v1::UnbanIdentityRequest request;
  v1::UnbanIdentityResponse response;
  request.set_spiffe_id(std::string(spiffe_id));
  OMNI_RETURN_IF_ERROR(Call<AuthorityStub>(&AuthorityStub::UnbanIdentity, request, &response));
  return Decode(response.propagation());
}

absl::StatusOr<std::vector<RevocationRecord>> BootstrapAdminClient::ListRevocations() {
  return AllPages<RevocationRecord, v1::ListRevocationsRequest, v1::ListRevocationsResponse>(
      "revocations",
      [this](const auto& request, auto* response) {
        return Call<AuthorityStub>(&AuthorityStub::ListRevocations, request, response);
      },
      [](const auto& response) -> const auto& { return response.revocations(); });
}

}  // namespace omninode::omnictl
