#include "services/bootstrap/store/bootstrap_store.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/concurrency/gate.h"
#include "common/identity/testing/test_authority.h"
#include "common/sql/test_folder.h"
#include "services/bootstrap/issuance/issuer.h"
#include "services/bootstrap/store/sqlite_bootstrap_store.h"

// The contract of the port, on every implementation.
namespace omninode::bootstrap {
namespace {

using crypto::KeyAlgorithm;
using crypto::PrivateKey;
using identity::RevokedCertificate;
using identity::SpiffeId;
using identity::TestAuthority;
using testing::SizeIs;

const absl::Time kNow = TestAuthority::DefaultNow();

class BootstrapStoreTest : public testing::Test {
 protected:
  BootstrapStoreTest() : store_(Open()) {}

  std::unique_ptr<BootstrapStore> Open() const {
    auto store = SqliteBootstrapStore::Open(folder_.File("bootstrap.db"), kNow);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }
  void Restart() {
    store_ = nullptr;
    store_ = Open();
  }

  SpiffeId Id(std::string_view path) const { return authority_.Id(path); }
  Entry MakeEntry(std::string id, std::string_view path, absl::Duration ttl = absl::Hours(1)) {
    const auto pattern = SpiffePattern::Parse(authority_.trust_domain().ToId().append(path),
                                              authority_.trust_domain());
    return Entry::Create({.id = std::move(id),
                          .pattern = pattern.value(),
                          .svid_ttl = ttl,
                          .dns_names = {"a.example", "b.example"},
                          .created_at = kNow},
                         kShortestSvidTtl)
        .value();
  }
  JoinToken AddToken(std::string_view path, absl::Duration ttl = absl::Minutes(10)) {
    JoinToken token = MakeJoinToken(Id(path), ttl, "admin", kNow)->token;
    const absl::Status status = store_->AddToken(token);
    EXPECT_TRUE(status.ok()) << status;
    return token;
  }
  IssuedSvid Issue(std::string_view path, const crypto::PublicKey& key,
                   absl::Duration ttl = absl::Hours(1), absl::Time now = kNow) const {
    return issuer_
        .Issue({.id = Id(path),
                .key = key,
                .ttl = ttl,
                .dns_names = {},
                .path = IssuePath::kRenewal,
                .actor = "test"},
               std::nullopt, now)
        .value();
  }
  IssuedSvid Issue(std::string_view path) const {
    return Issue(path, PrivateKey::Generate(KeyAlgorithm::kEd25519).public_key());
  }
  static IssueCommit Commit(const IssuedSvid& svid) { return {.svid = svid}; }
  absl::Status Revoke(const IssuedSvid& svid) {
    TrustChange change{.sequence = store_->LoadTrust()->sequence + 1};
    change.revoke.push_back({.certificate = RevokedCertificate::Of(svid.leaf),
                             .id = svid.record.id,
                             .revoked_at = kNow,
                             .expires_at = svid.record.not_after,
                             .reason_text = "stolen",
                             .actor = "admin"});
    return store_->CommitTrust(change);
  }
  absl::Status Ban(const SpiffeId& id, std::optional<absl::Time> lifted_at = std::nullopt) {
    TrustChange change{.sequence = store_->LoadTrust()->sequence + 1};
    change.put_bans.push_back({id, kNow, lifted_at, "stolen", "admin"});
    return store_->CommitTrust(change);
  }

  const TestAuthority authority_{"example.org"};
  const Issuer issuer_{authority_.trust_domain(), authority_.issuer()};
  const sql::TestFolder folder_;
  std::unique_ptr<BootstrapStore> store_;
};

TEST_F(BootstrapStoreTest, IsOfOneNetworkForEver) {
  EXPECT_FALSE(store_->LoadNetwork()->has_value());
  const NetworkInfo network{NetworkId::Parse("net-1").value(), authority_.trust_domain(), kNow};
  ASSERT_TRUE(store_->CreateNetwork(network).ok());
  EXPECT_EQ(store_->CreateNetwork(network).code(), absl::StatusCode::kAlreadyExists);
  Restart();
  const auto loaded = store_->LoadNetwork().value();
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->network_id, network.network_id);
  EXPECT_EQ(loaded->trust_domain, network.trust_domain);
  EXPECT_EQ(loaded->created_at, kNow);
}

TEST_F(BootstrapStoreTest, RemembersEntries) {
  ASSERT_TRUE(store_->PutEntry(MakeEntry("e1", "/node/*/*")).ok());
  ASSERT_TRUE(store_->PutEntry(MakeEntry("e2", "/agent/*")).ok());
  ASSERT_TRUE(store_->PutEntry(MakeEntry("e2", "/agent/*", absl::Minutes(5))).ok());
  ASSERT_TRUE(store_->DeleteEntry("e1").ok());
  Restart();
  const auto entries = store_->LoadEntries(authority_.trust_domain()).value();
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].id(), "e2");
  EXPECT_EQ(entries[0].svid_ttl(), absl::Minutes(5));
  EXPECT_THAT(entries[0].dns_names(), testing::ElementsAre("a.example", "b.example"));
  EXPECT_EQ(entries[0].created_at(), kNow);
}

