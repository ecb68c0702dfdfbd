#include "tools/omnictl/bootstrap_admin_client.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/type_codec.h"
#include "common/identity/testing/test_authority.h"
#include "common/rpc/serve/status_codec.h"
#include "omninode/bootstrap/v1/authority_service.grpc.pb.h"
#include "omninode/bootstrap/v1/entry_service.grpc.pb.h"
#include "tools/omnictl/bootstrap_admin_codec.h"

namespace omninode::omnictl {
namespace {

namespace v1 = bootstrap::v1;
using ::testing::ElementsAre;

constexpr absl::Time kThen = absl::FromUnixSeconds(1'800'000'000);

v1::Entry MakeEntry(const std::string& id) {
  v1::Entry entry;
  entry.set_entry_id(id);
  entry.set_spiffe_id_pattern("spiffe://example.org/node/*/*");
  *entry.mutable_svid_ttl() = envelope::Encode(absl::Hours(1));
  *entry.mutable_created_at() = envelope::Encode(kThen);
  return entry;
}

// Two pages of entries; remembers the last requests.
class FakeEntryService final : public v1::EntryService::Service {
 public:
  grpc::Status CreateEntry(grpc::ServerContext*, const v1::CreateEntryRequest* request,
                           v1::CreateEntryResponse* response) override {
    *response->mutable_entry() = request->entry();
    response->mutable_entry()->set_entry_id("e-9");
    return grpc::Status::OK;
  }
  grpc::Status GetEntry(grpc::ServerContext*, const v1::GetEntryRequest* request,
                        v1::GetEntryResponse*) override {
    return rpc::ToGrpc(Reject(Reason::kObjectUnknown, "there is no '{}'", request->entry_id()));
  }
  grpc::Status ListEntries(grpc::ServerContext*, const v1::ListEntriesRequest* request,
                           v1::ListEntriesResponse* response) override {
    const bool second = request->page_token() == "more";
    *response->add_entries() = MakeEntry(second ? "e-2" : "e-1");
    if (!second) response->set_next_page_token("more");
    return grpc::Status::OK;
  }
  grpc::Status UpdateEntry(grpc::ServerContext*, const v1::UpdateEntryRequest* request,
                           v1::UpdateEntryResponse* response) override {
    mask.assign(request->update_mask().paths().begin(), request->update_mask().paths().end());
    *response->mutable_entry() = MakeEntry(request->entry().entry_id());
    return grpc::Status::OK;
  }
  grpc::Status DeleteEntry(grpc::ServerContext*, const v1::DeleteEntryRequest*,
                           v1::DeleteEntryResponse*) override {
    return grpc::Status::OK;
  }
  grpc::Status CreateJoinToken(grpc::ServerContext*, const v1::CreateJoinTokenRequest* request,
                               v1::CreateJoinTokenResponse* response) override {
    token_ttl = request->has_ttl();
    *response = token;
    return grpc::Status::OK;
  }

  std::vector<std::string> mask;
  bool token_ttl = false;
  v1::CreateJoinTokenResponse token;
};

class FakeAuthorityService final : public v1::AuthorityService::Service {
 public:
  grpc::Status RevokeSvid(grpc::ServerContext*, const v1::RevokeSvidRequest* request,
                          v1::RevokeSvidResponse* response) override {
    response->set_spiffe_id("id of " + request->serial());
    response->mutable_propagation()->set_sequence(7);
    response->mutable_propagation()->add_lagging("late");
    return grpc::Status::OK;
  }
  grpc::Status BanIdentity(grpc::ServerContext*, const v1::BanIdentityRequest* request,
                           v1::BanIdentityResponse* response) override {
    response->mutable_propagation()->add_applied(request->reason_text());
    return grpc::Status::OK;
  }
  grpc::Status UnbanIdentity(grpc::ServerContext*, const v1::UnbanIdentityRequest* request,
                             v1::UnbanIdentityResponse*) override {
    return rpc::ToGrpc(Reject(Reason::kObjectUnknown, "{} is not banned", request->spiffe_id()));
  }
  grpc::Status ListRevocations(grpc::ServerContext*, const v1::ListRevocationsRequest*,
                               v1::ListRevocationsResponse* response) override {
    auto* certificate = response->add_revocations();
    certificate->mutable_certificate()->set_serial("\x3f\xa9");
    *certificate->mutable_time() = envelope::Encode(kThen);
    response->add_revocations()->mutable_identity()->set_spiffe_id("spiffe://example.org/x");
    return grpc::Status::OK;
  }
};

class BootstrapAdminClientTest : public ::testing::Test {
 protected:
  BootstrapAdminClientTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&entries_);
    builder.RegisterService(&authority_);
    server_ = builder.BuildAndStart();
    client_ = std::make_unique<BootstrapAdminClient>(
        server_->InProcessChannel(grpc::ChannelArguments()), absl::Seconds(20));
    const identity::TestAuthority authority("example.org");
    entries_.token.set_token_id("t-1");
    entries_.token.set_token(std::string(32, 's'));
    entries_.token.set_trust_domain("example.org");
    entries_.token.set_attestor_address("127.0.0.1:7100");
    entries_.token.add_x509_authorities(authority.ca().der());
    *entries_.token.mutable_expires_at() = envelope::Encode(kThen);
  }

