#include "common/sql/transaction.h"

#include <cstdint>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/status.h"
#include "common/sql/scripted_faults.h"
#include "common/sql/test_folder.h"

namespace omninode::sql {
namespace {

using absl::StatusCode;

class TransactionTest : public testing::Test {
 protected:
  TransactionTest() : database_(*Database::Open(path_, {.faults = &faults_})) {
    EXPECT_TRUE(database_.Exec("CREATE TABLE t (v INTEGER NOT NULL)").ok());
  }

  Transaction Begin() {
    auto transaction = Transaction::Begin(database_);
    EXPECT_TRUE(transaction.ok()) << transaction.status();
    return *std::move(transaction);
  }
  absl::Status Insert(std::int64_t value) {
    OMNI_ASSIGN_OR_RETURN(Statement insert, database_.Prepare("INSERT INTO t VALUES (?)"));
    insert.BindInt64(1, value);
    return insert.Execute();
  }
  absl::Status InsertAndCommit(std::int64_t value) {
    OMNI_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(database_));
    OMNI_RETURN_IF_ERROR(Insert(value));
    return transaction.Commit();
  }
  std::int64_t Count() {
    auto count = database_.Prepare("SELECT count(*) FROM t");
    EXPECT_TRUE(*count->Step());
    return count->Int64(0);
  }

