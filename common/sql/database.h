#ifndef OMNINODE_COMMON_SQL_DATABASE_H_
#define OMNINODE_COMMON_SQL_DATABASE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/sql/open_options.h"
#include "common/sql/statement.h"

namespace omninode::sql {

// One SQLite file, opened by one process: write-ahead log, every commit synced to the disk, foreign
// keys enforced. `<path>.lock` keeps a second instance out; the file is created with mode 0600, its
// folder must exist.
//
// One thread at a time: the owner may hand it from thread to thread, but never use it on two.
// Movable; statements and transactions survive the move. REQUIRES: they end before the database.
// Errors name the file; sqlite_status.h has the table of codes.
class Database final {
 public:
  // `path` ":memory:" is a private database that ends with this object, for tests.
  // kUnavailable naming the process that has the file open; kDataLoss for a file that is damaged
  // or no database; otherwise the code of the failed open (kNotFound, kPermissionDenied, ..).
  static absl::StatusOr<Database> Open(const std::string& path, const OpenOptions& options = {});

  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // One statement, compiled at the first call for this text and cached.
  absl::StatusOr<Statement> Prepare(std::string_view sql);

  // Runs all statements of a script and ignores their rows; not cached.
  absl::Status Exec(std::string_view sql);

  // Rows that the last INSERT, UPDATE or DELETE touched.
  std::int64_t Changes() const;

  const std::string& path() const;

 private:
  friend class Transaction;
  explicit Database(std::unique_ptr<internal::Connection> connection);

  std::unique_ptr<internal::Connection> connection_;
};

}  // namespace omninode::sql

#endif  // OMNINODE_COMMON_SQL_DATABASE_H_
