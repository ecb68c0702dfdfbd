#ifndef OMNINODE_SERVICES_REGISTRY_STORE_RECEIPT_ROWS_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_RECEIPT_ROWS_H_

#include <cstddef>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/base/names.h"
#include "common/sql/database.h"
#include "services/registry/store/row_values.h"
#include "services/registry/topology/change_record.h"

namespace omninode::registry {

// The table `admin_receipts`: administrators' requests that were carried out, in order. A view on
// the database, as cheap as a pointer.
class ReceiptRows final {
 public:
  explicit ReceiptRows(sql::Database& database) : database_(database) {}

  // A receipt of the same request that is still there was forgotten by the topology: it goes.
  absl::Status Insert(const NamespaceName& ns, const AdminReceipt& receipt, WriteStamp stamp);

  // The newest `max` of a namespace, oldest first.
  absl::StatusOr<std::vector<AdminReceipt>> Newest(const NamespaceName& ns, std::size_t max);

  // Deletes all but the newest `max` of a namespace.
  absl::Status Trim(const NamespaceName& ns, std::size_t max);

 private:
  sql::Database& database_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_RECEIPT_ROWS_H_
