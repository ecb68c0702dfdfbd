#ifndef OMNINODE_SERVICES_REGISTRY_STORE_STATE_READER_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_STATE_READER_H_

#include <cstddef>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/sql/database.h"
#include "services/registry/store/registry_store.h"

namespace omninode::registry {

// How much of the past of a namespace is kept: as much as the topology remembers.
struct Retention {
  std::size_t tombstones = NamespaceState::kMaxTombstones;
  std::size_t receipts = NamespaceState::kMaxReceipts;
};

// Everything that is stored, as the topology had it after the last commit. DataLoss, naming the
// row, when tables contradict each other.
absl::StatusOr<TopologyState> ReadState(sql::Database& database, const Retention& retention);

// See RegistryStore::ReadLog. What lies behind `max_bytes` of records of its namespace is not even
// decoded, which would cost more than all the rest of a start.
absl::StatusOr<std::vector<LoggedVersion>> ReadVersions(sql::Database& database,
                                                        std::size_t max_versions,
                                                        std::size_t max_bytes);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_STATE_READER_H_
