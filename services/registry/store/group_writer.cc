#include "services/registry/store/group_writer.h"

#include "common/base/status.h"

namespace omninode::registry {

GroupWriter::GroupWriter(sql::Database& database, WriteStamp stamp)
    : stamp_(stamp),
      namespaces_(database),
      nodes_(database),
      certificates_(database),
      tombstones_(database),
      receipts_(database),
      log_(database) {}

absl::Status GroupWriter::Write(const ChangeRecord& record) {
  if (record.term != stamp_.term) {
    return Error(absl::StatusCode::kInternal, "a record of term {} in a group of term {}",
                 record.term, stamp_.term);
  }
  if (record.created.has_value()) {
    OMNI_RETURN_IF_ERROR(namespaces_.Insert(*record.created, record.version, stamp_));
  } else if (!record.changes.empty()) {
    OMNI_RETURN_IF_ERROR(namespaces_.Advance(record, stamp_));
  }
  for (const NodeChange& change : record.changes) {
    OMNI_RETURN_IF_ERROR(WriteChange(record, change));
  }
  for (const NodePtr& node : record.renewed) OMNI_RETURN_IF_ERROR(WriteRenewal(record, *node));
  for (const AdminReceipt& receipt : record.receipts) {
    OMNI_RETURN_IF_ERROR(receipts_.Insert(record.ns, receipt, stamp_));
  }
  return log_.Append(stamp_.seq, record);
}

absl::Status GroupWriter::WriteChange(const ChangeRecord& record, const NodeChange& change) {
  switch (change.kind) {
    case directory::ChangeKind::kAdded:
      OMNI_RETURN_IF_ERROR(certificates_.Adopt(*change.after->evidence->chain));
      return nodes_.Insert(record.incarnation, *change.after, stamp_);
    case directory::ChangeKind::kUpdated: {
      const CertificateChain& before = *change.before->evidence->chain;
      const CertificateChain& after = *change.after->evidence->chain;
      if (before.leaf_fingerprint != after.leaf_fingerprint) {
        OMNI_RETURN_IF_ERROR(certificates_.Adopt(after));
        OMNI_RETURN_IF_ERROR(certificates_.Retire(before, stamp_.seq));
      }
      return nodes_.Update(record.incarnation, *change.after, before.leaf_fingerprint, stamp_);
    }
    case directory::ChangeKind::kRemoved:
      OMNI_RETURN_IF_ERROR(certificates_.Retire(*change.before->evidence->chain, stamp_.seq));
      OMNI_RETURN_IF_ERROR(nodes_.Delete(*change.before));
      return tombstones_.Insert(*change.departed, stamp_);
  }
  return Error(absl::StatusCode::kInternal, "a change of kind {}", static_cast<int>(change.kind));
}

absl::Status GroupWriter::WriteRenewal(const ChangeRecord& record, const Node& node) {
  // A message with another certificate is a change (of the evidence) and no renewal.
  return nodes_.Update(record.incarnation, node, node.evidence->chain->leaf_fingerprint, stamp_);
}

}  // namespace omninode::registry
