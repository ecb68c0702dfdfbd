#include "common/sql/database.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/status.h"
#include "common/sql/test_folder.h"

namespace omninode::sql {
namespace {

using absl::StatusCode;

constexpr std::size_t kPageSize = 4096;

std::int64_t Ask(Database& database, std::string_view sql) {
  auto statement = database.Prepare(sql);
  EXPECT_TRUE(statement.ok()) << statement.status();
  const auto row = statement->Step();
  EXPECT_TRUE(row.ok() && *row) << row.status();
  return statement->Int64(0);
}

// A file with an index and enough rows to have pages of each kind.
void FillFile(const std::string& path) {
  auto database = Database::Open(path);
  ASSERT_TRUE(database.ok()) << database.status();
  const absl::Status status = database->Exec(
      "CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT NOT NULL) STRICT;"
      "CREATE INDEX by_v ON t (v);"
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
      "INSERT INTO t SELECT i, 'value number ' || i FROM n;");
  ASSERT_TRUE(status.ok()) << status;
}

void FlipByte(const std::string& path, std::size_t offset) {
  std::string bytes = ReadFile(path);
  ASSERT_LT(offset, bytes.size());
  bytes[offset] = static_cast<char>(bytes[offset] ^ 0xff);
  WriteFile(path, bytes);
}

class DatabaseTest : public testing::Test {
 protected:
  absl::Status OpenStatus(OpenOptions options = {}) const {
    return Database::Open(path_, options).status();
  }

