#ifndef OMNINODE_COMMON_SQL_CONNECTION_H_
#define OMNINODE_COMMON_SQL_CONNECTION_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/sql/lock_file.h"
#include "common/sql/open_options.h"
#include "common/sql/statement_cache.h"

namespace omninode::sql::internal {

// The SQLite handle with all that hangs on it: the part of a Database that does not move, so that
// statements and transactions can point to it. Not thread-safe. Every error names the file.
class Connection final {
 public:
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& path,
                                                          const OpenOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const std::string& path() const { return path_; }
  sqlite3* handle() const { return handle_.get(); }

  absl::StatusOr<Prepared*> Take(std::string_view sql);
  void GiveBack(Prepared* prepared) { statements_.GiveBack(prepared); }

  absl::Status Exec(std::string_view sql);
  absl::Status Begin();
  absl::Status Commit();
  void Rollback();

  // SQLite ends a transaction by itself after some errors (disk full), and what follows would be
  // written statement by statement. Fails in that state; every statement asks before it runs.
  absl::Status CheckTransaction() const;

  // The status of SQLite's `code`, with its message and the name of the file.
  absl::Status Failure(int code) const;

 private:
  struct Closer {
    void operator()(sqlite3* handle) const;
  };
  using Handle = std::unique_ptr<sqlite3, Closer>;

  Connection(std::string path, std::optional<LockFile> lock, Handle handle, FaultInjector* faults);

  absl::Status Configure(const OpenOptions& options);
  absl::StatusOr<std::string> AskText(std::string_view sql);
  bool HasRunningWriter() const;
  absl::Status RunCached(std::string_view sql);
  absl::Status InjectedAt(FaultPoint point) const;
  absl::Status Damaged(std::string_view finding) const;
  absl::Status OutcomeUnknown(const absl::Status& cause) const;

  const std::string path_;
  const std::optional<LockFile> lock_;  // none for a database in memory
  const Handle handle_;
  StatementCache statements_;
  FaultInjector* const faults_;
  bool in_transaction_ = false;
};

}  // namespace omninode::sql::internal

#endif  // OMNINODE_COMMON_SQL_CONNECTION_H_
