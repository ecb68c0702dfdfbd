#include "common/sql/connection.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/status.h"
#include "common/sql/sqlite_status.h"

namespace omninode::sql::internal {
namespace {

constexpr std::string_view kInMemory = ":memory:";

// SQLite would create the file readable for everybody; its -wal and -shm take over our mode. It
// also gives the one exact reason (missing folder, read-only file system) why it cannot be opened.
absl::Status CreateFile(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    const int error = errno;
    return Error(absl::ErrnoToStatusCode(error), "{}: {}", path,
                 std::generic_category().message(error));
  }
  close(descriptor);
  return absl::OkStatus();
}

int CodeOf(Fault fault) {
  switch (fault) {
    case Fault::kBusy:
      return SQLITE_BUSY;
    case Fault::kDiskFull:
      return SQLITE_FULL;
    case Fault::kIoError:
      return SQLITE_IOERR_FSYNC;
  }
  return SQLITE_INTERNAL;
}

bool IsAboutDisk(int code) {
  const int family = code & 0xff;
  return family == SQLITE_FULL || family == SQLITE_IOERR;
}

int ToMilliseconds(absl::Duration duration) {
  constexpr std::int64_t kMax = std::numeric_limits<int>::max();
  return static_cast<int>(std::clamp<std::int64_t>(absl::ToInt64Milliseconds(duration), 0, kMax));
}

}  // namespace

void Connection::Closer::operator()(sqlite3* handle) const {
  OMNI_CHECK(sqlite3_close(handle) == SQLITE_OK);
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& path,
                                                             const OpenOptions& options) {
  std::optional<LockFile> lock;
  if (path != kInMemory) {
    OMNI_ASSIGN_OR_RETURN(lock, LockFile::Acquire(path + ".lock"));
    OMNI_RETURN_IF_ERROR(CreateFile(path));
  }
  sqlite3* opened = nullptr;
  // No mutex inside SQLite: one thread at a time is our contract already.
  constexpr int kFlags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &opened, kFlags, nullptr);
  Handle handle(opened);
  if (code != SQLITE_OK) return Annotate(ToStatus(code, sqlite3_errstr(code)), path);

  std::unique_ptr<Connection> connection(
      new Connection(path, std::move(lock), std::move(handle), options.faults));
  OMNI_RETURN_IF_ERROR(connection->Configure(options));
  return connection;
}

Connection::Connection(std::string path, std::optional<LockFile> lock, Handle handle,
                       FaultInjector* faults)
    : path_(std::move(path)),
      lock_(std::move(lock)),
      handle_(std::move(handle)),
      statements_(handle_.get()),
      faults_(faults) {}

Connection::~Connection() { OMNI_CHECK(!in_transaction_); }

absl::Status Connection::Configure(const OpenOptions& options) {
  sqlite3_busy_timeout(handle(), ToMilliseconds(options.busy_timeout));
  // Even wrong SQL of ours cannot damage the file's structure.
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // The first access to the file: a foreign or damaged header fails here.
  OMNI_ASSIGN_OR_RETURN(const std::string mode, AskText("PRAGMA journal_mode=WAL"));
  if (mode != "wal" && path_ != kInMemory) {
    return Error(absl::StatusCode::kFailedPrecondition,
                 "{}: the file system has no shared memory for a write-ahead log (journal mode {})",
                 path_, mode);
  }
  // FULL, because an acknowledged write survives the loss of power; NORMAL would gain 2-4 %.
  OMNI_RETURN_IF_ERROR(
      Exec("PRAGMA synchronous=FULL;"
           "PRAGMA foreign_keys=ON;"
           "PRAGMA trusted_schema=OFF;"
           "PRAGMA cell_size_check=ON;"
           "PRAGMA temp_store=MEMORY;"
           "SELECT count(*) FROM sqlite_schema;"));
  if (!options.check_integrity) return absl::OkStatus();
  OMNI_ASSIGN_OR_RETURN(const std::string finding, AskText("PRAGMA quick_check(1)"));
  if (finding == "ok") return absl::OkStatus();
  return Damaged(fmt::format("damaged: {}", finding));
}

// The first column of the first row; empty when there is none.
absl::StatusOr<std::string> Connection::AskText(std::string_view sql) {
  OMNI_ASSIGN_OR_RETURN(Prepared* const question, Take(sql));
  const int code = sqlite3_step(question->handle);
  const absl::Status status = Failure(code);
  std::string answer;
  if (code == SQLITE_ROW) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(question->handle, 0));
    if (text != nullptr) answer = text;
  }
  statements_.GiveBack(question);
  if (!status.ok()) return status;
  return answer;
}

