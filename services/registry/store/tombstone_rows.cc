#include "services/registry/store/tombstone_rows.h"

#include <memory>
#include <utility>

#include "common/base/status.h"
#include "services/registry/store/newest_rows.h"

namespace omninode::registry {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO tombstones(namespace, incarnation, version, node_id, node_type, time, uptime,"
    " reason, reason_text, actor, decision, final_health, last_sequence, last_digest,"
    " answer_version, submitter, signer, certificate_key, not_before, seq, term)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,"
    " ?20, ?21)";
constexpr std::string_view kSelect =
    "SELECT incarnation, version, node_id, node_type, time, uptime, reason, reason_text, actor,"
    " decision, final_health, last_sequence, last_digest, answer_version, submitter, signer,"
    " certificate_key, not_before FROM tombstones WHERE namespace = ?1"
    " ORDER BY incarnation DESC, version DESC, node_id DESC LIMIT ?2";
constexpr std::string_view kTrim =
    "DELETE FROM tombstones WHERE rowid IN (SELECT rowid FROM tombstones WHERE namespace = ?1"
    " ORDER BY incarnation DESC, version DESC, node_id DESC LIMIT -1 OFFSET ?2)";

absl::StatusOr<DepartedPtr> Read(const NamespaceName& ns, sql::Statement& row) {
  OMNI_ASSIGN_OR_RETURN(auto id, NameAt<NodeId>(row, 2));
  OMNI_ASSIGN_OR_RETURN(auto type, NameAt<NodeType>(row, 3));
  OMNI_ASSIGN_OR_RETURN(const auto reason, EnumAt(row, 6, directory::RemovalReason::kFilterLeft));
  OMNI_ASSIGN_OR_RETURN(const auto health, EnumAt(row, 10, directory::Health::kNotServing));
  OMNI_ASSIGN_OR_RETURN(SignedMessage last, LastMessageAt(row, 11));
  Departed departed{.tombstone = {.node = {ns, std::move(id)},
                                  .node_type = std::move(type),
                                  .reason = reason,
                                  .reason_text = TextAt(row, 7),
                                  .actor = TextOr(row, 8, last.signer.spiffe_id),
                                  .decision = TextAt(row, 9),
                                  .removed_at = {row.Uint64(0), row.Uint64(1)},
                                  .removed_time = TimeAt(row, 4),
                                  .uptime = DurationAt(row, 5),
                                  .final_health = health,
                                  .last_sequence = last.message.sequence},
                    .last_message = std::move(last.message),
                    .signer = std::move(last.signer)};
  OMNI_RETURN_IF_ERROR(row.status());
  return std::make_shared<const Departed>(std::move(departed));
}

}  // namespace

absl::Status TombstoneRows::Insert(const Departed& departed, WriteStamp stamp) {
  const directory::Tombstone& tombstone = departed.tombstone;
  OMNI_ASSIGN_OR_RETURN(sql::Statement row, database_.Prepare(kInsert));
  row.BindText(1, tombstone.node.ns.value());
  row.BindUint64(2, tombstone.removed_at.incarnation);
  row.BindUint64(3, tombstone.removed_at.version);
  row.BindText(4, tombstone.node.id.value());
  row.BindText(5, tombstone.node_type.value());
  BindTime(row, 6, tombstone.removed_time);
  BindDuration(row, 7, tombstone.uptime);
  row.BindInt64(8, static_cast<std::int64_t>(tombstone.reason));
  row.BindText(9, tombstone.reason_text);
  BindUnlessEqual(row, 10, tombstone.actor, departed.signer.spiffe_id);
  row.BindText(11, tombstone.decision);
  row.BindInt64(12, static_cast<std::int64_t>(tombstone.final_health));
  BindLastMessage(row, 13, departed.last_message, departed.signer);
  row.BindUint64(20, stamp.seq);
  row.BindUint64(21, stamp.term);
  return row.Execute();
}

absl::StatusOr<std::vector<DepartedPtr>> TombstoneRows::Newest(const NamespaceName& ns,
                                                               std::size_t max) {
  const auto read = [&](sql::Statement& row) { return Read(ns, row); };
  return ReadNewest<DepartedPtr>(database_, "tombstones", kSelect, ns, max, read);
}

absl::Status TombstoneRows::Trim(const NamespaceName& ns, std::size_t max) {
  return TrimToNewest(database_, kTrim, ns, max);
}

}  // namespace omninode::registry