TEST_F(BootstrapStoreTest, RefusesTwoEntriesOfOnePattern) {
  ASSERT_TRUE(store_->PutEntry(MakeEntry("e1", "/node/*/*")).ok());
  EXPECT_EQ(ReasonOf(store_->PutEntry(MakeEntry("e2", "/node/*/*"))), Reason::kEntryExists);
  EXPECT_EQ(ReasonOf(store_->DeleteEntry("e2")), Reason::kObjectUnknown);
}

TEST_F(BootstrapStoreTest, RemembersTokens) {
  const JoinToken token = AddToken("/node/cache/c1");
  Restart();
  const auto stored = store_->FindToken(token.id).value();
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->token.id, token.id);
  EXPECT_EQ(stored->token.public_key, token.public_key);
  EXPECT_EQ(stored->token.spiffe_id, token.spiffe_id);
  EXPECT_EQ(stored->token.expires_at, token.expires_at);
  EXPECT_EQ(stored->token.created_by, "admin");
  EXPECT_FALSE(stored->use.has_value());
  EXPECT_FALSE(store_->FindToken("nobody")->has_value());
}

TEST_F(BootstrapStoreTest, RemembersWhatItIssued) {
  const IssuedSvid svid = Issue("/node/cache/c1");
  ASSERT_TRUE(store_->CommitIssue(Commit(svid), kNow).ok());
  Restart();
  const auto found = store_->FindSvid(svid.record.serial).value();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->leaf, svid.leaf);
  EXPECT_EQ(found->record.id, svid.record.id);
  EXPECT_EQ(found->record.key_fingerprint, svid.record.key_fingerprint);
  EXPECT_EQ(found->record.not_before, svid.record.not_before);
  EXPECT_EQ(found->record.not_after, svid.record.not_after);
  EXPECT_EQ(found->record.authority_key_id, svid.record.authority_key_id);
  EXPECT_EQ(found->record.path, IssuePath::kRenewal);
  EXPECT_EQ(found->record.actor, "test");
  EXPECT_FALSE(store_->FindSvid("00")->has_value());
}

TEST_F(BootstrapStoreTest, ConsumesATokenOnce) {
  const JoinToken token = AddToken("/node/cache/c1");
  IssueCommit first = Commit(Issue("/node/cache/c1"));
  first.token_id = token.id;
  IssueCommit second = Commit(Issue("/node/cache/c1"));
  second.token_id = token.id;
  ASSERT_TRUE(store_->CommitIssue(first, kNow).ok());
  EXPECT_EQ(ReasonOf(store_->CommitIssue(second, kNow)), Reason::kTokenUsed);
  EXPECT_FALSE(store_->FindSvid(second.svid.record.serial)->has_value());
  const auto stored = store_->FindToken(token.id).value();
  ASSERT_TRUE(stored->use.has_value());
  EXPECT_EQ(stored->use->serial, first.svid.record.serial);
  EXPECT_EQ(stored->use->key_fingerprint, first.svid.record.key_fingerprint);
  EXPECT_EQ(stored->use->used_at, kNow);
}

// G20, T28 at the door of the store.
TEST_F(BootstrapStoreTest, OfAHundredThreadsOneConsumesAToken) {
  constexpr int kThreads = 100;
  const JoinToken token = AddToken("/node/cache/c1");
  std::vector<IssueCommit> commits;
  for (int i = 0; i < kThreads; ++i) {
    commits.push_back(Commit(Issue("/node/cache/c1")));
    commits.back().token_id = token.id;
  }
  Gate start;
  Gate winners;
  Gate losers;
  std::vector<std::jthread> threads;
  for (const IssueCommit& commit : commits) {
    threads.emplace_back([&] {
      start.Await();
      const absl::Status status = store_->CommitIssue(commit, kNow);
      if (status.ok()) winners.Arrive();
      if (ReasonOf(status) == Reason::kTokenUsed) losers.Arrive();
    });
  }
  start.Arrive();
  threads.clear();
  EXPECT_EQ(winners.arrived(), 1);
  EXPECT_EQ(losers.arrived(), kThreads - 1);
  int stored = 0;
  for (const IssueCommit& commit : commits) {
    stored += store_->FindSvid(commit.svid.record.serial)->has_value() ? 1 : 0;
  }
  EXPECT_EQ(stored, 1);
}

