#include "common/sql/statement.h"

#include <cstddef>
#include <utility>

#include <sqlite3.h>

#include "common/base/status.h"
#include "common/sql/connection.h"

namespace omninode::sql {
namespace {

// SQLite takes a null pointer for NULL, also with length 0.
const char* NeverNull(std::string_view value) {
  return value.data() == nullptr ? "" : value.data();
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      prepared_(std::exchange(other.prepared_, nullptr)),
      remembered_(std::exchange(other.remembered_, absl::OkStatus())),
      done_(other.done_) {}

Statement::~Statement() {
  if (prepared_ != nullptr) connection_->GiveBack(prepared_);
}

void Statement::BindInt64(int position, std::int64_t value) {
  Remember(sqlite3_bind_int64(prepared_->handle, position, value));
}

void Statement::BindUint64(int position, std::uint64_t value) {
  BindInt64(position, static_cast<std::int64_t>(value));
}

void Statement::BindText(int position, std::string_view value) {
  Remember(sqlite3_bind_text64(prepared_->handle, position, NeverNull(value), value.size(),
                               SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::BindBlob(int position, std::string_view value) {
  Remember(sqlite3_bind_blob64(prepared_->handle, position, NeverNull(value), value.size(),
                               SQLITE_STATIC));
}

void Statement::BindNull(int position) { Remember(sqlite3_bind_null(prepared_->handle, position)); }

absl::StatusOr<bool> Statement::Step() {
  if (!remembered_.ok()) return remembered_;
  if (done_) return false;
  OMNI_RETURN_IF_ERROR(connection_->CheckTransaction());
  const int code = sqlite3_step(prepared_->handle);
  if (code == SQLITE_ROW) return true;
  done_ = true;
  if (code == SQLITE_DONE) return false;
  remembered_ = connection_->Failure(code);
  return remembered_;
}

absl::Status Statement::Execute() {
  absl::StatusOr<bool> row = Step();
  while (row.ok() && *row) row = Step();
  Reset();
  return row.status();
}

void Statement::Reset() {
  sqlite3_reset(prepared_->handle);
  sqlite3_clear_bindings(prepared_->handle);
  remembered_ = absl::OkStatus();
  done_ = false;
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(prepared_->handle, column) == SQLITE_NULL;
}

std::int64_t Statement::Int64(int column) {
  if (!ExpectType(column, SQLITE_INTEGER)) return 0;
  return sqlite3_column_int64(prepared_->handle, column);
}

std::uint64_t Statement::Uint64(int column) { return static_cast<std::uint64_t>(Int64(column)); }

std::string_view Statement::Text(int column) {
  if (!ExpectType(column, SQLITE_TEXT)) return {};
  const auto* data = sqlite3_column_text(prepared_->handle, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(prepared_->handle, column));
  return {reinterpret_cast<const char*>(data), data == nullptr ? 0 : size};
}

std::string_view Statement::Blob(int column) {
  if (!ExpectType(column, SQLITE_BLOB)) return {};
  const void* data = sqlite3_column_blob(prepared_->handle, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(prepared_->handle, column));
  return {static_cast<const char*>(data), data == nullptr ? 0 : size};
}

void Statement::Remember(int code) {
  if (code != SQLITE_OK && remembered_.ok()) remembered_ = connection_->Failure(code);
}

bool Statement::ExpectType(int column, int type) {
  const int found = sqlite3_column_type(prepared_->handle, column);
  if (found == type) return true;
  if (remembered_.ok()) {
    remembered_ = Error(absl::StatusCode::kDataLoss, "{}: column {} of '{}' has type {} and not {}",
                        connection_->path(), column, sqlite3_sql(prepared_->handle), found, type);
  }
  return false;
}

}  // namespace omninode::sql
