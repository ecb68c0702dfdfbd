#include "common/sql/database.h"

#include <utility>

#include <sqlite3.h>

#include "common/base/status.h"
#include "common/sql/connection.h"

namespace omninode::sql {

absl::StatusOr<Database> Database::Open(const std::string& path, const OpenOptions& options) {
  OMNI_ASSIGN_OR_RETURN(auto connection, internal::Connection::Open(path, options));
  return Database(std::move(connection));
}

Database::Database(std::unique_ptr<internal::Connection> connection)
    : connection_(std::move(connection)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

absl::StatusOr<Statement> Database::Prepare(std::string_view sql) {
  OMNI_ASSIGN_OR_RETURN(internal::Prepared* const prepared, connection_->Take(sql));
  return Statement(*connection_, *prepared);
}

absl::Status Database::Exec(std::string_view sql) { return connection_->Exec(sql); }

std::int64_t Database::Changes() const { return sqlite3_changes64(connection_->handle()); }

const std::string& Database::path() const { return connection_->path(); }

}  // namespace omninode::sql
