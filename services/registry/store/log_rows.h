#ifndef OMNINODE_SERVICES_REGISTRY_STORE_LOG_ROWS_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_LOG_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/sql/database.h"
#include "services/registry/topology/change_record.h"

namespace omninode::registry {

// The table `change_log`: what each group did, by group and namespace. A view on the database, as
// cheap as a pointer.
class LogRows final {
 public:
  explicit LogRows(sql::Database& database) : database_(database) {}

  absl::Status Append(std::uint64_t seq, const ChangeRecord& record);

  struct Row {
    std::uint64_t seq = 0;
    NamespaceName ns;
    std::string record;  // as EncodeChangeRecord writes it
  };
  // The rows of the groups `first` to `last` in order, until `visit` fails.
  absl::Status ForEach(std::uint64_t first, std::uint64_t last,
                       const std::function<absl::Status(Row)>& visit);
  // The newest `max` rows that moved a version, newest first, until `visit` fails.
  absl::Status ForEachNewest(std::size_t max, const std::function<absl::Status(Row)>& visit);

  struct Prefix {
    std::size_t groups = 0;
    std::uint64_t last_seq = 0;
  };
  // The oldest groups up to `seq`, at most `max_groups`.
  absl::StatusOr<Prefix> OldestUpTo(std::uint64_t seq, std::size_t max_groups);
  absl::Status DeleteUpTo(std::uint64_t seq);

 private:
  sql::Database& database_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_LOG_ROWS_H_
