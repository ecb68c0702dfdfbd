#ifndef OMNINODE_SERVICES_REGISTRY_STORE_NAMESPACE_ROWS_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_NAMESPACE_ROWS_H_

#include <cstdint>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/sql/database.h"
#include "services/registry/store/row_values.h"
#include "services/registry/topology/change_record.h"
#include "services/registry/topology/namespace_info.h"

namespace omninode::registry {

// The table `namespaces`: each with the version it is at. A view on the database, as cheap as a
// pointer.
class NamespaceRows final {
 public:
  explicit NamespaceRows(sql::Database& database) : database_(database) {}

  absl::Status Insert(const NamespaceInfo& info, std::uint64_t version, WriteStamp stamp);

  // Moves the version on by one to the record's. Internal when the namespace is elsewhere.
  absl::Status Advance(const ChangeRecord& record, WriteStamp stamp);

  struct Row {
    NamespaceInfo info;
    std::uint64_t version = 0;
  };
  absl::StatusOr<std::vector<Row>> All();

 private:
  sql::Database& database_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_NAMESPACE_ROWS_H_
