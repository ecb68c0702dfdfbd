#include "common/sql/sqlite_status.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "common/base/status.h"

namespace omninode::sql {
namespace {

using absl::StatusCode;

TEST(SqliteStatus, MapsEveryFamilyToItsMeaning) {
  const std::vector<std::pair<int, StatusCode>> table = {
      {SQLITE_OK, StatusCode::kOk},
      {SQLITE_ROW, StatusCode::kOk},
      {SQLITE_DONE, StatusCode::kOk},
      {SQLITE_BUSY, StatusCode::kUnavailable},
      {SQLITE_BUSY_SNAPSHOT, StatusCode::kUnavailable},
      {SQLITE_LOCKED, StatusCode::kUnavailable},
      {SQLITE_FULL, StatusCode::kResourceExhausted},
      {SQLITE_NOMEM, StatusCode::kResourceExhausted},
      {SQLITE_CORRUPT, StatusCode::kDataLoss},
      {SQLITE_CORRUPT_INDEX, StatusCode::kDataLoss},
      {SQLITE_NOTADB, StatusCode::kDataLoss},
      {SQLITE_READONLY, StatusCode::kPermissionDenied},
      {SQLITE_READONLY_DBMOVED, StatusCode::kPermissionDenied},
      {SQLITE_CANTOPEN, StatusCode::kFailedPrecondition},
      {SQLITE_CONSTRAINT_UNIQUE, StatusCode::kAlreadyExists},
      {SQLITE_CONSTRAINT_PRIMARYKEY, StatusCode::kAlreadyExists},
      {SQLITE_CONSTRAINT_NOTNULL, StatusCode::kFailedPrecondition},
      {SQLITE_CONSTRAINT_FOREIGNKEY, StatusCode::kFailedPrecondition},
      {SQLITE_TOOBIG, StatusCode::kInvalidArgument},
      {SQLITE_INTERRUPT, StatusCode::kCancelled},
      {SQLITE_ABORT_ROLLBACK, StatusCode::kAborted},
      {SQLITE_IOERR, StatusCode::kInternal},
      {SQLITE_IOERR_FSYNC, StatusCode::kInternal},
      {SQLITE_IOERR_NOMEM, StatusCode::kResourceExhausted},
      {SQLITE_IOERR_CORRUPTFS, StatusCode::kDataLoss},
      {SQLITE_ERROR, StatusCode::kInternal},
      {SQLITE_MISUSE, StatusCode::kInternal},
  };
  for (const auto& [code, expected] : table) {
    EXPECT_EQ(ToStatus(code, "x").code(), expected) << code;
  }
}

TEST(SqliteStatus, SaysTheMessageAndTheCode) {
  EXPECT_EQ(Message(ToStatus(SQLITE_FULL, "disk is full")), "disk is full (SQLite code 13)");
}

}  // namespace
}  // namespace omninode::sql
