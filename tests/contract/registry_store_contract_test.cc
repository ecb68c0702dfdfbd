#include "tests/contract/registry_store_contract.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "common/sql/scripted_faults.h"
#include "common/sql/test_folder.h"
#include "services/registry/store/testing/fake_registry_store.h"

namespace omninode::registry::testing {
namespace {

using sql::Fault;
using sql::FaultPoint;

class SqliteFile : public StoreUnderTest {
 public:
  SqliteFile() : store_(folder_.File("registry.db")) {}
  RegistryStore& store() override { return store_; }
  void Reopen() override { store_.Reopen(); }

 protected:
  sql::TestFolder folder_;
  FakeRegistryStore store_;
};

// Before it works, every commit fails once, each time in another way.
class FaultySqliteFile final : public SqliteFile {
 public:
  void BeforeCommit() override {
    switch (commits_++ % 5) {
      case 0:
        store_.faults().Fail(FaultPoint::kBegin, Fault::kBusy);
        break;
      case 1:
        store_.faults().Fail(FaultPoint::kCommit, Fault::kDiskFull);
        break;
      case 2:
        store_.faults().Fail(FaultPoint::kCommit, Fault::kIoError);
        break;
      case 3:
        store_.faults().Fail(FaultPoint::kCommitted, Fault::kIoError);
        break;
      default:
        break;
    }
  }

 private:
  int commits_ = 0;
};

template <typename Subject>
StoreKind Kind(std::string name) {
  return {std::move(name), [] { return std::make_unique<Subject>(); }};
}

INSTANTIATE_TEST_SUITE_P(Stores, RegistryStoreContract,
                         ::testing::Values(Kind<SqliteFile>("SqliteFile"),
                                           Kind<FaultySqliteFile>("FaultySqliteFile")),
                         [](const auto& test) { return test.param.name; });

// What a store says when it cannot write.
class RegistryStoreFaults : public ::testing::Test {
 protected:
  RegistryStoreFaults() : driver_(subject_) {
    driver_.Acquire();
    driver_.RunOne(Creation("tenant-a"));
    const std::vector<Command> commands = {StorableRegistration({})};
    plan_ = PlanFor(driver_.state, commands, driver_.now, driver_.ownership.term);
  }

  sql::ScriptedFaults& faults() { return static_cast<FakeRegistryStore&>(store()).faults(); }
  RegistryStore& store() { return subject_.store(); }
  CommitResult Commit() {
    return store().Commit(driver_.ownership.term, driver_.ownership.seq + 1, plan_.records);
  }
  void ExpectNothingWritten() {
    EXPECT_EQ(store().Head().value(), driver_.ownership.seq);
    EXPECT_EQ(Describe(store().Load().value()), Describe(driver_.state));
    EXPECT_TRUE(store().ReadLog(100).value().empty());
  }
  void ExpectTheSameGroupCanBeCommitted() {
    ASSERT_EQ(Commit().outcome, CommitOutcome::kCommitted);
    ExpectTheGroupIsThere();
  }
  void ExpectTheGroupIsThere() {
    ASSERT_TRUE(driver_.state.Apply(plan_.records[0]).ok());
    subject_.Reopen();
    EXPECT_EQ(store().Head().value(), driver_.ownership.seq + 1);
    EXPECT_EQ(Describe(store().Load().value()), Describe(driver_.state));
    EXPECT_EQ(store().ReadLog(100).value().size(), 1u);
  }

  SqliteFile subject_;
  StoreDriver driver_;
  Plan plan_;
};

TEST_F(RegistryStoreFaults, ABusyStoreHasWrittenNothing) {
  faults().Fail(FaultPoint::kBegin, Fault::kBusy);
  const CommitResult result = Commit();
  EXPECT_EQ(result.outcome, CommitOutcome::kFailed);
  EXPECT_EQ(result.status.code(), absl::StatusCode::kUnavailable);
  ExpectNothingWritten();
  ExpectTheSameGroupCanBeCommitted();
}

TEST_F(RegistryStoreFaults, AFullDiskHasWrittenNothing) {
  faults().Fail(FaultPoint::kCommit, Fault::kDiskFull, 3);
  for (int attempt = 0; attempt < 3; ++attempt) {
    const CommitResult result = Commit();
    EXPECT_EQ(result.outcome, CommitOutcome::kFailed);
    EXPECT_EQ(result.status.code(), absl::StatusCode::kResourceExhausted);
    ExpectNothingWritten();
  }
  ExpectTheSameGroupCanBeCommitted();
}

TEST_F(RegistryStoreFaults, AnUnknownCommitThatDidNotHappenIsSeenByTheHead) {
  faults().Fail(FaultPoint::kCommit, Fault::kIoError);
  const CommitResult result = Commit();
  EXPECT_EQ(result.outcome, CommitOutcome::kUnknown);
  EXPECT_FALSE(result.status.ok());
  ExpectNothingWritten();
  ExpectTheSameGroupCanBeCommitted();
}

TEST_F(RegistryStoreFaults, AnUnknownCommitThatDidHappenIsSeenByTheHead) {
  faults().Fail(FaultPoint::kCommitted, Fault::kIoError);
  EXPECT_EQ(Commit().outcome, CommitOutcome::kUnknown);
  EXPECT_EQ(store().Head().value(), driver_.ownership.seq + 1);
  EXPECT_EQ(Commit().outcome, CommitOutcome::kFailed) << "its turn is over";
  ExpectTheGroupIsThere();
}

TEST_F(RegistryStoreFaults, CheckSeesABusyStore) {
  faults().Fail(FaultPoint::kBegin, Fault::kBusy);
  EXPECT_EQ(store().Check().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(store().Check().ok());
}

TEST_F(RegistryStoreFaults, AFailedAcquireMayBeRepeatedAndFencesNobody) {
  faults().Fail(FaultPoint::kCommit, Fault::kDiskFull);
  EXPECT_FALSE(store().Acquire("registry-2", driver_.now).ok());
  ExpectTheSameGroupCanBeCommitted();
  EXPECT_GT(store().Acquire("registry-2", driver_.now)->term, driver_.ownership.term);
}

TEST_F(RegistryStoreFaults, AFailedCompactionChangesNothing) {
  ASSERT_EQ(Commit().outcome, CommitOutcome::kCommitted);
  ASSERT_TRUE(driver_.state.Apply(plan_.records[0]).ok());
  faults().Fail(FaultPoint::kCommit, Fault::kDiskFull);
  EXPECT_FALSE(store().Compact(2, 100).ok());
  EXPECT_EQ(store().ReadLog(100).value().size(), 1u);
  EXPECT_EQ(store().Compact(2, 100).value(), 2u);
  EXPECT_EQ(Describe(store().Load().value()), Describe(driver_.state));
}

}  // namespace
}  // namespace omninode::registry::testing
