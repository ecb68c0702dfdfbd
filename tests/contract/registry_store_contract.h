#ifndef OMNINODE_TESTS_CONTRACT_REGISTRY_STORE_CONTRACT_H_
#define OMNINODE_TESTS_CONTRACT_REGISTRY_STORE_CONTRACT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/registry/store/registry_store.h"
#include "services/registry/store/testing/storable_commands.h"

// What every RegistryStore promises, as tests that run on each implementation. A new one adds
// itself with INSTANTIATE_TEST_SUITE_P.
namespace omninode::registry::testing {

// One store, and how to make it fail.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual RegistryStore& store() = 0;
  // As after a crash and restart of this process.
  virtual void Reopen() = 0;
  // Called before every commit of the suite: the place for faults.
  virtual void BeforeCommit() {}
};

struct StoreKind {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>()> make;
};
inline void PrintTo(const StoreKind& kind, std::ostream* out) { *out << kind.name; }

// What a sequencer does with a store: plan, commit until it is clear that it is done, apply.
class StoreDriver final {
 public:
  explicit StoreDriver(StoreUnderTest& subject) : subject_(subject) {}

  RegistryStore& store() { return subject_.store(); }
  void Acquire();
  // The group's plan, applied; its time is a second after the last one.
  Plan Run(std::vector<Command> commands);
  Plan RunOne(Command command);
  // Restart: a new ownership; the state is what the store has.
  void Restart();

  TopologyState state;
  Ownership ownership;
  absl::Time now = absl::FromUnixSeconds(1'800'000'000) + absl::Nanoseconds(7);
  std::vector<LoggedVersion> versions;  // what the log must tell, oldest first

 private:
  void CommitUntilClear(const std::vector<ChangeRecord>& records);
  void Apply(const ChangeRecord& record);

  StoreUnderTest& subject_;
};

class RegistryStoreContract : public ::testing::TestWithParam<StoreKind> {
 protected:
  RegistryStoreContract() : subject_(GetParam().make()), driver_(*subject_) {}

  void ExpectStoreHasWhatTheDriverHas();
  // A history with everything that can happen to nodes.
  void LiveThroughEverything(const std::function<void()>& after_each_group);

  const std::unique_ptr<StoreUnderTest> subject_;
  StoreDriver driver_;
};

}  // namespace omninode::registry::testing

#endif  // OMNINODE_TESTS_CONTRACT_REGISTRY_STORE_CONTRACT_H_
