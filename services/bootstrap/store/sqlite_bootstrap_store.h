#ifndef OMNINODE_SERVICES_BOOTSTRAP_STORE_SQLITE_BOOTSTRAP_STORE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_STORE_SQLITE_BOOTSTRAP_STORE_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/functional/function_ref.h>

#include "common/base/mutex.h"
#include "common/sql/database.h"
#include "services/bootstrap/store/bootstrap_store.h"

namespace omninode::bootstrap {

// The store in one SQLite file. Calls of several threads wait for each other.
class SqliteBootstrapStore final : public BootstrapStore {
 public:
  // Opens or creates the file, checks its integrity and brings its schema up to date. Fails as
  // sql::Database::Open (DATA_LOSS: damaged; UNAVAILABLE: another process has it) and sql::Migrate
  // (SCHEMA_VERSION: newer, or of something else).
  static absl::StatusOr<std::unique_ptr<SqliteBootstrapStore>> Open(const std::string& path,
                                                                    absl::Time now,
                                                                    sql::OpenOptions options = {});

  absl::StatusOr<std::optional<NetworkInfo>> LoadNetwork() override;
  absl::Status CreateNetwork(const NetworkInfo& network) override;
  absl::StatusOr<std::vector<Entry>> LoadEntries(
      const identity::TrustDomain& trust_domain) override;
  absl::Status PutEntry(const Entry& entry) override;
  absl::Status DeleteEntry(std::string_view entry_id) override;
  absl::Status AddToken(const JoinToken& token) override;
  absl::StatusOr<std::optional<StoredToken>> FindToken(std::string_view token_id) override;
  absl::Status CommitIssue(const IssueCommit& commit, absl::Time now) override;
  absl::StatusOr<std::optional<IssuedSvid>> FindSvid(std::string_view serial) override;
  absl::StatusOr<std::size_t> Prune(absl::Time now) override;
  absl::StatusOr<TrustRecords> LoadTrust() override;
  absl::Status CommitTrust(const TrustChange& change) override;

 private:
  explicit SqliteBootstrapStore(sql::Database database) : database_(std::move(database)) {}

  // Runs `work` in a transaction that is committed when it returns OK.
  absl::Status Write(absl::FunctionRef<absl::Status(sql::Database&)> work);

  Mutex mutex_;
  sql::Database database_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_STORE_SQLITE_BOOTSTRAP_STORE_H_