TEST_F(BootstrapStoreTest, ConsumesNoExpiredAndNoUnknownToken) {
  const JoinToken token = AddToken("/node/cache/c1", absl::Minutes(1));
  IssueCommit commit = Commit(Issue("/node/cache/c1"));
  commit.token_id = token.id;
  EXPECT_EQ(ReasonOf(store_->CommitIssue(commit, token.expires_at)), Reason::kTokenUsed);
  commit.token_id = "nobody";
  EXPECT_EQ(ReasonOf(store_->CommitIssue(commit, kNow)), Reason::kTokenUsed);
}

TEST_F(BootstrapStoreTest, ARefusedIssueLeavesTheTokenUnused) {
  const JoinToken token = AddToken("/node/cache/c1");
  IssueCommit commit = Commit(Issue("/node/cache/c1"));
  commit.token_id = token.id;
  commit.entry_id = "deleted";
  EXPECT_EQ(ReasonOf(store_->CommitIssue(commit, kNow)), Reason::kEntryMissing);
  EXPECT_FALSE(store_->FindToken(token.id).value()->use.has_value());
  ASSERT_TRUE(store_->PutEntry(MakeEntry("deleted", "/node/*/*")).ok());
  EXPECT_TRUE(store_->CommitIssue(commit, kNow).ok());
}

TEST_F(BootstrapStoreTest, IssuesNothingToTheHolderOfARevokedLeaf) {
  const IssuedSvid old = Issue("/node/cache/c1");
  ASSERT_TRUE(store_->CommitIssue(Commit(old), kNow).ok());
  IssueCommit renewal = Commit(Issue("/node/cache/c1"));
  renewal.renewed_by = RevokedCertificate::Of(old.leaf);
  ASSERT_TRUE(store_->CommitIssue(renewal, kNow).ok());
  ASSERT_TRUE(Revoke(old).ok());
  IssueCommit late = Commit(Issue("/node/cache/c1"));
  late.renewed_by = RevokedCertificate::Of(old.leaf);
  EXPECT_EQ(ReasonOf(store_->CommitIssue(late, kNow)), Reason::kCertRevoked);
}

TEST_F(BootstrapStoreTest, IssuesNothingToABannedIdentity) {
  ASSERT_TRUE(Ban(Id("/node/cache/c1")).ok());
  EXPECT_EQ(ReasonOf(store_->CommitIssue(Commit(Issue("/node/cache/c1")), kNow)),
            Reason::kIdentityBanned);
  EXPECT_TRUE(store_->CommitIssue(Commit(Issue("/node/cache/c2")), kNow).ok());
}

TEST_F(BootstrapStoreTest, IssuesNothingThatALiftedBanWouldRefuse) {
  ASSERT_TRUE(Ban(Id("/node/cache/c1"), kNow).ok());
  const IssuedSvid backdated = Issue("/node/cache/c1");
  EXPECT_EQ(ReasonOf(store_->CommitIssue(Commit(backdated), kNow)), Reason::kIdentityBanned);
  const IssuedSvid later =
      issuer_
          .Issue({.id = Id("/node/cache/c1"),
                  .key = PrivateKey::Generate(KeyAlgorithm::kEd25519).public_key(),
                  .ttl = absl::Hours(1),
                  .dns_names = {},
                  .path = IssuePath::kRenewal,
                  .actor = "test"},
                 kNow, kNow)
          .value();
  EXPECT_TRUE(store_->CommitIssue(Commit(later), kNow).ok());
}

