#ifndef OMNINODE_SERVICES_REGISTRY_STORE_SQLITE_REGISTRY_STORE_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_SQLITE_REGISTRY_STORE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "common/sql/database.h"
#include "services/registry/store/registry_store.h"
#include "services/registry/store/state_reader.h"

namespace omninode::registry {

// The registry in one SQLite file: exactly one shard, one instance, kept alone by the file's lock.
// A commit that was answered survives the loss of power.
//
// Thread-safe, for the sake of Check; the rest has one caller (see RegistryStore). Every group is
// one transaction whose first statement counts the group and checks the term.
class SqliteRegistryStore final : public RegistryStore {
 public:
  struct Options {
    std::string path;  // ":memory:" ends with this object, for tests
    sql::OpenOptions database;
    Retention retention;
    // Check fails below: a full disk is better announced than met.
    std::uint64_t min_free_bytes = 16 << 20;
    std::size_t max_log_bytes = kMaxLogBytes;  // of ReadLog
  };

  // Makes or upgrades the tables. Errors as sql::Database::Open; SCHEMA_VERSION when the file was
  // written by a newer program.
  static absl::StatusOr<std::unique_ptr<SqliteRegistryStore>> Open(const Options& options,
                                                                   absl::Time now);

  // May be called again after an error; each success fences the one before.
  absl::StatusOr<Ownership> Acquire(std::string_view holder, absl::Time now) override;
  absl::StatusOr<TopologyState> Load() override;
  absl::StatusOr<std::vector<LoggedVersion>> ReadLog(std::size_t max_versions) override;
  CommitResult Commit(std::uint64_t term, std::uint64_t seq,
                      std::span<const ChangeRecord> records) override;
  absl::StatusOr<std::uint64_t> Head() override;
  absl::StatusOr<std::size_t> Compact(std::uint64_t seq, std::size_t max_groups) override;
  absl::Status Check() override;

 private:
  struct ShardRow {
    std::uint64_t term = 0;
    std::uint64_t seq = 0;
    std::string secret;
  };

  SqliteRegistryStore(Options options, sql::Database database);

  absl::Status TakeShard(std::string_view holder, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<ShardRow> ReadShard() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Counts the group. kFenced or kFailed when it is not the turn of (term, seq).
  CommitResult Fence(std::uint64_t term, std::uint64_t seq) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckFreeSpace() const;

  const Options options_;
  Mutex mutex_;
  sql::Database database_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_SQLITE_REGISTRY_STORE_H_
