#include "services/registry/store/log_compaction.h"

#include <set>

#include "common/base/status.h"
#include "services/registry/store/certificate_rows.h"
#include "services/registry/store/change_record_codec.h"
#include "services/registry/store/log_rows.h"
#include "services/registry/store/node_rows.h"
#include "services/registry/store/receipt_rows.h"
#include "services/registry/store/tombstone_rows.h"

namespace omninode::registry {

namespace {

// Nodes that a later group wrote again have newer evidence; KeepEvidence leaves them alone.
absl::Status MoveEvidence(NodeRows& nodes, const LogRows::Row& row) {
  OMNI_ASSIGN_OR_RETURN(const auto all, EvidenceIn(row.record));
  for (const EvidenceInRecord& found : all) {
    OMNI_RETURN_IF_ERROR(nodes.KeepEvidence(row.ns, found.node, row.seq, found.evidence));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::size_t> CompactLog(sql::Database& database, std::uint64_t seq,
                                       std::size_t max_groups, const Retention& retention) {
  LogRows log(database);
  OMNI_ASSIGN_OR_RETURN(const LogRows::Prefix prefix, log.OldestUpTo(seq, max_groups));
  if (prefix.groups == 0) return std::size_t{0};
  NodeRows nodes(database);
  std::set<NamespaceName> touched;
  const auto keep = [&](const LogRows::Row& row) {
    touched.insert(row.ns);
    return MoveEvidence(nodes, row);
  };
  OMNI_RETURN_IF_ERROR(log.ForEach(0, prefix.last_seq, keep));
  OMNI_RETURN_IF_ERROR(log.DeleteUpTo(prefix.last_seq));
  OMNI_RETURN_IF_ERROR(CertificateRows(database).DeleteIdle(prefix.last_seq));
  for (const NamespaceName& ns : touched) {
    OMNI_RETURN_IF_ERROR(TombstoneRows(database).Trim(ns, retention.tombstones));
    OMNI_RETURN_IF_ERROR(ReceiptRows(database).Trim(ns, retention.receipts));
  }
  return prefix.groups;
}

}  // namespace omninode::registry
