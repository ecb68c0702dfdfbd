#include "common/sql/sqlite_status.h"

#include <sqlite3.h>

#include "common/base/status.h"

namespace omninode::sql {
namespace {

using absl::StatusCode;

StatusCode CodeOf(int code) {
  switch (code) {  // extended codes that mean something else than their family
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return StatusCode::kAlreadyExists;
    case SQLITE_IOERR_DATA:
    case SQLITE_IOERR_CORRUPTFS:
      return StatusCode::kDataLoss;
    case SQLITE_IOERR_NOMEM:
      return StatusCode::kResourceExhausted;
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return StatusCode::kOk;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return StatusCode::kUnavailable;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return StatusCode::kResourceExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return StatusCode::kDataLoss;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return StatusCode::kPermissionDenied;
    case SQLITE_CANTOPEN:
    case SQLITE_CONSTRAINT:
      return StatusCode::kFailedPrecondition;
    case SQLITE_TOOBIG:
      return StatusCode::kInvalidArgument;
    case SQLITE_INTERRUPT:
      return StatusCode::kCancelled;
    case SQLITE_ABORT:
    case SQLITE_SCHEMA:
      return StatusCode::kAborted;
    default:
      return StatusCode::kInternal;
  }
}

}  // namespace

absl::Status ToStatus(int code, std::string_view message) {
  const StatusCode status_code = CodeOf(code);
  if (status_code == StatusCode::kOk) return absl::OkStatus();
  return Error(status_code, "{} (SQLite code {})", message, code);
}

}  // namespace omninode::sql
