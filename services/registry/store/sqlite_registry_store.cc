#include "services/registry/store/sqlite_registry_store.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/base/status.h"
#include "common/crypto/random.h"
#include "common/sql/migrator.h"
#include "common/sql/transaction.h"
#include "services/registry/store/group_writer.h"
#include "services/registry/store/log_compaction.h"
#include "services/registry/store/row_values.h"
#include "services/registry/store/sqlite_schema.h"

namespace omninode::registry {
namespace {

constexpr std::size_t kSecretBytes = 32;

// The one shard of a SQLite store has the number 0.
constexpr std::string_view kMakeShard =
    "INSERT INTO shards(shard, holder, acquired_at, term, seq, secret) VALUES(0, ?1, ?2, 0, 0, ?3)"
    " ON CONFLICT(shard) DO NOTHING";
constexpr std::string_view kTakeShard =
    "UPDATE shards SET term = term + 1, holder = ?1, acquired_at = ?2 WHERE shard = 0";
constexpr std::string_view kReadShard = "SELECT term, seq, secret FROM shards WHERE shard = 0";
constexpr std::string_view kFence =
    "UPDATE shards SET seq = seq + 1 WHERE shard = 0 AND term = ?1 AND seq = ?2 - 1";

CommitResult Failed(absl::Status status) { return {CommitOutcome::kFailed, std::move(status)}; }

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteRegistryStore>> SqliteRegistryStore::Open(
    const Options& options, absl::Time now) {
  OMNI_ASSIGN_OR_RETURN(sql::Database database,
                        sql::Database::Open(options.path, options.database));
  OMNI_RETURN_IF_ERROR(sql::Migrate(database, SqliteMigrations(), now));
  return std::unique_ptr<SqliteRegistryStore>(
      new SqliteRegistryStore(options, std::move(database)));
}

SqliteRegistryStore::SqliteRegistryStore(Options options, sql::Database database)
    : options_(std::move(options)), database_(std::move(database)) {}

absl::StatusOr<Ownership> SqliteRegistryStore::Acquire(std::string_view holder, absl::Time now) {
  MutexLock lock(mutex_);
  OMNI_ASSIGN_OR_RETURN(sql::Transaction transaction, sql::Transaction::Begin(database_));
  OMNI_RETURN_IF_ERROR(TakeShard(holder, now));
  OMNI_ASSIGN_OR_RETURN(ShardRow shard, ReadShard());
  OMNI_RETURN_IF_ERROR(transaction.Commit());
  return Ownership{.term = shard.term, .seq = shard.seq, .secret = std::move(shard.secret)};
}

absl::Status SqliteRegistryStore::TakeShard(std::string_view holder, absl::Time now) {
  const std::string secret = crypto::RandomBytes(kSecretBytes);
  OMNI_ASSIGN_OR_RETURN(sql::Statement make, database_.Prepare(kMakeShard));
  make.BindText(1, holder);
  BindTime(make, 2, now);
  make.BindBlob(3, secret);
  OMNI_RETURN_IF_ERROR(make.Execute());
  OMNI_ASSIGN_OR_RETURN(sql::Statement take, database_.Prepare(kTakeShard));
  take.BindText(1, holder);
  BindTime(take, 2, now);
  return take.Execute();
}

absl::StatusOr<SqliteRegistryStore::ShardRow> SqliteRegistryStore::ReadShard() {
  OMNI_ASSIGN_OR_RETURN(sql::Statement row, database_.Prepare(kReadShard));
  OMNI_ASSIGN_OR_RETURN(const bool there, row.Step());
  if (!there) {
    return Error(absl::StatusCode::kFailedPrecondition, "nobody has acquired the shard yet");
  }
  ShardRow shard{row.Uint64(0), row.Uint64(1), std::string(row.Blob(2))};
  OMNI_RETURN_IF_ERROR(row.status());
  return shard;
}

absl::StatusOr<TopologyState> SqliteRegistryStore::Load() {
  MutexLock lock(mutex_);
  return ReadState(database_, options_.retention);
}

absl::StatusOr<std::vector<LoggedVersion>> SqliteRegistryStore::ReadLog(std::size_t max_versions) {
  MutexLock lock(mutex_);
  return ReadVersions(database_, max_versions, options_.max_log_bytes);
}

CommitResult SqliteRegistryStore::Fence(std::uint64_t term, std::uint64_t seq) {
  auto fence = database_.Prepare(kFence);
  if (!fence.ok()) return Failed(fence.status());
  fence->BindUint64(1, term);
  fence->BindUint64(2, seq);
  if (absl::Status status = fence->Execute(); !status.ok()) return Failed(std::move(status));
  if (database_.Changes() == 1) return {};
  const auto shard = ReadShard();
  if (!shard.ok()) return Failed(shard.status());
  if (shard->term != term) {
    return {CommitOutcome::kFenced, Error(absl::StatusCode::kFailedPrecondition,
                                          "term {} has ended, {} is current", term, shard->term)};
  }
  return Failed(Error(absl::StatusCode::kFailedPrecondition, "group {} does not follow group {}",
                      seq, shard->seq));
}

CommitResult SqliteRegistryStore::Commit(std::uint64_t term, std::uint64_t seq,
                                         std::span<const ChangeRecord> records) {
  MutexLock lock(mutex_);
  auto transaction = sql::Transaction::Begin(database_);
  if (!transaction.ok()) return Failed(transaction.status());
  if (CommitResult fenced = Fence(term, seq); fenced.outcome != CommitOutcome::kCommitted) {
    return fenced;
  }
  GroupWriter writer(database_, {seq, term});
  for (const ChangeRecord& record : records) {
    if (absl::Status status = writer.Write(record); !status.ok()) {
      return Failed(Annotate(status, fmt::format("namespace {}", record.ns.value())));
    }
  }
  absl::Status status = transaction->Commit();
  if (status.ok()) return {};
  const bool unknown = sql::IsOutcomeUnknown(status);
  return {unknown ? CommitOutcome::kUnknown : CommitOutcome::kFailed, std::move(status)};
}

absl::StatusOr<std::uint64_t> SqliteRegistryStore::Head() {
  MutexLock lock(mutex_);
  OMNI_ASSIGN_OR_RETURN(const ShardRow shard, ReadShard());
  return shard.seq;
}

absl::StatusOr<std::size_t> SqliteRegistryStore::Compact(std::uint64_t seq,
                                                         std::size_t max_groups) {
  MutexLock lock(mutex_);
  OMNI_ASSIGN_OR_RETURN(sql::Transaction transaction, sql::Transaction::Begin(database_));
  OMNI_ASSIGN_OR_RETURN(const ShardRow shard, ReadShard());
  OMNI_ASSIGN_OR_RETURN(const std::size_t dropped, CompactLog(database_, std::min(seq, shard.seq),
                                                              max_groups, options_.retention));
  OMNI_RETURN_IF_ERROR(transaction.Commit());
  return dropped;
}

absl::Status SqliteRegistryStore::Check() {
  OMNI_RETURN_IF_ERROR(CheckFreeSpace());
  MutexLock lock(mutex_);
  // Takes the write lock and gives it back.
  return sql::Transaction::Begin(database_).status();
}

absl::Status SqliteRegistryStore::CheckFreeSpace() const {
  if (options_.path == ":memory:") return absl::OkStatus();
  std::error_code error;
  const auto space = std::filesystem::space(options_.path, error);
  if (error) {
    return Error(absl::StatusCode::kUnavailable, "{}: {}", options_.path, error.message());
  }
  if (space.available >= options_.min_free_bytes) return absl::OkStatus();
  return Error(absl::StatusCode::kResourceExhausted, "{}: {} bytes are free, {} are needed",
               options_.path, space.available, options_.min_free_bytes);
}

}  // namespace omninode::registry
