#include "common/node/mirror_tracker.h"

#include <gtest/gtest.h>

#include "common/directory/test_nodes.h"

namespace omninode::node {
namespace {

using directory::ChangedField;
using directory::NodeViewPtr;
using directory::Position;
using directory::testing::Added;
using directory::testing::Diff;
using directory::testing::HashOf;
using directory::testing::Node;
using directory::testing::Removed;

const NamespaceName kNs = directory::testing::Ns("tenant-a");

TopologyEvent Chunk(std::vector<NodeViewPtr> nodes) {
  SnapshotChunk chunk;
  for (auto& node : nodes) chunk.nodes.push_back({std::move(node), std::nullopt, std::nullopt});
  return {0, std::move(chunk)};
}
TopologyEvent End(Position position, std::optional<directory::SetHash> hash = std::nullopt) {
  return {0, SnapshotEnd{position, hash}};
}
TopologyEvent Step(std::uint64_t previous, directory::TopologyDiff diff) {
  const std::size_t changes = diff.changes.size();
  TopologyStep step{.diff = std::move(diff)};
  step.evidence.resize(changes);
  return {previous, std::move(step)};
}
TopologyEvent Mark(std::uint64_t previous, Position position,
                   std::optional<directory::SetHash> hash = std::nullopt) {
  return {previous, Bookmark{position, hash, absl::ZeroDuration()}};
}

class MirrorTrackerTest : public testing::Test {
 protected:
  void Sync() {
    tracker.StreamOpened();
    ASSERT_TRUE(tracker.Apply(Chunk({a})).ok());
    ASSERT_TRUE(tracker.Apply(End({1, 5}, HashOf(std::vector{a}))).ok());
  }
  const NodeViewPtr a = Node("a", 3);
  const NodeViewPtr b = Node("b", 6);
  MirrorTracker tracker = MirrorTracker::Create({.ns = kNs}).value();
};

TEST_F(MirrorTrackerTest, FollowsASnapshotAndItsChanges) {
  EXPECT_EQ(tracker.resume(), std::nullopt);
  Sync();
  EXPECT_EQ(tracker.resume(), Position(1, 5));
  EXPECT_TRUE(tracker.Apply(Step(5, Diff(6, {Added(b)}))).ok());
  EXPECT_TRUE(tracker.Apply(Mark(6, {1, 9}, HashOf(std::vector{a, b}))).ok());
  EXPECT_TRUE(tracker.Apply(Step(9, Diff(10, {Removed(*a)}))).ok());
  EXPECT_EQ(tracker.position(), Position(1, 10));
  EXPECT_EQ(tracker.nodes().size(), 1u);
  EXPECT_EQ(tracker.stats(), (MirrorStats{.streams = 1,
                                          .messages = 5,
                                          .snapshots = 1,
                                          .diffs = 2,
                                          .changes = 2,
                                          .bookmarks = 1,
                                          .hashes_checked = 2}));
}

TEST_F(MirrorTrackerTest, CountsAGapAndResumesFromItsPosition) {
  Sync();
  EXPECT_TRUE(absl::IsOutOfRange(tracker.Apply(Step(7, Diff(8, {})))));
  EXPECT_EQ(tracker.stats().gaps, 1u);
  EXPECT_EQ(tracker.stats().violations(), 1u);
  EXPECT_EQ(tracker.resume(), Position(1, 5));
}

TEST_F(MirrorTrackerTest, CountsADuplicate) {
  Sync();
  ASSERT_TRUE(tracker.Apply(Step(5, Diff(6, {Added(b)}))).ok());
  EXPECT_TRUE(absl::IsOutOfRange(tracker.Apply(Step(5, Diff(6, {Added(b)})))));
  EXPECT_TRUE(absl::IsOutOfRange(tracker.Apply(Step(6, Diff(6, {})))));
  EXPECT_EQ(tracker.stats().duplicates, 2u);
  EXPECT_EQ(tracker.stats().gaps, 0u);
}

TEST_F(MirrorTrackerTest, AnotherIncarnationIsAGap) {
  Sync();
  EXPECT_FALSE(tracker.Apply(Mark(5, {2, 5})).ok());
  EXPECT_EQ(tracker.stats().gaps, 1u);
}

TEST_F(MirrorTrackerTest, AsksForASnapshotWhenResumingDoesNotHelp) {
  Sync();
  EXPECT_FALSE(tracker.Apply(Step(7, Diff(8, {}))).ok());
  tracker.StreamOpened();
  EXPECT_FALSE(tracker.Apply(Step(7, Diff(8, {}))).ok());
  EXPECT_EQ(tracker.resume(), std::nullopt);
  EXPECT_EQ(tracker.nodes().size(), 1u) << "old nodes are better than none";
  Sync();
  EXPECT_EQ(tracker.resume(), Position(1, 5));
}

TEST_F(MirrorTrackerTest, ProgressForgivesAnEarlierGap) {
  Sync();
  EXPECT_FALSE(tracker.Apply(Step(7, Diff(8, {}))).ok());
  ASSERT_TRUE(tracker.Apply(Step(5, Diff(6, {Added(b)}))).ok());
  EXPECT_FALSE(tracker.Apply(Step(7, Diff(8, {}))).ok());
  EXPECT_EQ(tracker.resume(), Position(1, 6));
}

TEST_F(MirrorTrackerTest, AWrongHashCostsTheState) {
  Sync();
  EXPECT_TRUE(absl::IsDataLoss(tracker.Apply(Mark(5, {1, 6}, HashOf(std::vector{b})))));
  EXPECT_EQ(tracker.stats().hash_mismatches, 1u);
  EXPECT_EQ(tracker.resume(), std::nullopt);
  tracker.StreamOpened();
  ASSERT_TRUE(tracker.Apply(Chunk({b})).ok());
  EXPECT_FALSE(tracker.Apply(End({1, 7}, HashOf(std::vector{a}))).ok());
  EXPECT_EQ(tracker.stats().hash_mismatches, 2u);
}

TEST_F(MirrorTrackerTest, AContradictionCostsTheState) {
  Sync();
  EXPECT_TRUE(absl::IsDataLoss(tracker.Apply(Step(5, Diff(6, {Added(Node("a", 6))})))));
  EXPECT_EQ(tracker.stats().contradictions, 1u);
  EXPECT_EQ(tracker.resume(), std::nullopt);
}

TEST_F(MirrorTrackerTest, RefusesChangesBeforeTheSnapshotIsComplete) {
  tracker.StreamOpened();
  EXPECT_FALSE(tracker.Apply(Step(0, Diff(1, {}))).ok());
  EXPECT_FALSE(tracker.Apply(Mark(0, {1, 1})).ok());
  EXPECT_EQ(tracker.stats().contradictions, 2u);
}

TEST_F(MirrorTrackerTest, AResyncReplacesTheNodesAtItsEnd) {
  Sync();
  ASSERT_TRUE(tracker.Apply({5, Resync{ResyncReason::kIncarnation, {2, 1}}}).ok());
  EXPECT_EQ(tracker.resume(), std::nullopt) << "broken off here, the next stream needs a snapshot";
  EXPECT_EQ(tracker.nodes().size(), 1u);
  EXPECT_EQ(tracker.position(), Position(1, 5));
  ASSERT_TRUE(tracker.Apply(Chunk({})).ok());
  ASSERT_TRUE(tracker.Apply(End({2, 1}, directory::SetHash())).ok());
  EXPECT_EQ(tracker.position(), Position(2, 1));
  EXPECT_TRUE(tracker.nodes().empty());
  EXPECT_EQ(tracker.stats().resyncs, 1u);
}

TEST_F(MirrorTrackerTest, AcceptsItsBoundOfNodesAndNoMore) {
  for (const std::size_t bound : {2u, 1u}) {
    auto small = MirrorTracker::Create({.ns = kNs, .max_nodes = bound}).value();
    small.StreamOpened();
    const absl::Status status = small.Apply(Chunk({a, b}));
    EXPECT_EQ(status.ok(), bound == 2) << status;
    EXPECT_EQ(small.stats().violations(), 0u) << "the bound is ours";
  }
}

TEST_F(MirrorTrackerTest, GoesOnWithTheNodesOfAnEarlierRun) {
  tracker = MirrorTracker::Create({.ns = kNs, .resume = Position{1, 5}, .nodes = {a}}).value();
  EXPECT_EQ(tracker.resume(), Position(1, 5));
  tracker.StreamOpened();
  EXPECT_TRUE(tracker.Apply(Step(5, Diff(6, {Added(b)}))).ok());
  EXPECT_EQ(tracker.nodes().size(), 2u);
  EXPECT_FALSE(MirrorTracker::Create({.ns = kNs, .resume = Position{1, 2}, .nodes = {a}}).ok())
      << "version 3 is not of position 2";
}

TEST_F(MirrorTrackerTest, FollowsChangesAloneFromABarePosition) {
  tracker = MirrorTracker::Create({.ns = kNs, .resume = Position{1, 5}}).value();
  tracker.StreamOpened();
  EXPECT_FALSE(tracker.synced());
  EXPECT_TRUE(tracker.Apply(Step(5, Diff(6, {Removed(*a)}))).ok());
  EXPECT_TRUE(tracker.Apply(Mark(6, {1, 8}, HashOf(std::vector{b}))).ok());
  EXPECT_FALSE(tracker.Apply(Step(9, Diff(10, {}))).ok());
  EXPECT_EQ(tracker.stats().gaps, 1u);
  EXPECT_EQ(tracker.resume(), Position(1, 8));
  // The registry no longer has it: from here on it is a mirror like any other.
  ASSERT_TRUE(tracker.Apply({8, Resync{ResyncReason::kCompacted, {1, 20}}}).ok());
  ASSERT_TRUE(tracker.Apply(Chunk({a})).ok());
  ASSERT_TRUE(tracker.Apply(End({1, 20}, HashOf(std::vector{a}))).ok());
  EXPECT_TRUE(tracker.synced());
  EXPECT_EQ(tracker.resume(), Position(1, 20));
}

TEST_F(MirrorTrackerTest, CountsEvidence) {
  tracker.CountEvidence(true);
  tracker.CountEvidence(false);
  tracker.CountUnreadable();
  EXPECT_EQ(tracker.stats().evidence_checked, 2u);
  EXPECT_EQ(tracker.stats().evidence_failures, 1u);
  EXPECT_EQ(tracker.stats().violations(), 2u);
}

}  // namespace
}  // namespace omninode::node
