#include "services/registry/topology/namespace_state.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/directory/canonical.h"
#include "services/registry/topology/testing/commands.h"

namespace omninode::registry {
namespace {

using testing::Creation;
using testing::Goodbye;
using testing::Harness;
using testing::NodeSpec;
using testing::Registration;

const NamespaceState& Tenant(const Harness& harness) {
  return *harness.state.Find(*NamespaceName::Parse("tenant-a"));
}

directory::SetHash HashOfNodes(const NamespaceState& state) {
  directory::SetHash hash;
  for (const NodePtr& node : state.nodes().TakeSnapshot().Sorted()) {
    hash.Add(directory::CanonicalDigest(*node->view));
  }
  return hash;
}

TEST(NamespaceStateTest, ARecordThatIsNotTheNextOneChangesNothing) {
  Harness harness;
  harness.Run({Creation("tenant-a")});
  const std::vector<Command> commands{Registration({})};
  Plan plan =
      MakePlan(harness.state, commands, {.now = harness.now, .trust = *harness.trust, .term = 1});
  ChangeRecord gap = plan.records[0];
  gap.version = 2;
  EXPECT_EQ(harness.state.Apply(gap).status().code(), absl::StatusCode::kFailedPrecondition);
  ChangeRecord other = plan.records[0];
  other.incarnation = 2;
  EXPECT_FALSE(harness.state.Apply(other).ok());
  EXPECT_EQ(Tenant(harness).nodes().size(), 0u);
  ASSERT_TRUE(harness.state.Apply(plan.records[0]).ok());
  EXPECT_FALSE(harness.state.Apply(plan.records[0]).ok());
}

TEST(NamespaceStateTest, AppliedRecordsTellFollowersBothStates) {
  Harness harness;
  harness.Run({Creation("tenant-a")});
  harness.Run({Registration({.sequence = 1, .capability = "1"})});
  harness.Run({Registration({.sequence = 2, .capability = "2"})});
  harness.Run({Goodbye({.sequence = 3})});
  ASSERT_EQ(harness.applied.size(), 4u);
  const AppliedRecord& added = harness.applied[1];
  EXPECT_EQ(added.previous_version, 0u);
  EXPECT_EQ(added.before[0], nullptr);
  EXPECT_EQ(added.after[0]->view, added.diff.changes[0].node);
  EXPECT_EQ(added.nodes, 1u);
  const AppliedRecord& updated = harness.applied[2];
  EXPECT_EQ(updated.before[0], added.after[0]);
  EXPECT_EQ(updated.diff.changes[0].previous_node_version, 1u);
  const AppliedRecord& removed = harness.applied[3];
  EXPECT_EQ(removed.after[0], nullptr);
  EXPECT_EQ(removed.diff.changes[0].removal_reason, directory::RemovalReason::kGracefulShutdown);
  EXPECT_EQ(removed.nodes, 0u);
  EXPECT_EQ(removed.hash, directory::SetHash());
}

// Records read back from the log have no states before their changes.
TEST(NamespaceStateTest, RecordsWithoutTheStatesBeforeMakeTheSameState) {
  Harness planned;
  TopologyState replayed;
  std::vector<std::vector<Command>> groups;
  groups.push_back({Creation("tenant-a")});
  groups.push_back({Registration({.id = "a"}), Registration({.id = "b"})});
  groups.push_back({Registration({.id = "a", .sequence = 2, .capability = "2"})});
  groups.push_back({Goodbye({.id = "b", .sequence = 3})});
  for (auto& group : groups) {
    for (ChangeRecord record : planned.Run(std::move(group)).records) {
      for (NodeChange& change : record.changes) change.before = nullptr;
      const auto applied = replayed.Apply(record);
      ASSERT_TRUE(applied.ok()) << applied.status();
      const AppliedRecord& original = planned.applied.back();
      EXPECT_EQ(applied->hash, original.hash);
      EXPECT_EQ(applied->before, original.before);
      EXPECT_EQ(applied->diff, original.diff);
    }
  }
  EXPECT_EQ(replayed.Find(*NamespaceName::Parse("tenant-a"))->nodes().size(), 1u);
}

TEST(NamespaceStateTest, AChangeThatDoesNotFitTheNodesChangesNothing) {
  Harness harness;
  harness.Run({Creation("tenant-a")});
  const Plan added = harness.Run({Registration({.id = "a"})});
  const Plan gone = harness.Run({Goodbye({.id = "a", .sequence = 2})});
  ChangeRecord again = gone.records[0];
  again.version = 3;
  EXPECT_EQ(harness.state.Apply(again).status().code(), absl::StatusCode::kFailedPrecondition);
  ChangeRecord twice = added.records[0];
  twice.version = 3;
  ASSERT_TRUE(harness.state.Apply(twice).ok());
  twice.version = 4;
  EXPECT_EQ(harness.state.Apply(twice).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Tenant(harness).position().version, 3u);
}

TEST(NamespaceStateTest, ARecordThatCreatesANamespaceButDoesNotFitLeavesNone) {
  Harness harness;
  const std::vector<Command> commands{Creation("tenant-b")};
  Plan plan =
      MakePlan(harness.state, commands, {.now = harness.now, .trust = *harness.trust, .term = 1});
  plan.records[0].version = 5;
  EXPECT_EQ(harness.state.Apply(plan.records[0]).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(harness.state.Find(*NamespaceName::Parse("tenant-b")), nullptr);
}

TEST(NamespaceStateTest, TombstonesAreBoundedAndTheOldestGoFirst) {
  NamespaceState state(NamespaceInfo{
      *NamespaceName::Parse("tenant-a"), NamespaceLimits::Default(), 1, absl::UnixEpoch(), {}});
  const auto departed = [](std::size_t number) {
    return std::make_shared<const Departed>(
        Departed{.tombstone = {.node = {*NamespaceName::Parse("tenant-a"),
                                        *NodeId::Parse("n" + std::to_string(number))},
                               .node_type = *NodeType::Parse("worker")}});
  };
  for (std::size_t i = 0; i < NamespaceState::kMaxTombstones; ++i) {
    state.RestoreDeparted(departed(i));
  }
  EXPECT_EQ(state.tombstones().size(), NamespaceState::kMaxTombstones);
  EXPECT_NE(state.FindDeparted(*NodeId::Parse("n0")), nullptr);
  state.RestoreDeparted(departed(NamespaceState::kMaxTombstones));
  EXPECT_EQ(state.tombstones().size(), NamespaceState::kMaxTombstones);
  EXPECT_EQ(state.FindDeparted(*NodeId::Parse("n0")), nullptr);
  EXPECT_NE(state.FindDeparted(*NodeId::Parse("n1")), nullptr);
}

TEST(NamespaceStateTest, ReceiptsAreBoundedAndTheOldestGoFirst) {
  NamespaceState state(NamespaceInfo{
      *NamespaceName::Parse("tenant-a"), NamespaceLimits::Default(), 1, absl::UnixEpoch(), {}});
  for (std::size_t i = 0; i <= NamespaceState::kMaxReceipts; ++i) {
    state.RestoreReceipt({{"alice", "r" + std::to_string(i), {}}, absl::UnixEpoch(), {}});
  }
  EXPECT_EQ(state.FindReceipt("alice", "r0"), nullptr);
  EXPECT_NE(state.FindReceipt("alice", "r1"), nullptr);
  EXPECT_EQ(state.FindReceipt("bob", "r1"), nullptr);
}

// A random life of eight nodes: the hash is that of the nodes, versions are dense, and counts
// agree.
RC_GTEST_PROP(NamespaceStateProperty, HashCountsAndVersionsFollowTheNodes,
              (const std::vector<std::pair<std::uint8_t, std::uint8_t>>& steps)) {
  Harness harness;
  harness.Run({Creation("tenant-a")});
  std::uint64_t sequence = 0;
  for (const auto& [choice, number] : steps) {
    NodeSpec spec{.type = number % 2 == 0 ? "even" : "odd",
                  .id = "n" + std::to_string(number % 8),
                  .sequence = ++sequence,
                  .capability = std::to_string(choice % 3)};
    harness.RunOne(choice % 4 == 0 ? Command(Goodbye(spec)) : Command(Registration(spec)));
  }
  const NamespaceState& state = Tenant(harness);
  RC_ASSERT(state.hash() == HashOfNodes(state));
  std::uint64_t version = 0;
  for (const AppliedRecord& applied : harness.applied) {
    RC_ASSERT(applied.previous_version == version);
    if (!applied.diff.changes.empty()) ++version;
    RC_ASSERT(applied.diff.position.version == version);
  }
  RC_ASSERT(state.CountOfType(*NodeType::Parse("even")) +
                state.CountOfType(*NodeType::Parse("odd")) ==
            state.nodes().size());
}

}  // namespace
}  // namespace omninode::registry
