#include "common/directory/topology_mirror_state.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/directory/test_nodes.h"

namespace omninode::directory {
namespace {

using testing::Added;
using testing::Diff;
using ::testing::ElementsAre;
using testing::FieldsOf;
using testing::HashOf;
using ::testing::IsEmpty;
using testing::Node;
using testing::Ns;
using testing::Removed;
using testing::Updated;

class MirrorStateTest : public ::testing::Test {
 protected:
  // w1@3 and w2@5, complete at 1:10.
  void SetUp() override {
    mirror_.BeginSnapshot();
    ASSERT_TRUE(Chunk({w1_}).ok());
    ASSERT_TRUE(Chunk({w2_}).ok());
    ASSERT_TRUE(mirror_.EndSnapshot({1, 10}, HashOf(std::vector{w1_, w2_})).ok());
  }

  absl::Status Chunk(std::vector<NodeViewPtr> nodes) { return mirror_.AddSnapshotChunk(nodes); }

  std::vector<std::string> Nodes() const {
    std::vector<std::string> nodes;
    for (const auto& [id, node] : mirror_.nodes()) {
      nodes.push_back(id.value() + "@" + std::to_string(node->version));
    }
    return nodes;
  }

  // The diff from 10 is refused so that only a snapshot helps, and nothing of it was applied.
  void ExpectContradiction(const std::vector<TopologyChange>& changes) {
    const SetHash before = mirror_.hash();
    const auto status = mirror_.ApplyDiff(10, Diff(12, changes));
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_FALSE(mirror_.synced());
    EXPECT_THAT(Nodes(), ElementsAre("w1@3", "w2@5"));
    EXPECT_EQ(mirror_.hash(), before);
    EXPECT_EQ(mirror_.position(), (Position{1, 10}));
  }