  const TestFolder folder_;
  const std::string path_ = folder_.File("test.db");
  ScriptedFaults faults_;
  Database database_;
};

TEST_F(TransactionTest, KeepsWhatWasCommitted) {
  EXPECT_TRUE(InsertAndCommit(1).ok());
  EXPECT_EQ(Count(), 1);
}

TEST_F(TransactionTest, RollsBackWhatWasNot) {
  {
    Transaction transaction = Begin();
    ASSERT_TRUE(Insert(1).ok());
    EXPECT_EQ(Count(), 1);
  }
  EXPECT_EQ(Count(), 0);
  EXPECT_TRUE(InsertAndCommit(2).ok());
}

TEST_F(TransactionTest, RollsBackOnceAlsoWhenItWasMoved) {
  Transaction first = Begin();
  ASSERT_TRUE(Insert(1).ok());
  Transaction second = std::move(first);
  EXPECT_EQ(first.Commit().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(second.Commit().ok());
  EXPECT_EQ(Count(), 1);
}

TEST_F(TransactionTest, RefusesASecondOneInside) {
  Transaction transaction = Begin();
  EXPECT_EQ(Transaction::Begin(database_).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(transaction.Commit().ok());
}

TEST_F(TransactionTest, RefusesASecondCommit) {
  Transaction transaction = Begin();
  ASSERT_TRUE(transaction.Commit().ok());
  EXPECT_EQ(transaction.Commit().code(), StatusCode::kFailedPrecondition);
}

TEST_F(TransactionTest, SurvivesAMoveOfTheDatabase) {
  auto database = Database::Open(":memory:");
  ASSERT_TRUE(database->Exec("CREATE TABLE t (v)").ok());
  auto transaction = Transaction::Begin(*database);
  Database moved = *std::move(database);
  ASSERT_TRUE(moved.Exec("INSERT INTO t VALUES (1)").ok());
  EXPECT_TRUE(transaction->Commit().ok());
}

TEST_F(TransactionTest, RefusesToCommitWhileAStatementWrites) {
  ASSERT_TRUE(InsertAndCommit(1).ok());
  Transaction transaction = Begin();
  auto fence = database_.Prepare("UPDATE t SET v = v + 1 RETURNING v");
  ASSERT_TRUE(*fence->Step());
  EXPECT_EQ(transaction.Commit().code(), StatusCode::kFailedPrecondition);
  fence->Reset();
  EXPECT_EQ(Count(), 1);
  EXPECT_TRUE(InsertAndCommit(2).ok());
}

TEST_F(TransactionTest, CommitsUnderAReaderInTheMiddleOfItsRows) {
  ASSERT_TRUE(InsertAndCommit(1).ok());
  ASSERT_TRUE(InsertAndCommit(2).ok());
  auto reader = database_.Prepare("SELECT v FROM t ORDER BY v");
  ASSERT_TRUE(*reader->Step());
  EXPECT_TRUE(InsertAndCommit(3).ok());
  EXPECT_TRUE(*reader->Step());
}

TEST_F(TransactionTest, KeepsNothingWhenTheDiskFillsUpInTheMiddle) {
  ASSERT_TRUE(database_.Exec("CREATE TABLE big (v BLOB); PRAGMA max_page_count = 16").ok());
  {
    Transaction transaction = Begin();
    ASSERT_TRUE(Insert(1).ok());
    EXPECT_EQ(database_.Exec("INSERT INTO big VALUES (zeroblob(1000000))").code(),
              StatusCode::kResourceExhausted);
    // SQLite has rolled back by itself; what follows must not be written on its own.
    EXPECT_EQ(Insert(2).code(), StatusCode::kAborted);
    EXPECT_EQ(transaction.Commit().code(), StatusCode::kAborted);
  }
  EXPECT_EQ(Count(), 0);
  ASSERT_TRUE(database_.Exec("PRAGMA max_page_count = 1000").ok());
  EXPECT_TRUE(InsertAndCommit(3).ok());
}

TEST_F(TransactionTest, RunsNothingAfterSqliteHasRolledItBack) {
  {
    Transaction transaction = Begin();
    ASSERT_TRUE(Insert(1).ok());
    // OR ROLLBACK ends the transaction as an error of the disk would.
    EXPECT_EQ(database_.Exec("INSERT OR ROLLBACK INTO t VALUES (NULL)").code(),
              StatusCode::kFailedPrecondition);
    EXPECT_EQ(Insert(2).code(), StatusCode::kAborted);
    EXPECT_EQ(database_.Exec("INSERT INTO t VALUES (3)").code(), StatusCode::kAborted);
    EXPECT_EQ(transaction.Commit().code(), StatusCode::kAborted);
  }
  EXPECT_EQ(Count(), 0);
  EXPECT_TRUE(InsertAndCommit(4).ok());
}

TEST_F(TransactionTest, BeginsNothingAtAnInjectedFault) {
  faults_.Fail(FaultPoint::kBegin, Fault::kBusy);
  EXPECT_EQ(Transaction::Begin(database_).status().code(), StatusCode::kUnavailable);
  EXPECT_TRUE(InsertAndCommit(1).ok());
}

TEST_F(TransactionTest, WritesNothingWhenTheCommitIsRefused) {
  faults_.Fail(FaultPoint::kCommit, Fault::kBusy);
  EXPECT_EQ(InsertAndCommit(1).code(), StatusCode::kUnavailable);
  faults_.Fail(FaultPoint::kCommit, Fault::kDiskFull);
  const absl::Status full = InsertAndCommit(2);
  EXPECT_EQ(full.code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(Message(full), testing::HasSubstr(path_));
  EXPECT_FALSE(IsOutcomeUnknown(full));
  EXPECT_EQ(Count(), 0);
  EXPECT_TRUE(InsertAndCommit(3).ok());
  EXPECT_EQ(Count(), 1);
}

TEST_F(TransactionTest, DoesNotKnowTheOutcomeOfADiskErrorAtCommit) {
  faults_.Fail(FaultPoint::kCommit, Fault::kIoError);
  EXPECT_TRUE(IsOutcomeUnknown(InsertAndCommit(1)));
  EXPECT_EQ(Count(), 0);  // this time it was lost
  faults_.Fail(FaultPoint::kCommitted, Fault::kIoError);
  EXPECT_TRUE(IsOutcomeUnknown(InsertAndCommit(2)));
  EXPECT_EQ(Count(), 1);  // this time it was not
}

TEST_F(TransactionTest, FailsAsOftenAsTheScriptSays) {
  faults_.Fail(FaultPoint::kCommit, Fault::kBusy, 2);
  EXPECT_FALSE(InsertAndCommit(1).ok());
  EXPECT_FALSE(InsertAndCommit(1).ok());
  EXPECT_TRUE(InsertAndCommit(1).ok());
}

TEST(TransactionDeathTest, StopsWhenItOutlivesItsDatabase) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        auto database = Database::Open(":memory:");
        const auto transaction = Transaction::Begin(*database);
        database = absl::CancelledError();
      },
      "check_failed");
}

}  // namespace
}  // namespace omninode::sql