absl::StatusOr<Prepared*> Connection::Take(std::string_view sql) {
  auto prepared = statements_.Take(sql);
  if (prepared.ok()) return prepared;
  if (absl::IsDataLoss(prepared.status())) return Damaged(Message(prepared.status()));
  return Annotate(prepared.status(), path_);
}

absl::Status Connection::Exec(std::string_view sql) {
  OMNI_RETURN_IF_ERROR(CheckTransaction());
  return Failure(sqlite3_exec(handle(), std::string(sql).c_str(), nullptr, nullptr, nullptr));
}

absl::Status Connection::RunCached(std::string_view sql) {
  OMNI_ASSIGN_OR_RETURN(Prepared* const prepared, Take(sql));
  const absl::Status status = Failure(sqlite3_step(prepared->handle));
  statements_.GiveBack(prepared);
  return status;
}

absl::Status Connection::Begin() {
  if (in_transaction_) {
    return Error(absl::StatusCode::kFailedPrecondition, "{}: a transaction is open", path_);
  }
  OMNI_RETURN_IF_ERROR(InjectedAt(FaultPoint::kBegin));
  OMNI_RETURN_IF_ERROR(RunCached("BEGIN IMMEDIATE"));
  in_transaction_ = true;
  return absl::OkStatus();
}

absl::Status Connection::Commit() {
  absl::Status status = CheckTransaction();
  if (status.ok()) status = InjectedAt(FaultPoint::kCommit);
  if (status.ok() && HasRunningWriter()) {
    // SQLite would say BUSY, which reads as somebody else's lock and invites to try again.
    status =
        Error(absl::StatusCode::kFailedPrecondition, "{}: commit while a statement writes", path_);
  }
  if (status.ok()) status = RunCached("COMMIT");
  if (!status.ok()) {
    Rollback();
    // The disk's error may have come after the commit record reached the log.
    return status.code() == absl::StatusCode::kInternal ? OutcomeUnknown(status) : status;
  }
  in_transaction_ = false;
  const absl::Status lost = InjectedAt(FaultPoint::kCommitted);
  return lost.ok() ? lost : OutcomeUnknown(lost);
}

void Connection::Rollback() {
  in_transaction_ = false;
  if (sqlite3_get_autocommit(handle()) != 0) return;
  // Statements of this transaction that are still in the middle of their rows fail from here on,
  // which is what their owner must see. ROLLBACK itself fails only where SQLite rolled back alone.
  sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

bool Connection::HasRunningWriter() const {
  sqlite3_stmt* statement = nullptr;
  while ((statement = sqlite3_next_stmt(handle(), statement)) != nullptr) {
    if (sqlite3_stmt_busy(statement) != 0 && sqlite3_stmt_readonly(statement) == 0) return true;
  }
  return false;
}

absl::Status Connection::CheckTransaction() const {
  if (!in_transaction_ || sqlite3_get_autocommit(handle()) == 0) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted,
               "{}: the transaction was rolled back by an earlier error", path_);
}

absl::Status Connection::Failure(int code) const {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return absl::OkStatus();
  const absl::Status status = ToStatus(code, sqlite3_errmsg(handle()));
  if (absl::IsDataLoss(status)) return Damaged(Message(status));
  if (!IsAboutDisk(code)) return Annotate(status, path_);
  return Error(status.code(), "{}: {}; look at the disk and its free space", path_,
               Message(status));
}

absl::Status Connection::Damaged(std::string_view finding) const {
  return Error(absl::StatusCode::kDataLoss, "{}: {}; restore a backup of it", path_, finding);
}

absl::Status Connection::InjectedAt(FaultPoint point) const {
  if (faults_ == nullptr) return absl::OkStatus();
  const std::optional<Fault> fault = faults_->At(point);
  if (!fault.has_value()) return absl::OkStatus();
  const int code = CodeOf(*fault);
  return Annotate(ToStatus(code, sqlite3_errstr(code)), path_);
}

absl::Status Connection::OutcomeUnknown(const absl::Status& cause) const {
  return Error(absl::StatusCode::kUnknown, "outcome of the commit is unknown: {}", Message(cause));
}

}  // namespace omninode::sql::internal
