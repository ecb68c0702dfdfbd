#ifndef OMNINODE_COMMON_SQL_STATEMENT_H_
#define OMNINODE_COMMON_SQL_STATEMENT_H_

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace omninode::sql {

namespace internal {
class Connection;
struct Prepared;
}  // namespace internal

// One use of a compiled statement, made by Database::Prepare; destroying it resets the statement
// and gives it back to the database's cache. Parameters count from 1, columns from 0, as in SQLite.
//
// Same thread as its database. REQUIRES: destroyed before the database, and before the Commit of
// the transaction it writes in. A failed bind or a column of another type than asked for is
// remembered and returned by the next Step, Execute or status, so that reading code stays linear.
class Statement final {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  void BindInt64(int position, std::int64_t value);
  // Stored as the int64 of the same 64 bits: 2^63 and more come back equal, but SQL compares and
  // sorts them as negative numbers.
  void BindUint64(int position, std::uint64_t value);
  // Borrowed, not copied. REQUIRES: `value` stays alive and unchanged until Execute or the last
  // Step; a temporary string does not compile.
  void BindText(int position, std::string_view value);
  void BindBlob(int position, std::string_view value);
  void BindNull(int position);
  template <std::same_as<std::string> Temporary>
  void BindText(int position, Temporary&& value) = delete;
  template <std::same_as<std::string> Temporary>
  void BindBlob(int position, Temporary&& value) = delete;

  // True: there is a row to read. False: the statement is done (and stays so until Reset).
  absl::StatusOr<bool> Step();
  // Runs to the end without looking at rows and resets: ready for the next Bind.
  absl::Status Execute();
  // Back to the start, all parameters NULL.
  void Reset();

  bool IsNull(int column) const;
  std::int64_t Int64(int column);
  std::uint64_t Uint64(int column);
  // Valid until the next Step, Execute, Reset or the end of this Statement.
  std::string_view Text(int column);
  std::string_view Blob(int column);

  // What was remembered since the last Reset; kDataLoss for a column of another type.
  const absl::Status& status() const { return remembered_; }

 private:
  friend class Database;
  Statement(internal::Connection& connection, internal::Prepared& prepared)
      : connection_(&connection), prepared_(&prepared) {}

  void Remember(int code);
  bool ExpectType(int column, int type);

  internal::Connection* connection_;
  internal::Prepared* prepared_;
  absl::Status remembered_;
  bool done_ = false;
};

}  // namespace omninode::sql

#endif  // OMNINODE_COMMON_SQL_STATEMENT_H_
