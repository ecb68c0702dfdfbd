#ifndef OMNINODE_SERVICES_REGISTRY_STORE_TESTING_FAKE_REGISTRY_STORE_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_TESTING_FAKE_REGISTRY_STORE_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/sql/scripted_faults.h"
#include "services/registry/store/sqlite_registry_store.h"

namespace omninode::registry::testing {

// A store for the tests of others: the real SQLite store, in memory unless told otherwise, whose
// transactions fail where a test says so. Thread-safe as the real one. Stops the test program when
// the database cannot be opened.
//
//   store.faults().Fail(sql::FaultPoint::kBegin, sql::Fault::kBusy)        nothing happened
//   store.faults().Fail(sql::FaultPoint::kCommit, sql::Fault::kDiskFull)   nothing was written
//   store.faults().Fail(sql::FaultPoint::kCommit, sql::Fault::kIoError)    unknown; it was not
//   store.faults().Fail(sql::FaultPoint::kCommitted, sql::Fault::kIoError) unknown; it was
class FakeRegistryStore final : public RegistryStore {
 public:
  explicit FakeRegistryStore(std::string path = ":memory:");

  sql::ScriptedFaults& faults() { return faults_; }
  // As after a crash: what was committed is there, what was not is gone. REQUIRES: in a file.
  void Reopen();

  absl::StatusOr<Ownership> Acquire(std::string_view holder, absl::Time now) override {
    return store_->Acquire(holder, now);
  }
  absl::StatusOr<TopologyState> Load() override { return store_->Load(); }
  absl::StatusOr<std::vector<LoggedVersion>> ReadLog(std::size_t max_versions) override {
    return store_->ReadLog(max_versions);
  }
  CommitResult Commit(std::uint64_t term, std::uint64_t seq,
                      std::span<const ChangeRecord> records) override {
    return store_->Commit(term, seq, records);
  }
  absl::StatusOr<std::uint64_t> Head() override { return store_->Head(); }
  absl::StatusOr<std::size_t> Compact(std::uint64_t seq, std::size_t max_groups) override {
    return store_->Compact(seq, max_groups);
  }
  absl::Status Check() override { return store_->Check(); }

 private:
  const std::string path_;
  sql::ScriptedFaults faults_;
  std::unique_ptr<SqliteRegistryStore> store_;
};

}  // namespace omninode::registry::testing

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_TESTING_FAKE_REGISTRY_STORE_H_
