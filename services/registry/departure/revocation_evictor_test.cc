#include "services/registry/departure/revocation_evictor.h"

#include <gtest/gtest.h>

#include "common/base/mutex.h"
#include "common/identity/static_source.h"
#include "services/registry/topology/testing/commands.h"

namespace omninode::registry {
namespace {

using testing::Creation;
using testing::NodeSpec;
using testing::Registration;

// Applies what it is asked for, at once.
class ApplyingSink final : public CommandSink {
 public:
  explicit ApplyingSink(testing::Harness& harness, TopologyTable& table)
      : harness_(harness), table_(table) {}

  void Submit(std::vector<Submission> batch, Urgency) override {
    for (Submission& submission : batch) {
      const Plan plan = harness_.Run({std::move(submission.command)});
      for (const ChangeRecord& record : plan.records) EXPECT_TRUE(table_.Apply(record).ok());
      std::move(submission.done)(std::get<Answer>(plan.outcomes.front()));
      MutexLock lock(mutex_);
      ++removed_;
      changed_.NotifyAll();
    }
  }
  // At most a minute.
  int WaitForRemovals(int count) {
    MutexLock lock(mutex_);
    while (removed_ < count) {
      if (!changed_.WaitFor(mutex_, absl::Minutes(1))) break;
    }
    return removed_;
  }

 private:
  testing::Harness& harness_;
  TopologyTable& table_;
  Mutex mutex_;
  CondVar changed_;
  int removed_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST(RevocationEvictorTest, ActsAtOnceWhenTrustChanges) {
  testing::Harness harness;
  TopologyTable table{TopologyState()};
  const NodeSpec spec;
  for (Command command : {Command(Creation("tenant-a")), Command(Registration(spec))}) {
    for (const ChangeRecord& record : harness.Run({command}).records) {
      ASSERT_TRUE(table.Apply(record).ok());
    }
  }
  ApplyingSink sink(harness, table);
  identity::StaticTrustSource trust(harness.trust);
  RevocationEvictor evictor(trust, table, sink, "spiffe://example.org/service/registry/registry-1");
  auto banned = std::make_shared<identity::TrustState>(*harness.trust);
  banned->revocations = *identity::Revocations::Create(
      {}, {{*identity::SpiffeId::Parse(SpiffeIdOf(spec)), harness.now, false}});
  harness.trust = banned;  // of the planner, before anybody asks it
  trust.Set(banned);
  EXPECT_EQ(sink.WaitForRemovals(1), 1);
  EXPECT_FALSE(
      table.FindNode({*NamespaceName::Parse("tenant-a"), *NodeId::Parse("worker-1")}).ok());
}

}  // namespace
}  // namespace omninode::registry