  FakeEntryService entries_;
  FakeAuthorityService authority_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<BootstrapAdminClient> client_;
};

TEST_F(BootstrapAdminClientTest, ReadsAllPages) {
  const auto entries = client_->ListEntries();
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].entry_id, "e-1");
  EXPECT_EQ((*entries)[1].entry_id, "e-2");
  EXPECT_EQ((*entries)[1].svid_ttl, absl::Hours(1));
  EXPECT_EQ((*entries)[1].created_at, kThen);
}

TEST_F(BootstrapAdminClientTest, CreatesAndDeletesEntries) {
  const auto entry = client_->CreateEntry({.entry_id = "",
                                           .spiffe_id_pattern = "spiffe://example.org/node/*/*",
                                           .svid_ttl = absl::Minutes(5),
                                           .dns_names = {"a", "b"}});
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(entry->entry_id, "e-9");
  EXPECT_EQ(entry->svid_ttl, absl::Minutes(5));
  EXPECT_THAT(entry->dns_names, ElementsAre("a", "b"));
  EXPECT_TRUE(client_->DeleteEntry("e-9").ok());
}

TEST_F(BootstrapAdminClientTest, NamesInTheMaskOnlyWhatIsToChange) {
  ASSERT_TRUE(client_->UpdateEntry("e-1", {.svid_ttl = absl::Minutes(1)}).ok());
  EXPECT_THAT(entries_.mask, ElementsAre("svid_ttl"));
  ASSERT_TRUE(client_->UpdateEntry("e-1", {.dns_names = std::vector<std::string>()}).ok());
  EXPECT_THAT(entries_.mask, ElementsAre("dns_names"));
}

TEST_F(BootstrapAdminClientTest, KeepsTheServicesReason) {
  EXPECT_EQ(ReasonOf(client_->GetEntry("e-7").status()), Reason::kObjectUnknown);
  EXPECT_EQ(ReasonOf(client_->UnbanIdentity("x").status()), Reason::kObjectUnknown);
}

TEST_F(BootstrapAdminClientTest, MakesATokenFileThatCanBeReadAgain) {
  const auto token = client_->CreateJoinToken("spiffe://example.org/node/worker/w1", std::nullopt);
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_FALSE(entries_.token_ttl);
  const auto again = enrollment::TokenFile::Parse(token->ToJson());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->token, std::string(32, 's'));
  EXPECT_EQ(again->attestor_address, "127.0.0.1:7100");
  EXPECT_EQ(again->expires_at, "2027-01-15T08:00:00.000Z");
  ASSERT_TRUE(client_->CreateJoinToken("x", absl::Minutes(1)).ok());
  EXPECT_TRUE(entries_.token_ttl);
}

TEST_F(BootstrapAdminClientTest, RefusesATokenThatIsNone) {
  entries_.token.set_token("short");
  EXPECT_EQ(ReasonOf(client_->CreateJoinToken("x", std::nullopt).status()), Reason::kMsgMalformed);
  entries_.token.set_token(std::string(32, 's'));
  entries_.token.set_trust_domain("Not A Domain");
  EXPECT_FALSE(client_->CreateJoinToken("x", std::nullopt).ok());
}

TEST_F(BootstrapAdminClientTest, RevokesBansAndLists) {
  const auto revoked = client_->RevokeSvid("3fa9", "copied");
  ASSERT_TRUE(revoked.ok()) << revoked.status();
  EXPECT_EQ(revoked->spiffe_id, "id of 3fa9");
  EXPECT_EQ(revoked->propagation.sequence, 7u);
  EXPECT_THAT(revoked->propagation.lagging, ElementsAre("late"));
  EXPECT_THAT(client_->BanIdentity("x", "why")->applied, ElementsAre("why"));
  const auto list = client_->ListRevocations();
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[0].serial, "3fa9");
  EXPECT_EQ((*list)[0].time, kThen);
  EXPECT_EQ((*list)[1].serial, std::nullopt);
}

TEST_F(BootstrapAdminClientTest, SaysThatNobodyAnswers) {
  server_->Shutdown();
  BootstrapAdminClient gone(grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials()),
                            absl::Seconds(5));
  EXPECT_TRUE(absl::IsUnavailable(gone.ListEntries().status()));
}

TEST(BootstrapAdminCodecTest, RefusesWhatContradictsItself) {
  EXPECT_EQ(ReasonOf(Decode(v1::Revocation()).status()), Reason::kMsgMalformed);
  v1::Entry entry = MakeEntry("e-1");
  entry.mutable_created_at()->set_nanos(-1);
  EXPECT_FALSE(Decode(entry).ok());
}

TEST(BootstrapAdminCodecTest, LeavesOutALifeThatWasNotGiven) {
  EXPECT_FALSE(Encode(Entry{}).has_svid_ttl());
  EXPECT_EQ(Decode(v1::Entry())->svid_ttl, std::nullopt);
}

}  // namespace
}  // namespace omninode::omnictl
