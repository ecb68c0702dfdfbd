#ifndef OMNINODE_SERVICES_REGISTRY_STORE_TOMBSTONE_ROWS_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_TOMBSTONE_ROWS_H_

#include <cstddef>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/base/names.h"
#include "common/sql/database.h"
#include "services/registry/store/row_values.h"
#include "services/registry/topology/namespace_state.h"

namespace omninode::registry {

// The table `tombstones`: nodes that left, in the order in which they did. A view on the database,
// as cheap as a pointer.
class TombstoneRows final {
 public:
  explicit TombstoneRows(sql::Database& database) : database_(database) {}

  absl::Status Insert(const Departed& departed, WriteStamp stamp);

  // The newest `max` of a namespace, oldest first.
  absl::StatusOr<std::vector<DepartedPtr>> Newest(const NamespaceName& ns, std::size_t max);

  // Deletes all but the newest `max` of a namespace.
  absl::Status Trim(const NamespaceName& ns, std::size_t max);

 private:
  sql::Database& database_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_TOMBSTONE_ROWS_H_
