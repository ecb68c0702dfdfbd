#include "services/registry/store/receipt_rows.h"

#include "common/base/status.h"
#include "services/registry/store/newest_rows.h"

namespace omninode::registry {
namespace {

constexpr std::string_view kInsert =
    "INSERT OR REPLACE INTO admin_receipts(namespace, principal, request_id, digest, time, node_id,"
    " seq, term) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
constexpr std::string_view kSelect =
    "SELECT principal, request_id, digest, time, node_id FROM admin_receipts WHERE namespace = ?1"
    " ORDER BY receipt DESC LIMIT ?2";
constexpr std::string_view kTrim =
    "DELETE FROM admin_receipts WHERE receipt IN (SELECT receipt FROM admin_receipts"
    " WHERE namespace = ?1 ORDER BY receipt DESC LIMIT -1 OFFSET ?2)";

absl::StatusOr<AdminReceipt> Read(sql::Statement& row) {
  OMNI_ASSIGN_OR_RETURN(const auto digest, DigestFromStored(row.Blob(2)));
  AdminReceipt receipt{.request = {TextAt(row, 0), TextAt(row, 1), digest},
                       .time = TimeAt(row, 3),
                       .node = std::nullopt};
  if (!row.IsNull(4)) {
    OMNI_ASSIGN_OR_RETURN(receipt.node, NameAt<NodeId>(row, 4));
  }
  OMNI_RETURN_IF_ERROR(row.status());
  return receipt;
}

}  // namespace

absl::Status ReceiptRows::Insert(const NamespaceName& ns, const AdminReceipt& receipt,
                                 WriteStamp stamp) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement row, database_.Prepare(kInsert));
  row.BindText(1, ns.value());
  row.BindText(2, receipt.request.principal);
  row.BindText(3, receipt.request.request_id);
  BindDigest(row, 4, receipt.request.digest);
  BindTime(row, 5, receipt.time);
  if (receipt.node.has_value()) {
    row.BindText(6, receipt.node->value());
  } else {
    row.BindNull(6);
  }
  row.BindUint64(7, stamp.seq);
  row.BindUint64(8, stamp.term);
  return row.Execute();
}

absl::StatusOr<std::vector<AdminReceipt>> ReceiptRows::Newest(const NamespaceName& ns,
                                                              std::size_t max) {
  return ReadNewest<AdminReceipt>(database_, "admin_receipts", kSelect, ns, max, Read);
}

absl::Status ReceiptRows::Trim(const NamespaceName& ns, std::size_t max) {
  return TrimToNewest(database_, kTrim, ns, max);
}

}  // namespace omninode::registry
