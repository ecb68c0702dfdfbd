#include "services/registry/store/sqlite_registry_store.h"

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/sql/test_folder.h"
#include "services/registry/store/testing/storable_commands.h"

// What only the SQLite store has; what every store promises is in tests/contract.
namespace omninode::registry {
namespace {

using testing::Describe;
using testing::Expiry;
using ::testing::HasSubstr;
using testing::NodeSpec;
using testing::PlanFor;
using testing::StorableRegistration;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class SqliteRegistryStoreTest : public ::testing::Test {
 protected:
  SqliteRegistryStoreTest() { options_.path = folder_.File("registry.db"); }

  void Open() {
    store_.reset();
    auto store = SqliteRegistryStore::Open(options_, kNow);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    auto ownership = store_->Acquire("registry-1", kNow);
    ASSERT_TRUE(ownership.ok()) << ownership.status();
    ownership_ = *std::move(ownership);
  }
  void Run(std::vector<Command> commands) {
    const Plan plan = PlanFor(state_, commands, kNow, ownership_.term);
    ASSERT_FALSE(plan.records.empty());
    const CommitResult result = store_->Commit(ownership_.term, ++ownership_.seq, plan.records);
    ASSERT_EQ(result.outcome, CommitOutcome::kCommitted) << result.status;
    for (const ChangeRecord& record : plan.records) ASSERT_TRUE(state_.Apply(record).ok());
  }
  const NamespaceState& Tenant() const {
    return *state_.Find(NamespaceName::Parse("tenant-a").value());
  }
  RemoveCommand Removal(const std::string& id, const std::string& request_id) const {
    RemoveCommand command = Expiry({.id = id}, LeaseHandle());
    command.only_lease.reset();
    command.request = AdminRequest{"alice", request_id, crypto::Sha256(id)};
    return command;
  }

  // Closes the store and works on its file directly.
  void Edit(const std::string& sql) {
    store_.reset();
    auto database = sql::Database::Open(options_.path);
    ASSERT_TRUE(database.ok()) << database.status();
    ASSERT_TRUE(database->Exec(sql).ok());
  }
  std::int64_t Ask(const std::string& sql) {
    store_.reset();
    auto database = sql::Database::Open(options_.path);
    EXPECT_TRUE(database.ok()) << database.status();
    auto row = database->Prepare(sql);
    EXPECT_TRUE(row.ok()) << row.status();
    EXPECT_TRUE(row->Step().value());
    return row->Int64(0);
  }

  sql::TestFolder folder_;
  SqliteRegistryStore::Options options_;
  std::unique_ptr<SqliteRegistryStore> store_;
  Ownership ownership_;
  TopologyState state_;
};

TEST_F(SqliteRegistryStoreTest, ASecondInstanceIsKeptOut) {
  Open();
  const auto second = SqliteRegistryStore::Open(options_, kNow);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  store_.reset();
  EXPECT_TRUE(SqliteRegistryStore::Open(options_, kNow).ok());
}

TEST_F(SqliteRegistryStoreTest, ANewerSchemaIsRefused) {
  Open();
  Edit("INSERT INTO schema_migrations VALUES(1000, 'of tomorrow', 'x', 0)");
  EXPECT_EQ(ReasonOf(SqliteRegistryStore::Open(options_, kNow).status()), Reason::kSchemaVersion);
}

TEST_F(SqliteRegistryStoreTest, NothingCanBeWrittenBeforeTheShardIsAcquired) {
  auto store = SqliteRegistryStore::Open(options_, kNow);
  ASSERT_TRUE(store.ok());
  EXPECT_EQ((*store)->Head().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ((*store)->Commit(0, 1, {}).outcome, CommitOutcome::kFailed);
  EXPECT_EQ((*store)->Compact(1, 1).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(SqliteRegistryStoreTest, CheckFailsBeforeTheDiskIsFull) {
  options_.min_free_bytes = ~std::uint64_t{0};
  Open();
  const absl::Status status = store_->Check();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(Message(status)), HasSubstr(options_.path));
}

TEST_F(SqliteRegistryStoreTest, CheckMayBeCalledWhileOthersCommit) {
  Open();
  Run({testing::Creation("tenant-a")});
  std::jthread checking([this] {
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(store_->Check().ok());
  });
  for (std::uint64_t i = 1; i <= 20; ++i) {
    NodeSpec spec{.sequence = i, .capability = std::to_string(i)};
    Run({StorableRegistration(spec)});
  }
}

TEST_F(SqliteRegistryStoreTest, ACertificateIsStoredOnceAndGoesWithItsLastUse) {
  Open();
  Run({testing::Creation("tenant-a")});
  Run({StorableRegistration({.id = "w1"}), StorableRegistration({.id = "w2"})});  // leaf-1
  NodeSpec rotated{.id = "w2", .sequence = 2, .leaf = "leaf-2"};
  Run({StorableRegistration(rotated)});
  EXPECT_EQ(Ask("SELECT count(*) FROM certificates"), 2);
  Open();
  Run({Expiry({.id = "w1"}, Tenant().nodes().Find(NodeId::Parse("w1").value())->lease)});
  ASSERT_TRUE(store_->Compact(3, 100).ok());
  EXPECT_EQ(Ask("SELECT count(*) FROM certificates"), 2) << "group 4 of the log ended its use";
  Open();
  ASSERT_TRUE(store_->Compact(4, 100).ok());
  EXPECT_EQ(Ask("SELECT count(*) FROM certificates"), 1);
  Open();
  EXPECT_EQ(Describe(store_->Load().value()), Describe(state_));
}

TEST_F(SqliteRegistryStoreTest, EvidenceIsNeverInTwoPlaces) {
  Open();
  Run({testing::Creation("tenant-a")});
  Run({StorableRegistration({.id = "w1"}), StorableRegistration({.id = "w2"})});
  EXPECT_EQ(Ask("SELECT count(*) FROM nodes WHERE evidence IS NOT NULL"), 0);
  Open();
  ASSERT_TRUE(store_->Compact(2, 100).ok());
  EXPECT_EQ(Ask("SELECT count(*) FROM nodes WHERE evidence IS NOT NULL"), 2);
  Open();
  Run({StorableRegistration({.id = "w1", .sequence = 2, .zone = "eu-1"})});
  EXPECT_EQ(Ask("SELECT count(*) FROM nodes WHERE evidence IS NOT NULL"), 1);
}

TEST_F(SqliteRegistryStoreTest, KeepsTombstonesAndReceiptsUpToTheBound) {
  options_.retention = {.tombstones = 3, .receipts = 2};
  Open();
  Run({testing::Creation("tenant-a")});
  const auto come_and_go = [&](const std::string& id) {
    Run({StorableRegistration({.id = id})});
    Run({Removal(id, "request of " + id)});
  };
  for (const char* id : {"n1", "n2", "n3"}) come_and_go(id);
  ASSERT_TRUE(store_->Compact(ownership_.seq, 100).ok());
  EXPECT_EQ(Ask("SELECT count(*) FROM tombstones"), 3);
  EXPECT_EQ(Ask("SELECT count(*) FROM admin_receipts"), 2);

  Open();
  come_and_go("n4");
  const auto loaded = store_->Load();
  ASSERT_TRUE(loaded.ok());
  const NamespaceState* ns = loaded->Find(NamespaceName::Parse("tenant-a").value());
  ASSERT_EQ(ns->tombstones().size(), 3u) << "more are stored until the next compaction";
  EXPECT_EQ(ns->tombstones().front()->tombstone.node.id.value(), "n2");
  EXPECT_EQ(ns->tombstones().back()->tombstone.node.id.value(), "n4");
  EXPECT_EQ(ns->FindReceipt("alice", "request of n2"), nullptr);
  EXPECT_NE(ns->FindReceipt("alice", "request of n3"), nullptr);
  EXPECT_EQ(Ask("SELECT count(*) FROM tombstones"), 4);
  Open();
  ASSERT_TRUE(store_->Compact(ownership_.seq, 100).ok());
  EXPECT_EQ(Ask("SELECT count(*) FROM tombstones"), 3);
  EXPECT_EQ(Ask("SELECT count(*) FROM admin_receipts"), 2);
}

TEST_F(SqliteRegistryStoreTest, ARequestIdThatWasForgottenMayServeAgain) {
  options_.retention.receipts = 1;
  Open();
  Run({testing::Creation("tenant-a")});
  std::uint64_t sequence = 0;
  for (const char* request : {"r1", "r2", "r1"}) {
    Run({StorableRegistration({.sequence = ++sequence})});
    Run({Removal("worker-1", request)});
    // As after a restart: what the store does not keep is forgotten.
    state_ = store_->Load().value();
    EXPECT_NE(Tenant().FindReceipt("alice", request), nullptr);
  }
  EXPECT_EQ(Tenant().FindReceipt("alice", "r2"), nullptr);
}

TEST_F(SqliteRegistryStoreTest, DamageIsNamedAndNotRepaired) {
  Open();
  Run({testing::Creation("tenant-a")});
  Run({StorableRegistration({})});
  const auto load_after = [&](const std::string& damage) {
    Edit(damage);
    auto store = SqliteRegistryStore::Open(options_, kNow);
    EXPECT_TRUE(store.ok()) << store.status();
    return (*store)->Load().status();
  };
  absl::Status status = load_after("UPDATE nodes SET health = 9");
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(Message(status)), HasSubstr("nodes"));
  status = load_after("UPDATE nodes SET health = 1, last_digest = x'00'");
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  status = load_after("UPDATE nodes SET last_digest = zeroblob(32), node_id = 'UPPER'");
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  status = load_after("UPDATE nodes SET node_id = 'worker-2'");
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(Message(status)), HasSubstr("worker-2"));
  status = load_after("UPDATE nodes SET node_id = 'worker-1'");
  EXPECT_TRUE(status.ok()) << status;
  status = load_after("DELETE FROM certificates");
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(Message(status)), HasSubstr("certificate"));
  status = load_after("DELETE FROM change_log");
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(Message(status)), HasSubstr("worker-1"));
  status = load_after("UPDATE namespaces SET max_nodes = 0");
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
}

