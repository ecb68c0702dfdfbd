#include "services/bootstrap/store/trust_rows.h"

#include <string>
#include <utility>

#include "common/base/reason.h"
#include "services/bootstrap/store/row_values.h"

namespace omninode::bootstrap {
namespace {

absl::Status ReadHead(sql::Database& database, TrustRecords* records) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement row,
                        database.Prepare("SELECT sequence, published FROM trust WHERE one = 1"));
  OMNI_ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return absl::OkStatus();
  records->sequence = row.Uint64(0);
  OMNI_ASSIGN_OR_RETURN(records->published, DigestAt(row, 1));
  return row.status();
}

absl::Status ReadRevocations(sql::Database& database, TrustRecords* records) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement rows,
      database.Prepare("SELECT authority_key_id, serial, spiffe_id, revoked_at, expires_at, "
                       "reason_text, actor FROM revocations"));
  while (true) {
    OMNI_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return absl::OkStatus();
    OMNI_ASSIGN_OR_RETURN(identity::SpiffeId id, SpiffeIdAt(rows, 2));
    CertificateRevocation revocation{
        .certificate = {std::string(rows.Text(0)), std::string(rows.Text(1))},
        .id = std::move(id),
        .revoked_at = TimeAt(rows, 3),
        .expires_at = TimeAt(rows, 4),
        .reason_text = std::string(rows.Text(5)),
        .actor = std::string(rows.Text(6))};
    OMNI_RETURN_IF_ERROR(rows.status());
    records->revocations.emplace(KeyOf(revocation.certificate), std::move(revocation));
  }
}

absl::Status ReadBans(sql::Database& database, TrustRecords* records) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement rows,
      database.Prepare("SELECT spiffe_id, banned_at, lifted_at, reason_text, actor FROM bans"));
  while (true) {
    OMNI_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return absl::OkStatus();
    OMNI_ASSIGN_OR_RETURN(const identity::SpiffeId id, SpiffeIdAt(rows, 0));
    IdentityBan ban{.id = id,
                    .banned_at = TimeAt(rows, 1),
                    .lifted_at = std::nullopt,
                    .reason_text = std::string(rows.Text(3)),
                    .actor = std::string(rows.Text(4))};
    if (!rows.IsNull(2)) ban.lifted_at = TimeAt(rows, 2);
    OMNI_RETURN_IF_ERROR(rows.status());
    records->bans.emplace(id, std::move(ban));
  }
}

// The fence is in the statement: a second writer of the same sequence changes no row.
absl::Status WriteHead(sql::Database& database, const TrustChange& change) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement write,
      database.Prepare(change.sequence == 1
                           ? "INSERT OR IGNORE INTO trust (one, sequence, published) "
                             "VALUES (1, ?1, ?2)"
                           : "UPDATE trust SET sequence = ?1, published = ?2 "
                             "WHERE one = 1 AND sequence = ?1 - 1"));
  write.BindUint64(1, change.sequence);
  write.BindBlob(2, crypto::DigestBytes(change.published));
  OMNI_RETURN_IF_ERROR(write.Execute());
  if (database.Changes() == 1) return absl::OkStatus();
  return Reject(Reason::kStoreUnavailable, "somebody else changed the trust");
}

absl::Status WriteRevocation(sql::Database& database, const CertificateRevocation& revocation) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement write,
      database.Prepare("INSERT OR REPLACE INTO revocations (authority_key_id, serial, spiffe_id, "
                       "revoked_at, expires_at, reason_text, actor) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  write.BindText(1, revocation.certificate.authority_key_id);
  write.BindText(2, revocation.certificate.serial);
  write.BindText(3, revocation.id.ToString());
  BindTime(write, 4, revocation.revoked_at);
  BindTime(write, 5, revocation.expires_at);
  write.BindText(6, revocation.reason_text);
  write.BindText(7, revocation.actor);
  return write.Execute();
}

absl::Status WriteBan(sql::Database& database, const IdentityBan& ban) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement write,
      database.Prepare("INSERT OR REPLACE INTO bans (spiffe_id, banned_at, lifted_at, "
                       "reason_text, actor) VALUES (?1, ?2, ?3, ?4, ?5)"));
  write.BindText(1, ban.id.ToString());
  BindTime(write, 2, ban.banned_at);
  if (ban.lifted_at.has_value()) {
    BindTime(write, 3, *ban.lifted_at);
  } else {
    write.BindNull(3);
  }
  write.BindText(4, ban.reason_text);
  write.BindText(5, ban.actor);
  return write.Execute();
}

absl::Status ForgetRevocation(sql::Database& database,
                              const identity::RevokedCertificate& certificate) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement remove,
      database.Prepare("DELETE FROM revocations WHERE authority_key_id = ?1 AND serial = ?2"));
  remove.BindText(1, certificate.authority_key_id);
  remove.BindText(2, certificate.serial);
  return remove.Execute();
}

absl::Status ForgetBan(sql::Database& database, const identity::SpiffeId& id) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement remove,
                        database.Prepare("DELETE FROM bans WHERE spiffe_id = ?1"));
  remove.BindText(1, id.ToString());
  return remove.Execute();
}

}  // namespace

absl::StatusOr<TrustRecords> ReadTrust(sql::Database& database) {
  TrustRecords records;
  OMNI_RETURN_IF_ERROR(ReadHead(database, &records));
  OMNI_RETURN_IF_ERROR(ReadRevocations(database, &records));
  OMNI_RETURN_IF_ERROR(ReadBans(database, &records));
  return records;
}

absl::Status WriteTrust(sql::Database& database, const TrustChange& change) {
  OMNI_RETURN_IF_ERROR(WriteHead(database, change));
  for (const auto& revocation : change.revoke) {
    OMNI_RETURN_IF_ERROR(WriteRevocation(database, revocation));
  }
  for (const auto& ban : change.put_bans) OMNI_RETURN_IF_ERROR(WriteBan(database, ban));
  for (const auto& certificate : change.forget_revocations) {
    OMNI_RETURN_IF_ERROR(ForgetRevocation(database, certificate));
  }
  for (const auto& id : change.forget_bans) OMNI_RETURN_IF_ERROR(ForgetBan(database, id));
  return absl::OkStatus();
}

absl::Status CheckNotRevoked(sql::Database& database,
                             const identity::RevokedCertificate& certificate) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement find,
      database.Prepare("SELECT 1 FROM revocations WHERE authority_key_id = ?1 AND serial = ?2"));
  find.BindText(1, certificate.authority_key_id);
  find.BindText(2, certificate.serial);
  OMNI_ASSIGN_OR_RETURN(const bool found, find.Step());
  if (!found) return absl::OkStatus();
  return Reject(Reason::kCertRevoked, "the certificate was revoked");
}

absl::Status CheckNotBanned(sql::Database& database, const identity::SpiffeId& id,
                            absl::Time not_before) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement find,
      database.Prepare("SELECT banned_at, lifted_at IS NOT NULL FROM bans WHERE spiffe_id = ?1"));
  find.BindText(1, id.ToString());
  OMNI_ASSIGN_OR_RETURN(const bool found, find.Step());
  if (!found) return absl::OkStatus();
  const identity::Ban ban{id, TimeAt(find, 0), find.Int64(1) != 0};
  OMNI_RETURN_IF_ERROR(find.status());
  OMNI_ASSIGN_OR_RETURN(const auto revocations, identity::Revocations::Create({}, {ban}));
  if (!revocations.IsBanned(id, not_before)) return absl::OkStatus();
  return Reject(Reason::kIdentityBanned, "the identity was banned");
}

}  // namespace omninode::bootstrap