TEST_F(BootstrapStoreTest, AKeyServesOneIdentityWhileItsCertificateLives) {
  const auto key = PrivateKey::Generate(KeyAlgorithm::kEd25519).public_key();
  const IssuedSvid svid = Issue("/node/cache/c1", key);
  ASSERT_TRUE(store_->CommitIssue(Commit(svid), kNow).ok());
  EXPECT_EQ(ReasonOf(store_->CommitIssue(Commit(Issue("/node/cache/c2", key)), kNow)),
            Reason::kKeyReused);
  EXPECT_TRUE(store_->CommitIssue(Commit(Issue("/node/cache/c1", key)), kNow).ok());
  const absl::Time later = kNow + absl::Hours(2);
  EXPECT_TRUE(
      store_->CommitIssue(Commit(Issue("/node/cache/c2", key, absl::Hours(1), later)), later).ok());
}

TEST_F(BootstrapStoreTest, ARevokedKeyGetsNoCertificate) {
  const auto key = PrivateKey::Generate(KeyAlgorithm::kEd25519).public_key();
  const IssuedSvid svid = Issue("/node/cache/c1", key);
  ASSERT_TRUE(store_->CommitIssue(Commit(svid), kNow).ok());
  ASSERT_TRUE(Revoke(svid).ok());
  EXPECT_EQ(ReasonOf(store_->CommitIssue(Commit(Issue("/node/cache/c1", key)), kNow)),
            Reason::kKeyReused);
}

TEST_F(BootstrapStoreTest, StartsWithNoTrust) {
  EXPECT_EQ(store_->LoadTrust().value(), TrustRecords());
}

TEST_F(BootstrapStoreTest, RemembersTrust) {
  const IssuedSvid svid = Issue("/node/cache/c1");
  TrustChange change{.sequence = 1, .published = crypto::Sha256("roots")};
  TrustRecords expected = Apply({}, change);
  ASSERT_TRUE(store_->CommitTrust(change).ok());

  change = {.sequence = 2, .published = crypto::Sha256("roots")};
  change.revoke = {{{"aa", "01"}, Id("/node/a/b"), kNow, kNow + absl::Hours(1), "why", "who"},
                   {{"aa", "02"}, Id("/node/a/b"), kNow, kNow + absl::Hours(1), "", "who"}};
  change.put_bans = {{Id("/node/a/c"), kNow, std::nullopt, "why", "who"},
                     {Id("/node/a/d"), kNow, kNow + absl::Minutes(1), "", "who"}};
  expected = Apply(expected, change);
  ASSERT_TRUE(store_->CommitTrust(change).ok());

  change = {.sequence = 3, .published = crypto::Sha256("other roots")};
  change.put_bans = {{Id("/node/a/c"), kNow, kNow + absl::Minutes(2), "why", "who"}};
  change.forget_revocations = {{"aa", "01"}};
  change.forget_bans = {Id("/node/a/d")};
  expected = Apply(expected, change);
  ASSERT_TRUE(store_->CommitTrust(change).ok());

  Restart();
  EXPECT_EQ(store_->LoadTrust().value(), expected);
}

TEST_F(BootstrapStoreTest, FencesTheTrustSequence) {
  ASSERT_TRUE(store_->CommitTrust({.sequence = 1}).ok());
  for (const std::uint64_t sequence : {std::uint64_t{1}, std::uint64_t{3}}) {
    TrustChange change{.sequence = sequence};
    change.put_bans = {{Id("/node/a/c"), kNow, std::nullopt, "", ""}};
    EXPECT_EQ(ReasonOf(store_->CommitTrust(change)), Reason::kStoreUnavailable);
  }
  EXPECT_EQ(store_->LoadTrust()->sequence, 1u);
  EXPECT_TRUE(store_->LoadTrust()->bans.empty());
}

TEST_F(BootstrapStoreTest, ForgetsWhatHasEnded) {
  const IssuedSvid svid = Issue("/node/cache/c1");
  ASSERT_TRUE(store_->CommitIssue(Commit(svid), kNow).ok());
  const JoinToken token = AddToken("/node/cache/c2");

  const absl::Time svid_end = svid.record.not_after + BootstrapStore::kKeepSvids;
  EXPECT_EQ(store_->Prune(svid_end - absl::Seconds(1)).value(), 0u);
  EXPECT_EQ(store_->Prune(svid_end).value(), 1u);
  EXPECT_FALSE(store_->FindSvid(svid.record.serial)->has_value());

  const absl::Time token_end = token.expires_at + BootstrapStore::kKeepTokens;
  EXPECT_EQ(store_->Prune(token_end - absl::Seconds(1)).value(), 0u);
  EXPECT_EQ(store_->Prune(token_end).value(), 1u);
  EXPECT_FALSE(store_->FindToken(token.id)->has_value());
}

}  // namespace
}  // namespace omninode::bootstrap
