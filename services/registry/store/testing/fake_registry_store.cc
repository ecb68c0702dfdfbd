#include "services/registry/store/testing/fake_registry_store.h"

#include <utility>

#include "common/base/check.h"

namespace omninode::registry::testing {
namespace {

std::unique_ptr<SqliteRegistryStore> Open(const std::string& path, sql::ScriptedFaults& faults) {
  auto store = SqliteRegistryStore::Open(
      {.path = path, .database = {.faults = &faults}, .min_free_bytes = 0}, absl::UnixEpoch());
  OMNI_CHECK(store.ok());
  return *std::move(store);
}

}  // namespace

FakeRegistryStore::FakeRegistryStore(std::string path)
    : path_(std::move(path)), store_(Open(path_, faults_)) {}

void FakeRegistryStore::Reopen() {
  OMNI_CHECK(path_ != ":memory:");
  store_.reset();  // the file's lock must be free first
  store_ = Open(path_, faults_);
}

}  // namespace omninode::registry::testing