  const NodeViewPtr w1_ = Node("w1", 3);
  const NodeViewPtr w2_ = Node("w2", 5);
  MirrorState mirror_{{.ns = Ns("tenant-a"), .max_nodes = 3}};
};

TEST_F(MirrorStateTest, IsNotSyncedBeforeTheFirstSnapshot) {
  MirrorState mirror({.ns = Ns("tenant-a")});
  EXPECT_FALSE(mirror.synced());
  EXPECT_EQ(mirror.position(), std::nullopt);
  EXPECT_EQ(mirror.ApplyDiff(0, Diff(1, {})).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(mirror.ApplyBookmark(0, {1, 1}, {}).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(mirror.EndSnapshot({1, 1}, {}).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(mirror.AddSnapshotChunk({}).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(MirrorStateTest, TakesAnEmptySnapshotOfAnEmptyNamespace) {
  MirrorState mirror({.ns = Ns("tenant-a")});
  mirror.BeginSnapshot();
  EXPECT_TRUE(mirror.EndSnapshot({1, 0}, SetHash()).ok());
  EXPECT_TRUE(mirror.synced());
  EXPECT_TRUE(mirror.ApplyDiff(0, Diff(1, {Added(Node("w1", 1))})).ok());
}

TEST_F(MirrorStateTest, AppliesDiffsAndMovesItsPosition) {
  const auto w1 = Node("w1", 11);
  const auto w3 = Node("w3", 12);
  ASSERT_TRUE(mirror_
                  .ApplyDiff(10, Diff(12, {Updated(w1, 3, {ChangedField::kLabels}), Removed(*w2_),
                                           Added(w3)}))
                  .ok());
  EXPECT_THAT(Nodes(), ElementsAre("w1@11", "w3@12"));
  EXPECT_EQ(mirror_.hash(), HashOf(std::vector{w1, w3}));
  EXPECT_EQ(mirror_.position(), (Position{1, 12}));
  EXPECT_TRUE(mirror_.ApplyDiff(12, Diff(13, {})).ok());
}

TEST_F(MirrorStateTest, AGapIsFoundAndAResumeHealsIt) {
  const auto gap = mirror_.ApplyDiff(11, Diff(12, {Removed(*w1_)}));
  EXPECT_EQ(gap.code(), absl::StatusCode::kOutOfRange) << gap;
  EXPECT_TRUE(mirror_.synced());
  EXPECT_EQ(mirror_.ApplyBookmark(11, {1, 12}, {}).code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(Nodes(), ElementsAre("w1@3", "w2@5"));
  EXPECT_TRUE(mirror_.ApplyDiff(10, Diff(12, {Removed(*w1_)})).ok());
}

TEST_F(MirrorStateTest, RefusesPositionsThatDoNotRise) {
  EXPECT_EQ(mirror_.ApplyDiff(10, Diff(10, {})).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(mirror_.ApplyDiff(10, Diff(9, {})).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(mirror_.ApplyBookmark(10, {1, 9}, {}).code(), absl::StatusCode::kOutOfRange);
  const auto diff = Diff(11, {Removed(*w1_)});
  ASSERT_TRUE(mirror_.ApplyDiff(10, diff).ok());
  EXPECT_EQ(mirror_.ApplyDiff(10, diff).code(), absl::StatusCode::kOutOfRange);
}

TEST_F(MirrorStateTest, RefusesAnotherIncarnationWithoutASnapshot) {
  auto diff = Diff(11, {});
  diff.position.incarnation = 2;
  EXPECT_EQ(mirror_.ApplyDiff(10, diff).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(mirror_.ApplyBookmark(10, {2, 11}, {}).code(), absl::StatusCode::kOutOfRange);
}

TEST_F(MirrorStateTest, ABookmarkMovesThePositionOrStandsStill) {
  EXPECT_TRUE(mirror_.ApplyBookmark(10, {1, 10}, mirror_.hash()).ok());
  EXPECT_TRUE(mirror_.ApplyBookmark(10, {1, 15}, mirror_.hash()).ok());
  EXPECT_EQ(mirror_.position(), (Position{1, 15}));
  EXPECT_TRUE(mirror_.ApplyBookmark(15, {1, 16}, std::nullopt).ok());
}

TEST_F(MirrorStateTest, ABookmarkWithAnotherHashEndsTheSync) {
  EXPECT_EQ(mirror_.ApplyBookmark(10, {1, 15}, HashOf(std::vector{w1_})).code(),
            absl::StatusCode::kDataLoss);
  EXPECT_FALSE(mirror_.synced());
  EXPECT_THAT(Nodes(), ElementsAre("w1@3", "w2@5"));
  EXPECT_EQ(mirror_.ApplyDiff(10, Diff(11, {})).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(MirrorStateTest, AnEvidenceOnlyUpdateKeepsVersionAndHash) {
  const SetHash before = mirror_.hash();
  EXPECT_TRUE(mirror_.ApplyDiff(10, Diff(11, {Updated(w1_, 3, {ChangedField::kEvidence})})).ok());
  EXPECT_EQ(mirror_.hash(), before);
}

TEST_F(MirrorStateTest, RefusesASecondAdd) { ExpectContradiction({Added(Node("w1", 11))}); }

TEST_F(MirrorStateTest, RefusesChangesOfUnknownNodes) {
  ExpectContradiction({Removed(*Node("w9", 4))});
}

TEST_F(MirrorStateTest, RefusesAnUpdateOfAnUnknownNode) {
  ExpectContradiction({Updated(Node("w9", 11), 4, {})});
}

TEST_F(MirrorStateTest, RefusesAChangeAfterOneThatWasLeftOut) {
  ExpectContradiction({Updated(Node("w1", 12), 11, {})});
}

TEST_F(MirrorStateTest, RefusesAChangeFromBeforeThePosition) {
  ExpectContradiction({Updated(Node("w1", 10), 3, {ChangedField::kLabels})});
}

TEST_F(MirrorStateTest, RefusesAnUnmovedVersionWhenMoreThanEvidenceChanged) {
  ExpectContradiction({Updated(w1_, 3, {ChangedField::kEvidence, ChangedField::kLabels})});
}

TEST_F(MirrorStateTest, RefusesAChangeFromBeyondThePosition) {
  ExpectContradiction({Added(Node("w3", 13))});
}

TEST_F(MirrorStateTest, RefusesANodeOfAnotherNamespace) {
  auto fields = FieldsOf("w3");
  fields.ns = "tenant-b";
  ExpectContradiction({Added(Node(fields, 11))});
}

TEST_F(MirrorStateTest, RefusesAnUnsortedDiff) {
  ExpectContradiction({Removed(*w2_), Removed(*w1_)});
}

TEST_F(MirrorStateTest, RefusesANodeTwiceInADiff) {
  ExpectContradiction({Removed(*w1_), Removed(*w1_)});
}

TEST_F(MirrorStateTest, RefusesTheWholeDiffForItsLastChange) {
  auto malformed = Removed(*w2_);
  malformed.removal_reason.reset();
  ExpectContradiction({Removed(*w1_), malformed});
}

TEST_F(MirrorStateTest, ASnapshotReplacesTheNodesOnlyAtItsEnd) {
  mirror_.BeginSnapshot();
  EXPECT_FALSE(mirror_.synced());
  ASSERT_TRUE(Chunk({Node("w7", 1)}).ok());
  EXPECT_THAT(Nodes(), ElementsAre("w1@3", "w2@5"));
  EXPECT_EQ(mirror_.ApplyDiff(10, Diff(11, {})).code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(mirror_.EndSnapshot({2, 4}, HashOf(std::vector{Node("w7", 1)})).ok());
  EXPECT_THAT(Nodes(), ElementsAre("w7@1"));
  EXPECT_EQ(mirror_.position(), (Position{2, 4}));
  EXPECT_TRUE(mirror_.synced());
}

TEST_F(MirrorStateTest, ASecondBeginDropsTheUnfinishedSnapshot) {
  mirror_.BeginSnapshot();
  ASSERT_TRUE(Chunk({Node("w7", 1)}).ok());
  mirror_.BeginSnapshot();
  ASSERT_TRUE(mirror_.EndSnapshot({1, 11}, SetHash()).ok());
  EXPECT_THAT(Nodes(), IsEmpty());
}

TEST_F(MirrorStateTest, ASnapshotWithAnotherHashIsDropped) {
  mirror_.BeginSnapshot();
  ASSERT_TRUE(Chunk({Node("w7", 1)}).ok());
  EXPECT_EQ(mirror_.EndSnapshot({1, 12}, SetHash()).code(), absl::StatusCode::kDataLoss);
  EXPECT_FALSE(mirror_.synced());
  EXPECT_THAT(Nodes(), ElementsAre("w1@3", "w2@5"));
  EXPECT_EQ(mirror_.EndSnapshot({1, 12}, {}).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(MirrorStateTest, ASnapshotOfAFilteredStreamCarriesNoHash) {
  mirror_.BeginSnapshot();
  ASSERT_TRUE(Chunk({Node("w7", 1)}).ok());
  EXPECT_TRUE(mirror_.EndSnapshot({1, 12}, std::nullopt).ok());
}

TEST_F(MirrorStateTest, RefusesImpossibleSnapshotNodes) {
  auto foreign = FieldsOf("w3");
  foreign.ns = "tenant-b";
  for (const auto& nodes : std::vector<std::vector<NodeViewPtr>>{
           {nullptr}, {Node("w1", 0)}, {Node("w1", 1), Node("w1", 1)}, {Node(foreign, 1)}}) {
    mirror_.BeginSnapshot();
    EXPECT_EQ(Chunk(nodes).code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(Chunk({}).code(), absl::StatusCode::kFailedPrecondition);
  }
  mirror_.BeginSnapshot();
  ASSERT_TRUE(Chunk({Node("w1", 13)}).ok());
  EXPECT_EQ(mirror_.EndSnapshot({1, 12}, {}).code(), absl::StatusCode::kDataLoss);
}

TEST_F(MirrorStateTest, HoldsNoMoreNodesThanItsBound) {
  ASSERT_TRUE(mirror_.ApplyDiff(10, Diff(11, {Added(Node("w3", 11))})).ok());
  ASSERT_TRUE(mirror_.ApplyDiff(11, Diff(12, {Removed(*w1_), Added(Node("w4", 12))})).ok());
  EXPECT_EQ(mirror_.ApplyDiff(12, Diff(13, {Added(Node("w5", 13))})).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(mirror_.synced());
  EXPECT_EQ(mirror_.nodes().size(), 3u);

  mirror_.BeginSnapshot();
  EXPECT_TRUE(Chunk({Node("w1", 1), Node("w2", 1), Node("w3", 1)}).ok());
  EXPECT_EQ(Chunk({Node("w4", 1)}).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(mirror_.nodes().size(), 3u);
}

}  // namespace
}  // namespace omninode::directory
