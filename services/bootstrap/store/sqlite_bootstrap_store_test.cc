#include "services/bootstrap/store/sqlite_bootstrap_store.h"

#include <optional>
#include <span>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/exit_code.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/identity/testing/test_authority.h"
#include "common/sql/migrator.h"
#include "common/sql/scripted_faults.h"
#include "common/sql/test_folder.h"
#include "services/bootstrap/issuance/issuer.h"
#include "services/bootstrap/store/token_rows.h"

namespace omninode::bootstrap {
namespace {

using identity::TestAuthority;
using sql::Fault;
using sql::FaultPoint;
using testing::HasSubstr;

const absl::Time kNow = TestAuthority::DefaultNow();

class SqliteBootstrapStoreTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<SqliteBootstrapStore>> Open() {
    return SqliteBootstrapStore::Open(path_, kNow, {.faults = &faults_});
  }
  IssueCommit CommitFor(const JoinToken& token) const {
    const auto key = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kEd25519).public_key();
    return {.svid = issuer_
                        .Issue({.id = token.spiffe_id,
                                .key = key,
                                .ttl = absl::Hours(1),
                                .dns_names = {},
                                .path = IssuePath::kAttested,
                                .actor = "test"},
                               std::nullopt, kNow)
                        .value(),
            .token_id = token.id};
  }
  JoinToken MakeToken() const {
    return MakeJoinToken(authority_.Id("/node/cache/c1"), absl::Hours(1), "admin", kNow)->token;
  }
  // Changes the file behind the store's back.
  void Exec(std::string_view sql) {
    auto database = sql::Database::Open(path_);
    ASSERT_TRUE(database.ok()) << database.status();
    const absl::Status status = database->Exec(sql);
    ASSERT_TRUE(status.ok()) << status;
  }

  const TestAuthority authority_{"example.org"};
  const Issuer issuer_{authority_.trust_domain(), authority_.issuer()};
  const sql::TestFolder folder_;
  const std::string path_ = folder_.File("bootstrap.db");
  sql::ScriptedFaults faults_;
};

class FaultTest : public SqliteBootstrapStoreTest,
                  public testing::WithParamInterface<std::pair<FaultPoint, Fault>> {};

// Nothing was written, whatever failed, and the same call succeeds afterwards.
TEST_P(FaultTest, AnIssueThatFailedLeavesNothingBehind) {
  const auto store = Open().value();
  const JoinToken token = MakeToken();
  ASSERT_TRUE(store->AddToken(token).ok());
  const IssueCommit commit = CommitFor(token);
  faults_.Fail(GetParam().first, GetParam().second);
  EXPECT_EQ(ReasonOf(store->CommitIssue(commit, kNow)), Reason::kStoreUnavailable);
  EXPECT_FALSE(store->FindToken(token.id).value()->use.has_value());
  EXPECT_FALSE(store->FindSvid(commit.svid.record.serial)->has_value());
  EXPECT_TRUE(store->CommitIssue(commit, kNow).ok());
}

TEST_P(FaultTest, ATrustChangeThatFailedLeavesNothingBehind) {
  const auto store = Open().value();
  faults_.Fail(GetParam().first, GetParam().second);
  EXPECT_EQ(ReasonOf(store->CommitTrust({.sequence = 1})), Reason::kStoreUnavailable);
  EXPECT_EQ(store->LoadTrust()->sequence, 0u);
  EXPECT_TRUE(store->CommitTrust({.sequence = 1}).ok());
}

INSTANTIATE_TEST_SUITE_P(BeforeTheCommit, FaultTest,
                         testing::Values(std::pair(FaultPoint::kBegin, Fault::kBusy),
                                         std::pair(FaultPoint::kBegin, Fault::kIoError),
                                         std::pair(FaultPoint::kCommit, Fault::kBusy),
                                         std::pair(FaultPoint::kCommit, Fault::kDiskFull)));

TEST_F(SqliteBootstrapStoreTest, AnUnknownOutcomeIsAnErrorAndCanBeLookedUp) {
  const auto store = Open().value();
  const JoinToken token = MakeToken();
  ASSERT_TRUE(store->AddToken(token).ok());
  const IssueCommit commit = CommitFor(token);
  faults_.Fail(FaultPoint::kCommitted, Fault::kIoError);
  EXPECT_EQ(ReasonOf(store->CommitIssue(commit, kNow)), Reason::kStoreUnavailable);
  // It did happen: the token is spent, and for which certificate can be read.
  EXPECT_EQ(ReasonOf(store->CommitIssue(commit, kNow)), Reason::kTokenUsed);
  EXPECT_EQ(store->FindToken(token.id).value()->use->serial, commit.svid.record.serial);
  EXPECT_TRUE(store->FindSvid(commit.svid.record.serial)->has_value());
}

TEST_F(SqliteBootstrapStoreTest, RefusesASecondProcess) {
  const auto store = Open().value();
  const absl::Status second = Open().status();
  EXPECT_EQ(second.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Message(second), HasSubstr(path_));
}

