#include "services/bootstrap/store/sqlite_bootstrap_store.h"

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/sql/migrator.h"
#include "common/sql/transaction.h"
#include "services/bootstrap/issuance/key_use.h"
#include "services/bootstrap/store/entry_rows.h"
#include "services/bootstrap/store/row_values.h"
#include "services/bootstrap/store/schema.h"
#include "services/bootstrap/store/svid_rows.h"
#include "services/bootstrap/store/token_rows.h"
#include "services/bootstrap/store/trust_rows.h"

namespace omninode::bootstrap {
namespace {

// What the database's own errors mean for those who ask the service.
absl::Status AsStoreError(const absl::Status& status) {
  if (status.ok() || ReasonOf(status).has_value() || absl::IsDataLoss(status)) return status;
  return Reject(Reason::kStoreUnavailable, "{}", Message(status));
}
template <typename T>
absl::StatusOr<T> AsStoreError(absl::StatusOr<T> result) {
  if (result.ok()) return result;
  return AsStoreError(result.status());
}

absl::StatusOr<std::optional<NetworkInfo>> ReadNetwork(sql::Database& database) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement row,
      database.Prepare("SELECT network_id, trust_domain, created_at FROM network WHERE one = 1"));
  OMNI_ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return std::optional<NetworkInfo>();
  auto network_id = NetworkId::Parse(row.Text(0));
  auto trust_domain = identity::TrustDomain::Parse(row.Text(1));
  if (!network_id.ok() || !trust_domain.ok()) return DamagedRow("network", "its name is none");
  NetworkInfo network{*std::move(network_id), *std::move(trust_domain), TimeAt(row, 2)};
  OMNI_RETURN_IF_ERROR(row.status());
  return std::optional<NetworkInfo>(std::move(network));
}

absl::Status WriteNetwork(sql::Database& database, const NetworkInfo& network) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement write,
      database.Prepare("INSERT OR IGNORE INTO network (one, network_id, trust_domain, created_at) "
                       "VALUES (1, ?1, ?2, ?3)"));
  write.BindText(1, network.network_id.value());
  write.BindText(2, network.trust_domain.name());
  BindTime(write, 3, network.created_at);
  return write.Execute();
}

absl::Status WriteIssue(sql::Database& database, const IssueCommit& commit, absl::Time now) {
  const IssueRecord& record = commit.svid.record;
  if (commit.token_id.has_value()) {
    OMNI_RETURN_IF_ERROR(ConsumeToken(
        database, *commit.token_id,
        {.key_fingerprint = record.key_fingerprint, .used_at = now, .serial = record.serial}));
  }
  if (commit.entry_id.has_value()) {
    OMNI_RETURN_IF_ERROR(CheckEntryExists(database, *commit.entry_id));
  }
  if (commit.renewed_by.has_value()) {
    OMNI_RETURN_IF_ERROR(CheckNotRevoked(database, *commit.renewed_by));
  }
  OMNI_RETURN_IF_ERROR(CheckNotBanned(database, record.id, record.not_before));
  OMNI_ASSIGN_OR_RETURN(const std::vector<KeyHolder> holders,
                        ReadKeyHolders(database, record.key_fingerprint, now));
  OMNI_RETURN_IF_ERROR(CheckKeyUse(record.id, holders, now));
  return WriteSvid(database, commit.svid);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteBootstrapStore>> SqliteBootstrapStore::Open(
    const std::string& path, absl::Time now, sql::OpenOptions options) {
  options.check_integrity = true;
  OMNI_ASSIGN_OR_RETURN(sql::Database database, sql::Database::Open(path, options));
  OMNI_RETURN_IF_ERROR(sql::Migrate(database, Migrations(), now));
  return std::unique_ptr<SqliteBootstrapStore>(new SqliteBootstrapStore(std::move(database)));
}

absl::Status SqliteBootstrapStore::Write(absl::FunctionRef<absl::Status(sql::Database&)> work) {
  MutexLock lock(mutex_);
  auto transaction = sql::Transaction::Begin(database_);
  if (!transaction.ok()) return AsStoreError(transaction.status());
  if (const absl::Status status = work(database_); !status.ok()) return AsStoreError(status);
  return AsStoreError(transaction->Commit());
}

absl::StatusOr<std::optional<NetworkInfo>> SqliteBootstrapStore::LoadNetwork() {
  MutexLock lock(mutex_);
  return AsStoreError(ReadNetwork(database_));
}

absl::Status SqliteBootstrapStore::CreateNetwork(const NetworkInfo& network) {
  bool created = false;
  OMNI_RETURN_IF_ERROR(Write([&](sql::Database& database) {
    OMNI_RETURN_IF_ERROR(WriteNetwork(database, network));
    created = database.Changes() == 1;
    return absl::OkStatus();
  }));
  if (created) return absl::OkStatus();
  return Error(absl::StatusCode::kAlreadyExists, "the database has a network already");
}

absl::StatusOr<std::vector<Entry>> SqliteBootstrapStore::LoadEntries(
    const identity::TrustDomain& trust_domain) {
  MutexLock lock(mutex_);
  return AsStoreError(ReadEntries(database_, trust_domain));
}

absl::Status SqliteBootstrapStore::PutEntry(const Entry& entry) {
  return Write([&](sql::Database& database) { return WriteEntry(database, entry); });
}

absl::Status SqliteBootstrapStore::DeleteEntry(std::string_view entry_id) {
  return Write([&](sql::Database& database) { return RemoveEntry(database, entry_id); });
}

absl::Status SqliteBootstrapStore::AddToken(const JoinToken& token) {
  return Write([&](sql::Database& database) { return WriteToken(database, token, kMaxTokens); });
}

absl::StatusOr<std::optional<StoredToken>> SqliteBootstrapStore::FindToken(
    std::string_view token_id) {
  MutexLock lock(mutex_);
  return AsStoreError(ReadToken(database_, token_id));
}

absl::Status SqliteBootstrapStore::CommitIssue(const IssueCommit& commit, absl::Time now) {
  return Write([&](sql::Database& database) { return WriteIssue(database, commit, now); });
}

absl::StatusOr<std::optional<IssuedSvid>> SqliteBootstrapStore::FindSvid(std::string_view serial) {
  MutexLock lock(mutex_);
  return AsStoreError(ReadSvid(database_, serial));
}

absl::StatusOr<std::size_t> SqliteBootstrapStore::Prune(absl::Time now) {
  std::size_t rows = 0;
  const absl::Status status = Write([&](sql::Database& database) {
    OMNI_ASSIGN_OR_RETURN(const std::size_t svids,
                          PruneSvids(database, now - kKeepSvids, kMaxPrunedRows));
    OMNI_ASSIGN_OR_RETURN(const std::size_t tokens,
                          PruneTokens(database, now - kKeepTokens, kMaxPrunedRows));
    rows = svids + tokens;
    return absl::OkStatus();
  });
  OMNI_RETURN_IF_ERROR(status);
  return rows;
}

absl::StatusOr<TrustRecords> SqliteBootstrapStore::LoadTrust() {
  MutexLock lock(mutex_);
  return AsStoreError(ReadTrust(database_));
}

absl::Status SqliteBootstrapStore::CommitTrust(const TrustChange& change) {
  return Write([&](sql::Database& database) { return WriteTrust(database, change); });
}

}  // namespace omninode::bootstrap