TEST_F(SqliteRegistryStoreTest, DamageInTheLogIsNamedWhenItIsRead) {
  Open();
  Run({testing::Creation("tenant-a")});
  Run({StorableRegistration({})});
  for (const char* damage :
       {"UPDATE change_log SET namespace = 'tenant-b' WHERE seq = 2",
        "UPDATE change_log SET namespace = 'NO NAME' WHERE seq = 2",
        "UPDATE change_log SET namespace = 'tenant-a', record = x'ff' WHERE seq = 2"}) {
    Edit(damage);
    auto store = SqliteRegistryStore::Open(options_, kNow);
    ASSERT_TRUE(store.ok()) << store.status();
    const absl::Status status = (*store)->ReadLog(10).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << damage;
    EXPECT_THAT(std::string(Message(status)), HasSubstr("log")) << damage;
  }
}

// A ring holds no more, and decoding a long log would be most of a restart.
TEST_F(SqliteRegistryStoreTest, NoMoreOfTheLogIsReadThanARingCanHold) {
  Open();
  Run({testing::Creation("tenant-a"), testing::Creation("tenant-b")});
  for (std::uint64_t sequence = 1; sequence <= 4; ++sequence) {
    Run({StorableRegistration({.sequence = sequence, .zone = fmt::format("eu-{}", sequence)})});
  }
  EXPECT_EQ(store_->ReadLog(10)->size(), 4u);
  const std::string newest = Describe(store_->ReadLog(1).value());
  const std::string newest_two = Describe(store_->ReadLog(2).value());
  options_.max_log_bytes = 1;  // reached by the first
  Open();
  EXPECT_EQ(Describe(store_->ReadLog(10).value()), newest);
  options_.max_log_bytes = 500;  // a record has some 700 bytes
  Open();
  EXPECT_EQ(Describe(store_->ReadLog(10).value()), newest_two);
}