TEST_F(SqliteBootstrapStoreTest, RefusesADamagedDatabaseAndNamesIt) {
  { ASSERT_TRUE(Open().ok()); }
  std::string bytes = sql::ReadFile(path_);
  for (std::size_t i = 0; i < 64; ++i) bytes[i] = 'x';
  sql::WriteFile(path_, bytes);
  const absl::Status status = Open().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_THAT(Message(status), HasSubstr(path_));
  EXPECT_EQ(ExitCodeFor(status), ExitCode::kBadData);
}

TEST_F(SqliteBootstrapStoreTest, RefusesANewerDatabaseAndNamesIt) {
  { ASSERT_TRUE(Open().ok()); }
  Exec(
      "INSERT INTO schema_migrations SELECT version + 1, 'later', checksum, applied_at "
      "FROM schema_migrations ORDER BY version DESC LIMIT 1");
  const absl::Status status = Open().status();
  EXPECT_EQ(ReasonOf(status), Reason::kSchemaVersion) << status;
  EXPECT_THAT(Message(status), HasSubstr(path_));
  EXPECT_EQ(ExitCodeFor(status), ExitCode::kBadData);
}

TEST_F(SqliteBootstrapStoreTest, RefusesTheDatabaseOfAnotherService) {
  {
    constexpr sql::Migration kForeign = {1, "registry", "CREATE TABLE nodes (id TEXT)"};
    auto other = sql::Database::Open(path_).value();
    ASSERT_TRUE(sql::Migrate(other, std::span(&kForeign, 1), kNow).ok());
  }
  EXPECT_EQ(ReasonOf(Open().status()), Reason::kSchemaVersion);
}

TEST_F(SqliteBootstrapStoreTest, SaysWhenAStoredValueIsDamaged) {
  const JoinToken token = MakeToken();
  { ASSERT_TRUE((*Open())->AddToken(token).ok()); }
  Exec("UPDATE join_tokens SET public_key = x'00'");
  Exec("INSERT INTO bans VALUES ('not an id', 0, NULL, '', '')");
  Exec("INSERT INTO entries VALUES ('e1', 'spiffe://example.org/admin/*', 3600000000, '', 0)");
  Exec("INSERT INTO network VALUES (1, 'NOT A NAME', 'example.org', 0)");
  const auto store = Open().value();
  EXPECT_TRUE(absl::IsDataLoss(store->FindToken(token.id).status()));
  EXPECT_TRUE(absl::IsDataLoss(store->LoadTrust().status()));
  EXPECT_TRUE(absl::IsDataLoss(store->LoadEntries(authority_.trust_domain()).status()));
  EXPECT_TRUE(absl::IsDataLoss(store->LoadNetwork().status()));
}

TEST_F(SqliteBootstrapStoreTest, LoadsEntriesWithoutDnsNames) {
  { ASSERT_TRUE(Open().ok()); }
  Exec("INSERT INTO entries VALUES ('e1', 'spiffe://example.org/node/*/*', 3600000000, '', 0)");
  const auto entries = (*Open())->LoadEntries(authority_.trust_domain());
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_TRUE(entries->front().dns_names().empty());
}

// G24: what is stored cannot make a proof.
TEST_F(SqliteBootstrapStoreTest, NeverWritesTheSeedOfAToken) {
  const NewJoinToken made =
      MakeJoinToken(authority_.Id("/node/cache/c1"), absl::Hours(1), "admin", kNow).value();
  {
    const auto store = Open().value();
    ASSERT_TRUE(store->AddToken(made.token).ok());
    const std::string log = sql::ReadFile(path_ + "-wal");
    EXPECT_NE(log.find(made.token.public_key.spki_der()), std::string::npos);
    EXPECT_EQ(log.find(made.seed), std::string::npos);
  }
  EXPECT_EQ(sql::ReadFile(path_).find(made.seed), std::string::npos);
}

TEST_F(SqliteBootstrapStoreTest, BoundsTheNumberOfTokens) {
  { ASSERT_TRUE(Open().ok()); }
  auto database = sql::Database::Open(path_).value();
  ASSERT_TRUE(WriteToken(database, MakeToken(), 2).ok());
  ASSERT_TRUE(WriteToken(database, MakeToken(), 2).ok());
  EXPECT_EQ(ReasonOf(WriteToken(database, MakeToken(), 2)), Reason::kLoadShed);
}

TEST_F(SqliteBootstrapStoreTest, PrunesABoundedNumberOfRows) {
  { ASSERT_TRUE(Open().ok()); }
  Exec(
      fmt::format("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
                  "INSERT INTO join_tokens (token_id, public_key, spiffe_id, expires_at, "
                  "created_by) SELECT 't' || i, x'00', 'x', 0, 'admin' FROM n",
                  BootstrapStore::kMaxPrunedRows + 1));
  const auto store = Open().value();
  EXPECT_EQ(store->Prune(kNow).value(), BootstrapStore::kMaxPrunedRows);
  EXPECT_EQ(store->Prune(kNow).value(), 1u);
  EXPECT_EQ(store->Prune(kNow).value(), 0u);
}

}  // namespace
}  // namespace omninode::bootstrap
