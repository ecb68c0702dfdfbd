#ifndef OMNINODE_SERVICES_REGISTRY_STORE_CERTIFICATE_ROWS_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_CERTIFICATE_ROWS_H_

#include <cstdint>
#include <map>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/sql/database.h"
#include "services/registry/store/stored_node.h"

namespace omninode::registry {

// The table `certificates`: every chain once, counted by the live nodes whose last message was
// signed with it. One that nobody uses stays as long as the log has messages that were. A view on
// the database, as cheap as a pointer.
class CertificateRows final {
 public:
  explicit CertificateRows(sql::Database& database) : database_(database) {}

  // One more node uses it from now on; stored if it is new.
  absl::Status Adopt(const CertificateChain& chain);
  // One node less, from group `seq` on. Internal when there was none.
  absl::Status Retire(const CertificateChain& chain, std::uint64_t seq);

  // DataLoss when it is not there.
  absl::StatusOr<ChainPtr> Find(const crypto::Sha256Digest& leaf);

  // Deletes what no node uses and no group after `seq` has used.
  absl::Status DeleteIdle(std::uint64_t seq);

 private:
  sql::Database& database_;
};

// A ChainLookup that asks for each chain once, so that all who share one in the store share it in
// memory too.
class ChainCache final {
 public:
  explicit ChainCache(sql::Database& database) : rows_(database) {}

  absl::StatusOr<ChainPtr> operator()(const crypto::Sha256Digest& leaf);

 private:
  CertificateRows rows_;
  std::map<crypto::Sha256Digest, ChainPtr> known_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_CERTIFICATE_ROWS_H_
