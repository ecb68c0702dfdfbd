#ifndef OMNINODE_SERVICES_REGISTRY_STORE_LOG_COMPACTION_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_LOG_COMPACTION_H_

#include <cstddef>
#include <cstdint>

#include <absl/status/statusor.h>

#include "common/sql/database.h"
#include "services/registry/store/state_reader.h"

namespace omninode::registry {

// Drops the oldest groups up to `seq` from the log, at most `max_groups`, and returns how many
// went. Evidence of live nodes that is found in them moves to the nodes' rows; certificates that
// nothing refers to any more and what is older than `retention` go with them. REQUIRES: a
// transaction is open; seq fits an int64.
absl::StatusOr<std::size_t> CompactLog(sql::Database& database, std::uint64_t seq,
                                       std::size_t max_groups, const Retention& retention);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_LOG_COMPACTION_H_
