#include "common/sql/migrator.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/sql/scripted_faults.h"
#include "common/sql/test_folder.h"

namespace omninode::sql {
namespace {

constexpr Migration kOne = {1, "nodes", "CREATE TABLE nodes (id TEXT PRIMARY KEY) STRICT"};
constexpr Migration kTwo = {2, "log",
                            "CREATE TABLE log (seq INTEGER PRIMARY KEY) STRICT;"
                            "INSERT INTO log VALUES (7);"};
constexpr Migration kThree = {3, "state", "ALTER TABLE nodes ADD COLUMN state INTEGER"};

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class MigratorTest : public testing::Test {
 protected:
  MigratorTest() : database_(*Database::Open(path_, {.faults = &faults_})) {}

  absl::Status Run(std::vector<Migration> migrations, absl::Time now = kNow) {
    return Migrate(database_, migrations, now);
  }
  std::int64_t Ask(std::string_view sql) {
    auto statement = database_.Prepare(sql);
    EXPECT_TRUE(statement.ok()) << statement.status();
    EXPECT_TRUE(*statement->Step());
    return statement->Int64(0);
  }
  std::int64_t Tables() { return Ask("SELECT count(*) FROM sqlite_schema WHERE type = 'table'"); }
  std::int64_t Applied() { return Ask("SELECT count(*) FROM schema_migrations"); }

  const TestFolder folder_;
  const std::string path_ = folder_.File("test.db");
  ScriptedFaults faults_;
  Database database_;
};

TEST_F(MigratorTest, AppliesAllStepsToAnEmptyDatabase) {
  const absl::Status status = Run({kOne, kTwo});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Ask("SELECT seq FROM log"), 7);
  EXPECT_EQ(Applied(), 2);
  EXPECT_EQ(Ask("SELECT applied_at FROM schema_migrations WHERE name = 'log'"),
            absl::ToUnixMicros(kNow));
}

TEST_F(MigratorTest, AppliesOnlyWhatIsNew) {
  ASSERT_TRUE(Run({kOne, kTwo}).ok());
  ASSERT_TRUE(Run({kOne, kTwo}).ok());
  EXPECT_EQ(Ask("SELECT count(*) FROM log"), 1);
  const absl::Status status = Run({kOne, kTwo, kThree}, kNow + absl::Hours(1));
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Ask("SELECT applied_at FROM schema_migrations WHERE version = 3"),
            absl::ToUnixMicros(kNow + absl::Hours(1)));
  EXPECT_EQ(Ask("SELECT applied_at FROM schema_migrations WHERE version = 2"),
            absl::ToUnixMicros(kNow));
}

TEST_F(MigratorTest, LeavesADatabaseWithoutMigrationsAlone) {
  EXPECT_TRUE(Run({}).ok());
  EXPECT_EQ(Tables(), 0);
}

TEST_F(MigratorTest, RefusesADatabaseThatIsNewerAndNamesBothVersions) {
  ASSERT_TRUE(Run({kOne, kTwo, kThree}).ok());
  const absl::Status status = Run({kOne, kTwo});
  EXPECT_EQ(ReasonOf(status), Reason::kSchemaVersion);
  EXPECT_THAT(Message(status), testing::HasSubstr("schema version 3"));
  EXPECT_THAT(Message(status), testing::HasSubstr("up to 2"));
  EXPECT_THAT(Message(status), testing::HasSubstr(path_));
}

TEST_F(MigratorTest, RefusesAStepWhoseTextWasEdited) {
  ASSERT_TRUE(Run({kOne}).ok());
  Migration edited = kOne;
  edited.sql = "CREATE TABLE nodes (id TEXT PRIMARY KEY, extra TEXT) STRICT";
  EXPECT_EQ(ReasonOf(Run({edited, kTwo})), Reason::kSchemaVersion);
  EXPECT_EQ(Applied(), 1);
}

TEST_F(MigratorTest, RefusesAStepThatWasRenamed) {
  ASSERT_TRUE(Run({kOne}).ok());
  Migration renamed = kOne;
  renamed.name = "node";
  EXPECT_EQ(ReasonOf(Run({renamed})), Reason::kSchemaVersion);
}

TEST_F(MigratorTest, TellsTheNameFromTheScriptInTheChecksum) {
  ASSERT_TRUE(Run({{1, "a", "; CREATE TABLE x (v)"}}).ok());
  EXPECT_EQ(ReasonOf(Run({{1, "a;", " CREATE TABLE x (v)"}})), Reason::kSchemaVersion);
}

TEST_F(MigratorTest, RefusesAGapInWhatWasApplied) {
  ASSERT_TRUE(Run({kOne, kTwo}).ok());
  ASSERT_TRUE(database_.Exec("DELETE FROM schema_migrations WHERE version = 1").ok());
  EXPECT_EQ(ReasonOf(Run({kOne, kTwo})), Reason::kSchemaVersion);
}

TEST_F(MigratorTest, RefusesMigrationsThatDoNotCountFromOne) {
  EXPECT_EQ(Run({kTwo}).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Run({kOne, kThree}).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Run({kOne, kOne}).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Tables(), 0);
}

TEST_F(MigratorTest, UndoesAStepThatFailsInTheMiddleAndKeepsTheOnesBefore) {
  const Migration broken = {2, "broken", "CREATE TABLE half (v); CREATE TABLE nodes (v);"};
  const absl::Status status = Run({kOne, broken});
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(Message(status), testing::HasSubstr("migration 2 'broken'"));
  EXPECT_EQ(Applied(), 1);
  EXPECT_EQ(Ask("SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0);
  EXPECT_TRUE(Run({kOne, kTwo}).ok());
}

TEST_F(MigratorTest, RefusesAStepThatCommitsByItself) {
  EXPECT_FALSE(Run({{1, "greedy", "CREATE TABLE x (v); COMMIT"}}).ok());
}

TEST_F(MigratorTest, GoesOnAfterADiskThatWasFull) {
  faults_.Fail(FaultPoint::kCommit, Fault::kDiskFull);
  EXPECT_EQ(Run({kOne, kTwo}).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Tables(), 0);
  EXPECT_TRUE(Run({kOne, kTwo}).ok());
  EXPECT_EQ(Applied(), 2);
}

TEST_F(MigratorTest, GoesOnAfterACommitWhoseOutcomeWasUnknown) {
  faults_.Fail(FaultPoint::kCommitted, Fault::kIoError);
  EXPECT_FALSE(Run({kOne, kTwo}).ok());
  EXPECT_TRUE(Run({kOne, kTwo}).ok());
  EXPECT_EQ(Applied(), 2);
}

}  // namespace
}  // namespace omninode::sql
