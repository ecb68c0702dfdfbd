#include "common/sql/transaction.h"

#include "common/base/status.h"
#include "common/sql/connection.h"

namespace omninode::sql {

absl::StatusOr<Transaction> Transaction::Begin(Database& database) {
  OMNI_RETURN_IF_ERROR(database.connection_->Begin());
  return Transaction(*database.connection_);
}

Transaction::~Transaction() {
  if (connection_ != nullptr) connection_->Rollback();
}

absl::Status Transaction::Commit() {
  if (connection_ == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, "the transaction has ended");
  }
  return std::exchange(connection_, nullptr)->Commit();
}

}  // namespace omninode::sql
