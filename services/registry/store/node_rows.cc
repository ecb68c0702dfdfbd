#include "services/registry/store/node_rows.h"

#include <utility>

#include "common/base/status.h"

namespace omninode::registry {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO nodes(namespace, node_id, incarnation, node_type, version, registered_at, health,"
    " lease_handle, ttl, actor, decision, last_sequence, last_digest, answer_version, submitter,"
    " signer, certificate_key, not_before, leaf_fingerprint, term, evidence_seq)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,"
    " ?20, ?21)";
constexpr std::string_view kUpdate =
    "UPDATE nodes SET incarnation = ?3, node_type = ?4, version = ?5, registered_at = ?6,"
    " health = ?7, lease_handle = ?8, ttl = ?9, actor = ?10, decision = ?11, last_sequence = ?12,"
    " last_digest = ?13, answer_version = ?14, submitter = ?15, signer = ?16,"
    " certificate_key = ?17, not_before = ?18, leaf_fingerprint = ?19, term = ?20,"
    " evidence_seq = ?21, evidence = NULL"
    " WHERE namespace = ?1 AND node_id = ?2 AND leaf_fingerprint = ?22";
constexpr std::string_view kDelete =
    "DELETE FROM nodes WHERE namespace = ?1 AND node_id = ?2 AND leaf_fingerprint = ?3";
constexpr std::string_view kKeepEvidence =
    "UPDATE nodes SET evidence = ?4 WHERE namespace = ?1 AND node_id = ?2 AND evidence_seq = ?3";
constexpr std::string_view kSelect =
    "SELECT namespace, node_id, version, registered_at, health, lease_handle, ttl, actor, decision,"
    " last_sequence, last_digest, answer_version, submitter, signer, certificate_key, not_before,"
    " evidence_seq, evidence FROM nodes ORDER BY namespace, node_id";

// The parameters that insert and update share.
void Bind(sql::Statement& row, std::uint64_t incarnation, const Node& node, WriteStamp stamp) {
  const directory::NodeView& view = *node.view;
  row.BindText(1, view.ns().value());
  row.BindText(2, view.node_id().value());
  row.BindUint64(3, incarnation);
  row.BindText(4, view.node_type().value());
  row.BindUint64(5, view.version);
  BindTime(row, 6, view.registered_at);
  row.BindInt64(7, static_cast<std::int64_t>(view.introspection.health()));
  row.BindUint64(8, node.lease.value());
  BindDuration(row, 9, view.lease_ttl);
  BindUnlessEqual(row, 10, view.actor, node.signer.spiffe_id);
  row.BindText(11, view.decision);
  BindLastMessage(row, 12, node.last_message, node.signer);
  BindDigest(row, 19, node.evidence->chain->leaf_fingerprint);
  row.BindUint64(20, stamp.term);
  row.BindUint64(21, stamp.seq);
}

absl::StatusOr<NodeRows::Row> Read(sql::Statement& row) {
  OMNI_ASSIGN_OR_RETURN(auto ns, NameAt<NamespaceName>(row, 0));
  OMNI_ASSIGN_OR_RETURN(auto id, NameAt<NodeId>(row, 1));
  OMNI_ASSIGN_OR_RETURN(const auto health, EnumAt(row, 4, directory::Health::kNotServing));
  OMNI_ASSIGN_OR_RETURN(SignedMessage last, LastMessageAt(row, 9));
  NodeRows::Row read{.ns = std::move(ns),
                     .node = {.id = std::move(id),
                              .version = row.Uint64(2),
                              .registered_at = TimeAt(row, 3),
                              .health = health,
                              .lease = LeaseHandle::FromValue(row.Uint64(5)),
                              .ttl = DurationAt(row, 6),
                              .actor = TextOr(row, 7, last.signer.spiffe_id),
                              .decision = TextAt(row, 8),
                              .last_message = std::move(last.message),
                              .signer = std::move(last.signer)},
                     .evidence_seq = row.Uint64(16),
                     .evidence = std::nullopt};
  if (!row.IsNull(17)) read.evidence = std::string(row.Blob(17));
  OMNI_RETURN_IF_ERROR(row.status());
  return read;
}

}  // namespace

absl::Status NodeRows::Insert(std::uint64_t incarnation, const Node& node, WriteStamp stamp) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement insert, database_.Prepare(kInsert));
  Bind(insert, incarnation, node, stamp);
  return insert.Execute();
}

absl::Status NodeRows::Update(std::uint64_t incarnation, const Node& node,
                              const crypto::Sha256Digest& previous_leaf, WriteStamp stamp) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement update, database_.Prepare(kUpdate));
  Bind(update, incarnation, node, stamp);
  BindDigest(update, 22, previous_leaf);
  OMNI_RETURN_IF_ERROR(update.Execute());
  return ExpectOneRow(database_, "nodes", node.view->node_id().value());
}

absl::Status NodeRows::Delete(const Node& node) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement del, database_.Prepare(kDelete));
  del.BindText(1, node.view->ns().value());
  del.BindText(2, node.view->node_id().value());
  BindDigest(del, 3, node.evidence->chain->leaf_fingerprint);
  OMNI_RETURN_IF_ERROR(del.Execute());
  return ExpectOneRow(database_, "nodes", node.view->node_id().value());
}

absl::Status NodeRows::KeepEvidence(const NamespaceName& ns, const NodeId& id, std::uint64_t seq,
                                    std::string_view evidence) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement update, database_.Prepare(kKeepEvidence));
  update.BindText(1, ns.value());
  update.BindText(2, id.value());
  update.BindUint64(3, seq);
  update.BindBlob(4, evidence);
  return update.Execute();
}

absl::Status NodeRows::ForEach(const std::function<absl::Status(Row)>& visit) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement rows, database_.Prepare(kSelect));
  while (true) {
    OMNI_ASSIGN_OR_RETURN(const bool there, rows.Step());
    if (!there) return absl::OkStatus();
    auto row = Read(rows);
    if (!row.ok()) return Annotate(row.status(), "table nodes");
    OMNI_RETURN_IF_ERROR(visit(*std::move(row)));
  }
}

}  // namespace omninode::registry
