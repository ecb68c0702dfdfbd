#ifndef OMNINODE_COMMON_SQL_TRANSACTION_H_
#define OMNINODE_COMMON_SQL_TRANSACTION_H_

#include <utility>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/sql/database.h"

namespace omninode::sql {

// All or nothing: what is written between Begin and Commit. It takes the write lock at Begin (BEGIN
// IMMEDIATE), so a statement inside never fails because another writer was faster. The destructor
// rolls back what was not committed. Same thread as its database, one at a time, and it ends first.
class Transaction final {
 public:
  static absl::StatusOr<Transaction> Begin(Database& database);

  Transaction(Transaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // Ends the transaction in any case. OK: on the disk. kUnknown: the disk failed while the commit
  // was written; it may or may not be there after a restart, so read before writing again. Any
  // other error: nothing was written; kUnavailable and kResourceExhausted may succeed later.
  absl::Status Commit();

 private:
  explicit Transaction(internal::Connection& connection) : connection_(&connection) {}

  internal::Connection* connection_;
};

// True for the one result of Commit after which the caller must look what is stored.
inline bool IsOutcomeUnknown(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnknown;
}

}  // namespace omninode::sql

#endif  // OMNINODE_COMMON_SQL_TRANSACTION_H_
