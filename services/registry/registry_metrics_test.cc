#include "services/registry/registry_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/registry/topology/testing/commands.h"

namespace omninode::registry {
namespace {

using testing::Creation;
using testing::Expiry;
using testing::Goodbye;
using ::testing::HasSubstr;
using testing::Registration;

TEST(CommitMetricsTest, CountsWhatWasCommittedByKindAndReason) {
  telemetry::Metrics metrics;
  ASSERT_TRUE(metrics.Declare(CommitMetrics::Definitions()).ok());
  CommitMetrics commits(metrics);
  testing::Harness harness;
  const auto run = [&](std::vector<Command> commands) {
    const Plan plan = harness.Run(std::move(commands));
    commits.Record({plan.outcomes.size(), absl::Milliseconds(2), plan.records});
  };
  run({Creation("tenant-a")});
  run({Registration({.id = "a"}), Registration({.id = "b"})});
  run({Registration({.id = "a", .sequence = 2, .capability = "2"})});
  run({Registration({.id = "a", .sequence = 3, .capability = "2"})});
  run({Goodbye({.id = "a", .sequence = 4})});
  run({Expiry({.id = "b"}, LeaseHandle(1, 1))});

  const std::string text = metrics.Render();
  for (const char* sample : {R"({change="added"} 2)", R"({change="updated"} 1)",
                             R"({change="renewed"} 1)", R"({change="graceful_shutdown"} 1)",
                             R"({change="lease_expired"} 1)", R"({change="identity_revoked"} 0)"}) {
    EXPECT_THAT(text, HasSubstr(std::string("omninode_registry_changes_total") + sample));
  }
  EXPECT_THAT(text, HasSubstr("omninode_registry_commit_seconds_count 6"));
  EXPECT_THAT(text, HasSubstr("omninode_registry_group_commands_sum 7"));
}

}  // namespace
}  // namespace omninode::registry
