#ifndef OMNINODE_SERVICES_REGISTRY_STORE_NEWEST_ROWS_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_NEWEST_ROWS_H_

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/base/names.h"
#include "common/base/status.h"
#include "common/sql/database.h"

// Tables that keep a namespace's newest rows. Their statements take the namespace as ?1 and a
// number of rows as ?2.
namespace omninode::registry {

// The values that `read(row)` makes of what `select` gives newest first, oldest first. The first
// row that cannot be read is an error that names `table`.
template <typename Value, typename ReadRow>
absl::StatusOr<std::vector<Value>> ReadNewest(sql::Database& database, std::string_view table,
                                              std::string_view select, const NamespaceName& ns,
                                              std::size_t max, ReadRow read) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement rows, database.Prepare(select));
  rows.BindText(1, ns.value());
  rows.BindUint64(2, max);
  std::vector<Value> newest;
  while (true) {
    OMNI_ASSIGN_OR_RETURN(const bool there, rows.Step());
    if (!there) break;
    absl::StatusOr<Value> value = read(rows);
    if (!value.ok()) return Annotate(value.status(), fmt::format("table {}", table));
    newest.push_back(*std::move(value));
  }
  std::ranges::reverse(newest);
  return newest;
}

// Runs a statement that deletes all but the newest `max`.
inline absl::Status TrimToNewest(sql::Database& database, std::string_view trim,
                                 const NamespaceName& ns, std::size_t max) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement statement, database.Prepare(trim));
  statement.BindText(1, ns.value());
  statement.BindUint64(2, max);
  return statement.Execute();
}

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_NEWEST_ROWS_H_
