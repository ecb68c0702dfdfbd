#include "services/bootstrap/store/svid_rows.h"

#include <string>
#include <utility>

#include "services/bootstrap/store/row_values.h"

namespace omninode::bootstrap {

absl::Status WriteSvid(sql::Database& database, const IssuedSvid& svid) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement write,
      database.Prepare("INSERT INTO svids (serial, spiffe_id, key_fingerprint, not_before, "
                       "not_after, authority_key_id, path, actor, leaf) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"));
  const IssueRecord& record = svid.record;
  write.BindText(1, record.serial);
  write.BindText(2, record.id.ToString());
  write.BindBlob(3, crypto::DigestBytes(record.key_fingerprint));
  BindTime(write, 4, record.not_before);
  BindTime(write, 5, record.not_after);
  write.BindText(6, record.authority_key_id);
  write.BindInt64(7, static_cast<std::int64_t>(record.path));
  write.BindText(8, record.actor);
  write.BindBlob(9, svid.leaf.der());
  return write.Execute();
}

absl::StatusOr<std::optional<IssuedSvid>> ReadSvid(sql::Database& database,
                                                   std::string_view serial) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement row,
      database.Prepare("SELECT spiffe_id, key_fingerprint, not_before, not_after, "
                       "authority_key_id, path, actor, leaf FROM svids WHERE serial = ?1"));
  row.BindText(1, serial);
  OMNI_ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return std::optional<IssuedSvid>();
  OMNI_ASSIGN_OR_RETURN(identity::SpiffeId id, SpiffeIdAt(row, 0));
  OMNI_ASSIGN_OR_RETURN(const crypto::Sha256Digest key, DigestAt(row, 1));
  const std::optional<IssuePath> path = ParseIssuePath(row.Int64(5));
  auto leaf = crypto::Certificate::FromDer(row.Blob(7));
  if (!leaf.ok()) return DamagedRow("certificate", Message(leaf.status()));
  if (!path.has_value()) return DamagedRow("certificate", "its path is unknown");
  IssueRecord record{.serial = std::string(serial),
                     .id = std::move(id),
                     .key_fingerprint = key,
                     .not_before = TimeAt(row, 2),
                     .not_after = TimeAt(row, 3),
                     .authority_key_id = std::string(row.Text(4)),
                     .path = *path,
                     .actor = std::string(row.Text(6))};
  OMNI_RETURN_IF_ERROR(row.status());
  return std::optional<IssuedSvid>(IssuedSvid{*std::move(leaf), std::move(record)});
}

absl::StatusOr<std::vector<KeyHolder>> ReadKeyHolders(sql::Database& database,
                                                      const crypto::Sha256Digest& key,
                                                      absl::Time now) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement rows,
      database.Prepare(
          "SELECT s.spiffe_id, s.not_after, r.serial IS NOT NULL FROM svids s "
          "LEFT JOIN revocations r ON r.authority_key_id = s.authority_key_id "
          "AND r.serial = s.serial WHERE s.key_fingerprint = ?1 AND s.not_after > ?2"));
  rows.BindBlob(1, crypto::DigestBytes(key));
  BindTime(rows, 2, now);
  std::vector<KeyHolder> holders;
  while (true) {
    OMNI_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return holders;
    OMNI_ASSIGN_OR_RETURN(identity::SpiffeId id, SpiffeIdAt(rows, 0));
    holders.push_back({std::move(id), TimeAt(rows, 1), rows.Int64(2) != 0});
    OMNI_RETURN_IF_ERROR(rows.status());
  }
}

absl::StatusOr<std::size_t> PruneSvids(sql::Database& database, absl::Time ended_before,
                                       std::size_t max_rows) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement prune,
      database.Prepare("DELETE FROM svids WHERE serial IN (SELECT serial FROM svids "
                       "WHERE not_after <= ?1 ORDER BY not_after LIMIT ?2)"));
  BindTime(prune, 1, ended_before);
  prune.BindUint64(2, max_rows);
  OMNI_RETURN_IF_ERROR(prune.Execute());
  return static_cast<std::size_t>(database.Changes());
}

}  // namespace omninode::bootstrap
