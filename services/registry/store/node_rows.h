#ifndef OMNINODE_SERVICES_REGISTRY_STORE_NODE_ROWS_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_NODE_ROWS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/status.h>

#include "common/sql/database.h"
#include "services/registry/store/row_values.h"
#include "services/registry/store/stored_node.h"

namespace omninode::registry {

// The table `nodes`: one small row per live node. A view on the database, as cheap as a pointer.
// Writes fail with Internal when the row is not what the topology takes it for.
class NodeRows final {
 public:
  explicit NodeRows(sql::Database& database) : database_(database) {}

  absl::Status Insert(std::uint64_t incarnation, const Node& node, WriteStamp stamp);
  // Replaces the row that was written with the certificate `previous_leaf`.
  absl::Status Update(std::uint64_t incarnation, const Node& node,
                      const crypto::Sha256Digest& previous_leaf, WriteStamp stamp);
  absl::Status Delete(const Node& node);

  // Puts the evidence into the row if group `seq` wrote it last.
  absl::Status KeepEvidence(const NamespaceName& ns, const NodeId& id, std::uint64_t seq,
                            std::string_view evidence);

  struct Row {
    NamespaceName ns;
    StoredNode node;
    std::uint64_t evidence_seq = 0;
    std::optional<std::string> evidence;  // as EncodeEvidence; none: in the log
  };
  // All rows by namespace and id, until `visit` fails.
  absl::Status ForEach(const std::function<absl::Status(Row)>& visit);

 private:
  sql::Database& database_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_NODE_ROWS_H_
