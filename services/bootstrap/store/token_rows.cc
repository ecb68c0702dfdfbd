#include "services/bootstrap/store/token_rows.h"

#include <string>
#include <utility>

#include "common/base/reason.h"
#include "services/bootstrap/store/row_values.h"

namespace omninode::bootstrap {
namespace {

absl::Status CheckRoom(sql::Database& database, std::size_t max_tokens) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement count, database.Prepare("SELECT count(*) FROM join_tokens"));
  OMNI_RETURN_IF_ERROR(count.Step().status());
  if (count.Uint64(0) < max_tokens) return count.status();
  return Reject(Reason::kLoadShed,
                "there are {} join tokens; they are forgotten a day after they "
                "expire",
                max_tokens);
}

absl::StatusOr<std::optional<TokenUse>> ReadUse(sql::Statement& row) {
  if (row.IsNull(4)) return std::optional<TokenUse>();
  OMNI_ASSIGN_OR_RETURN(const crypto::Sha256Digest key, DigestAt(row, 5));
  return std::optional<TokenUse>(TokenUse{
      .key_fingerprint = key, .used_at = TimeAt(row, 4), .serial = std::string(row.Text(6))});
}

}  // namespace

absl::Status WriteToken(sql::Database& database, const JoinToken& token, std::size_t max_tokens) {
  OMNI_RETURN_IF_ERROR(CheckRoom(database, max_tokens));
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement write,
      database.Prepare("INSERT INTO join_tokens (token_id, public_key, spiffe_id, expires_at, "
                       "created_by) VALUES (?1, ?2, ?3, ?4, ?5)"));
  write.BindText(1, token.id);
  write.BindBlob(2, token.public_key.spki_der());
  write.BindText(3, token.spiffe_id.ToString());
  BindTime(write, 4, token.expires_at);
  write.BindText(5, token.created_by);
  return write.Execute();
}

absl::StatusOr<std::optional<StoredToken>> ReadToken(sql::Database& database,
                                                     std::string_view token_id) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement row,
      database.Prepare("SELECT public_key, spiffe_id, expires_at, created_by, used_at, used_key, "
                       "used_serial FROM join_tokens WHERE token_id = ?1"));
  row.BindText(1, token_id);
  OMNI_ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return std::optional<StoredToken>();
  auto key = crypto::PublicKey::FromSpki(row.Blob(0));
  if (!key.ok()) return DamagedRow("join token", Message(key.status()));
  OMNI_ASSIGN_OR_RETURN(identity::SpiffeId id, SpiffeIdAt(row, 1));
  OMNI_ASSIGN_OR_RETURN(std::optional<TokenUse> use, ReadUse(row));
  JoinToken token{.id = std::string(token_id),
                  .public_key = *std::move(key),
                  .spiffe_id = std::move(id),
                  .expires_at = TimeAt(row, 2),
                  .created_by = std::string(row.Text(3))};
  OMNI_RETURN_IF_ERROR(row.status());
  return std::optional<StoredToken>(StoredToken{std::move(token), std::move(use)});
}

absl::Status ConsumeToken(sql::Database& database, std::string_view token_id, const TokenUse& use) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement consume,
      database.Prepare("UPDATE join_tokens SET used_at = ?2, used_key = ?3, used_serial = ?4 "
                       "WHERE token_id = ?1 AND used_at IS NULL AND expires_at > ?2"));
  consume.BindText(1, token_id);
  BindTime(consume, 2, use.used_at);
  consume.BindBlob(3, crypto::DigestBytes(use.key_fingerprint));
  consume.BindText(4, use.serial);
  OMNI_RETURN_IF_ERROR(consume.Execute());
  if (database.Changes() == 1) return absl::OkStatus();
  return Reject(Reason::kTokenUsed, "the join token was used; a new one is needed");
}

absl::StatusOr<std::size_t> PruneTokens(sql::Database& database, absl::Time expired_before,
                                        std::size_t max_rows) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement prune,
      database.Prepare("DELETE FROM join_tokens WHERE token_id IN (SELECT token_id FROM "
                       "join_tokens WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)"));
  BindTime(prune, 1, expired_before);
  prune.BindUint64(2, max_rows);
  OMNI_RETURN_IF_ERROR(prune.Execute());
  return static_cast<std::size_t>(database.Changes());
}

}  // namespace omninode::bootstrap