TEST_F(SqliteRegistryStoreTest, ARecordThatContradictsTheRowsIsAFaultOfOurs) {
  Open();
  Run({testing::Creation("tenant-a")});
  Run({StorableRegistration({})});
  const std::vector<Command> commands = {StorableRegistration({.sequence = 2, .zone = "eu-1"})};
  Plan plan = PlanFor(state_, commands, kNow, ownership_.term);
  const auto commit = [&](const Plan& changed) {
    return store_->Commit(ownership_.term, ownership_.seq + 1, changed.records);
  };
  Plan of_another_term = plan;
  of_another_term.records[0].term += 1;
  EXPECT_EQ(commit(of_another_term).status.code(), absl::StatusCode::kInternal);
  Plan twice = plan;
  twice.records[0].changes[0].kind = directory::ChangeKind::kAdded;
  EXPECT_EQ(commit(twice).outcome, CommitOutcome::kFailed);
  Plan stale = plan;
  auto before = std::make_shared<Node>(*stale.records[0].changes[0].before);
  before->evidence = StorableRegistration({.leaf = "leaf-0"}).admitted.evidence;
  stale.records[0].changes[0].before = before;
  EXPECT_EQ(commit(stale).status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(store_->Head().value(), ownership_.seq);
  EXPECT_EQ(Describe(store_->Load().value()), Describe(state_));
  EXPECT_EQ(commit(plan).outcome, CommitOutcome::kCommitted);
}

TEST_F(SqliteRegistryStoreTest, ANodeCostsLittleDiskBesideItsEvidence) {
  Open();
  Run({testing::Creation("tenant-a")});
  constexpr int kNodes = 1'000;
  std::int64_t evidence = 0;
  std::vector<Command> commands;
  for (int i = 0; i < kNodes; ++i) {
    NodeSpec spec{.id = "worker-" + std::to_string(i), .leaf = "leaf-" + std::to_string(i)};
    RegisterCommand command = StorableRegistration(spec);
    evidence += static_cast<std::int64_t>(command.admitted.evidence->body.size());
    commands.emplace_back(std::move(command));
  }
  Run(std::move(commands));
  const std::int64_t bytes =
      Ask("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");
  EXPECT_LT((bytes - evidence) / kNodes, 1'200);
}

}  // namespace
}  // namespace omninode::registry
