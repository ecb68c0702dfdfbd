#ifndef OMNINODE_SERVICES_REGISTRY_STORE_GROUP_WRITER_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_GROUP_WRITER_H_

#include <absl/status/status.h>

#include "common/sql/database.h"
#include "services/registry/store/certificate_rows.h"
#include "services/registry/store/log_rows.h"
#include "services/registry/store/namespace_rows.h"
#include "services/registry/store/node_rows.h"
#include "services/registry/store/receipt_rows.h"
#include "services/registry/store/tombstone_rows.h"
#include "services/registry/topology/change_record.h"

namespace omninode::registry {

// Writes the records of one group into the tables. REQUIRES: a transaction is open; after an error
// it is rolled back.
class GroupWriter final {
 public:
  GroupWriter(sql::Database& database, WriteStamp stamp);

  // Internal when the record does not fit what is stored: a fault of the program.
  absl::Status Write(const ChangeRecord& record);

 private:
  absl::Status WriteChange(const ChangeRecord& record, const NodeChange& change);
  absl::Status WriteRenewal(const ChangeRecord& record, const Node& node);

  const WriteStamp stamp_;
  NamespaceRows namespaces_;
  NodeRows nodes_;
  CertificateRows certificates_;
  TombstoneRows tombstones_;
  ReceiptRows receipts_;
  LogRows log_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_GROUP_WRITER_H_