  const TestFolder folder_;
  const std::string path_ = folder_.File("test.db");
};

TEST_F(DatabaseTest, KeepsWhatWasWrittenForTheNextOpen) {
  FillFile(path_);
  auto database = Database::Open(path_, {.check_integrity = true});
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_EQ(Ask(*database, "SELECT count(*) FROM t"), 2000);
}

TEST_F(DatabaseTest, WritesALogThatIsSyncedAtEveryCommit) {
  auto database = Database::Open(path_);
  ASSERT_TRUE(database.ok());
  auto mode = database->Prepare("PRAGMA journal_mode");
  ASSERT_TRUE(*mode->Step());
  EXPECT_EQ(mode->Text(0), "wal");
  constexpr std::int64_t kFull = 2;
  EXPECT_EQ(Ask(*database, "PRAGMA synchronous"), kFull);
}

TEST_F(DatabaseTest, EnforcesForeignKeys) {
  auto database = Database::Open(":memory:");
  ASSERT_TRUE(database
                  ->Exec("CREATE TABLE parent (id INTEGER PRIMARY KEY);"
                         "CREATE TABLE child (id INTEGER REFERENCES parent (id));")
                  .ok());
  EXPECT_EQ(database->Exec("INSERT INTO child VALUES (1)").code(), StatusCode::kFailedPrecondition);
}

TEST_F(DatabaseTest, CreatesFilesForTheirOwnerOnly) {
  auto database = Database::Open(path_);
  ASSERT_TRUE(database->Exec("CREATE TABLE t (k)").ok());
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat info {};
    ASSERT_EQ(stat((path_ + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 0777, 0600U) << suffix;
  }
}

TEST_F(DatabaseTest, RefusesASecondInstanceAndNamesTheFirst) {
  auto first = Database::Open(path_);
  ASSERT_TRUE(first.ok());
  const absl::Status second = OpenStatus();
  EXPECT_EQ(second.code(), StatusCode::kUnavailable);
  EXPECT_THAT(Message(second), testing::HasSubstr(fmt::format("process {}", getpid())));
  EXPECT_THAT(Message(second), testing::HasSubstr(path_));
}

TEST_F(DatabaseTest, OpensAgainAfterAFailedOpen) {
  WriteFile(path_, std::string(kPageSize, 'x'));
  EXPECT_FALSE(OpenStatus().ok());
  std::filesystem::remove(path_);
  EXPECT_TRUE(OpenStatus().ok());  // the failed one has not kept the lock
}

TEST_F(DatabaseTest, RefusesAFileThatIsNoDatabase) {
  WriteFile(path_, "key: value\n" + std::string(kPageSize, '#'));
  const absl::Status status = OpenStatus();
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_THAT(Message(status), testing::HasSubstr(path_));
}

TEST_F(DatabaseTest, RefusesADamagedHeader) {
  FillFile(path_);
  FlipByte(path_, 3);
  EXPECT_EQ(OpenStatus().code(), StatusCode::kDataLoss);
}

TEST_F(DatabaseTest, RefusesADamagedSchemaPageEvenUnchecked) {
  FillFile(path_);
  FlipByte(path_, 100);  // the kind of the first page, after the 100 bytes of the header
  const absl::Status status = OpenStatus();
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_THAT(Message(status), testing::HasSubstr(path_));
}

TEST_F(DatabaseTest, FindsADamagedPageWithTheIntegrityCheckOnly) {
  FillFile(path_);
  ASSERT_GT(ReadFile(path_).size(), 10 * kPageSize);
  FlipByte(path_, 5 * kPageSize);  // the kind of the sixth page
  EXPECT_TRUE(OpenStatus().ok());
  const absl::Status status = OpenStatus({.check_integrity = true});
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_THAT(Message(status), testing::HasSubstr(path_));
}

TEST_F(DatabaseTest, FindsATruncatedFile) {
  FillFile(path_);
  const std::string bytes = ReadFile(path_);
  WriteFile(path_, bytes.substr(0, bytes.size() / 2));
  EXPECT_EQ(OpenStatus({.check_integrity = true}).code(), StatusCode::kDataLoss);
}

TEST_F(DatabaseTest, NamesTheFileWhenAStatementMeetsTheDamage) {
  FillFile(path_);
  const std::string bytes = ReadFile(path_);
  for (std::size_t page = 2; page < bytes.size() / kPageSize; ++page) {
    FlipByte(path_, page * kPageSize);
  }
  auto database = Database::Open(path_);
  ASSERT_TRUE(database.ok()) << database.status();
  const absl::Status status = database->Exec("SELECT sum(length(v)) FROM t");
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_THAT(Message(status), testing::HasSubstr(path_));
}

TEST_F(DatabaseTest, SaysThatTheFolderIsMissing) {
  EXPECT_EQ(Database::Open(folder_.File("missing/test.db")).status().code(), StatusCode::kNotFound);
}

TEST_F(DatabaseTest, SaysThatThePathIsAFolder) {
  std::filesystem::create_directory(path_);
  const absl::Status status = OpenStatus();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(status), testing::HasSubstr("directory"));
}

TEST_F(DatabaseTest, SaysThatTheDiskIsFullAndGoesOnWhenThereIsRoom) {
  auto database = Database::Open(path_);
  ASSERT_TRUE(database->Exec("CREATE TABLE t (v BLOB); PRAGMA max_page_count = 8").ok());
  EXPECT_EQ(database->Exec("INSERT INTO t VALUES (zeroblob(100000))").code(),
            StatusCode::kResourceExhausted);
  ASSERT_TRUE(database->Exec("PRAGMA max_page_count = 1000").ok());
  EXPECT_TRUE(database->Exec("INSERT INTO t VALUES (zeroblob(100000))").ok());
}

TEST_F(DatabaseTest, SaysThatAnotherConnectionHasTheLock) {
  auto database = Database::Open(path_, {.busy_timeout = absl::ZeroDuration()});
  ASSERT_TRUE(database->Exec("CREATE TABLE t (v)").ok());
  sqlite3* shell = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &shell), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(shell, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(database->Exec("INSERT INTO t VALUES (1)").code(), StatusCode::kUnavailable);
  ASSERT_EQ(sqlite3_exec(shell, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_TRUE(database->Exec("INSERT INTO t VALUES (1)").ok());
  sqlite3_close(shell);
}

TEST_F(DatabaseTest, PassesTheBusyTimeoutOn) {
  const auto timeout = [](absl::Duration duration) {
    auto database = Database::Open(":memory:", {.busy_timeout = duration});
    return Ask(*database, "PRAGMA busy_timeout");
  };
  EXPECT_EQ(timeout(absl::Milliseconds(250)), 250);
  EXPECT_EQ(timeout(-absl::Seconds(1)), 0);
  EXPECT_EQ(timeout(absl::InfiniteDuration()), std::numeric_limits<int>::max());
}

TEST_F(DatabaseTest, CountsTheRowsThatChanged) {
  auto database = Database::Open(":memory:");
  ASSERT_TRUE(database->Exec("CREATE TABLE t (v); INSERT INTO t VALUES (1), (2), (3)").ok());
  ASSERT_TRUE(database->Prepare("UPDATE t SET v = 0 WHERE v > 1")->Execute().ok());
  EXPECT_EQ(database->Changes(), 2);
  ASSERT_TRUE(database->Prepare("UPDATE t SET v = 0 WHERE v > 9")->Execute().ok());
  EXPECT_EQ(database->Changes(), 0);
}

TEST_F(DatabaseTest, MovesUnderItsStatements) {
  std::optional<Database> second;
  auto first = Database::Open(":memory:");
  auto statement = first->Prepare("SELECT 7");
  second = *std::move(first);
  ASSERT_TRUE(*statement->Step());
  EXPECT_EQ(statement->Int64(0), 7);
}

TEST_F(DatabaseTest, ReleasesTheFileWhenAnotherDatabaseIsMovedIn) {
  auto database = Database::Open(path_);
  *database = *Database::Open(":memory:");
  EXPECT_TRUE(OpenStatus().ok());
}

TEST_F(DatabaseTest, NamesTheFileForSqlThatDoesNotCompile) {
  auto database = Database::Open(path_);
  const absl::Status status = database->Prepare("SELECT * FROM nowhere").status();
  EXPECT_EQ(status.code(), StatusCode::kInternal);
  EXPECT_THAT(Message(status), testing::HasSubstr(path_));
  EXPECT_THAT(Message(status), testing::HasSubstr("nowhere"));
}

}  // namespace
}  // namespace omninode::sql
