#include "common/directory/change_merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/directory/test_nodes.h"

namespace omninode::directory {
namespace {

using testing::Added;
using testing::Diff;
using ::testing::ElementsAre;
using testing::FieldsOf;
using ::testing::IsEmpty;
using testing::Node;
using testing::Removed;
using testing::Updated;

NodeViewPtr NodeOfEpoch(const std::string& epoch, std::uint64_t version) {
  auto fields = FieldsOf("w1");
  fields.epoch = epoch;
  return Node(fields, version);
}

// The changes, one version each from 11 on, as one diff.
std::vector<TopologyChange> Merge(const std::vector<TopologyChange>& changes) {
  ChangeMerger merger;
  std::uint64_t version = 10;
  for (const auto& change : changes) EXPECT_TRUE(merger.Add(Diff(++version, {change})).ok());
  return merger.Take()->changes;
}

TEST(ChangeMergeTest, AddedThenUpdatedIsAddedInTheLastState) {
  const auto last = NodeOfEpoch("green", 12);
  EXPECT_THAT(Merge({Added(Node("w1", 11)), Updated(last, 11, {ChangedField::kEpoch})}),
              ElementsAre(Added(last)));
}

TEST(ChangeMergeTest, AddedThenRemovedIsNothing) {
  EXPECT_THAT(Merge({Added(Node("w1", 11)), Removed(*Node("w1", 11))}), IsEmpty());
}

TEST(ChangeMergeTest, UpdatedTwiceUnitesTheFieldsAndKeepsTheFirstPreviousVersion) {
  const auto last = NodeOfEpoch("green", 12);
  EXPECT_THAT(Merge({Updated(Node("w1", 11), 4, {ChangedField::kHealth}),
                     Updated(last, 11, {ChangedField::kEpoch})}),
              ElementsAre(Updated(last, 4, {ChangedField::kHealth, ChangedField::kEpoch})));
}

TEST(ChangeMergeTest, UpdatedThenRemovedIsRemovedFromTheFirstPreviousVersion) {
  auto expected = Removed(*Node("w1", 4), RemovalReason::kIdentityRevoked);
  EXPECT_THAT(Merge({Updated(Node("w1", 11), 4, {ChangedField::kHealth}),
                     Removed(*Node("w1", 11), RemovalReason::kIdentityRevoked)}),
              ElementsAre(expected));
}

TEST(ChangeMergeTest, RemovedThenAddedIsAnUpdateOfEverythingWhenTheOldStateIsUnknown) {
  const auto last = Node("w1", 12);
  EXPECT_THAT(Merge({Removed(*Node("w1", 4)), Added(last)}),
              ElementsAre(Updated(last, 4, ChangedFields::All())));
}

TEST(ChangeMergeTest, RemovedThenAddedComparesWithTheStateThatAnUpdateShowed) {
  const auto last = NodeOfEpoch("green", 13);
  EXPECT_THAT(
      Merge({Updated(NodeOfEpoch("blue", 11), 4, {ChangedField::kHealth}), Removed(*Node("w1", 11)),
             Added(last)}),
      ElementsAre(Updated(last, 4,
                          {ChangedField::kHealth, ChangedField::kEpoch, ChangedField::kEvidence})));
}

TEST(ChangeMergeTest, AddedRemovedAddedIsAdded) {
  const auto last = Node("w1", 13);
  EXPECT_THAT(Merge({Added(Node("w1", 11)), Removed(*Node("w1", 11)), Added(last)}),
              ElementsAre(Added(last)));
}

TEST(ChangeMergeTest, RemovedAddedRemovedIsTheLastRemoval) {
  auto expected = Removed(*Node("w1", 4), RemovalReason::kGracefulShutdown);
  EXPECT_THAT(Merge({Removed(*Node("w1", 4)), Added(Node("w1", 12)),
                     Removed(*Node("w1", 12), RemovalReason::kGracefulShutdown)}),
              ElementsAre(expected));
}

TEST(ChangeMergeTest, TheLaterCauseIsTold) {
  auto first = Updated(Node("w1", 11), 4, {ChangedField::kHealth});
  first.actor = "a";
  first.correlation_id = "c-1";
  auto second = Updated(Node("w1", 12), 11, {ChangedField::kHealth});
  second.actor = "b";
  second.decision = "d-2";
  const auto merged = Merge({first, second});
  EXPECT_EQ(merged.front().actor, "b");
  EXPECT_EQ(merged.front().decision, "d-2");
  EXPECT_EQ(merged.front().correlation_id, "");
}

TEST(ChangeMergeTest, SortsNodesAndTakesTheLastPositionAndTime) {
  ChangeMerger merger;
  ASSERT_TRUE(merger.Add(Diff(11, {Added(Node("w3", 11))})).ok());
  ASSERT_TRUE(merger.Add(Diff(14, {Added(Node("w1", 14)), Added(Node("w2", 14))})).ok());
  EXPECT_EQ(merger.Take(),
            Diff(14, {Added(Node("w1", 14)), Added(Node("w2", 14)), Added(Node("w3", 11))}));
}

TEST(ChangeMergeTest, APositionWithoutChangesIsKept) {
  ChangeMerger merger;
  ASSERT_TRUE(merger.Add(Diff(11, {})).ok());
  EXPECT_EQ(merger.Take(), Diff(11, {}));
}

TEST(ChangeMergeTest, TakeEmptiesTheMerger) {
  ChangeMerger merger;
  EXPECT_TRUE(merger.empty());
  EXPECT_EQ(merger.Take(), std::nullopt);
  ASSERT_TRUE(merger.Add(Diff(11, {Added(Node("w1", 11))})).ok());
  EXPECT_FALSE(merger.empty());
  ASSERT_TRUE(merger.Take().has_value());
  EXPECT_EQ(merger.Take(), std::nullopt);
  // What was taken has no influence any more.
  ASSERT_TRUE(merger.Add(Diff(12, {Removed(*Node("w1", 11))})).ok());
  EXPECT_THAT(merger.Take()->changes, ElementsAre(Removed(*Node("w1", 11))));
}

TEST(ChangeMergeTest, RefusesADiffThatDoesNotFollow) {
  ChangeMerger merger;
  ASSERT_TRUE(merger.Add(Diff(11, {})).ok());
  EXPECT_EQ(merger.Add(Diff(11, {})).code(), absl::StatusCode::kInternal);
  EXPECT_FALSE(merger.Add(Diff(10, {})).ok());
  auto other_incarnation = Diff(12, {});
  other_incarnation.position.incarnation = 2;
  EXPECT_FALSE(merger.Add(other_incarnation).ok());
}

TEST(ChangeMergeTest, RefusesContradictionsAndMergesNothingOfTheDiff) {
  const auto removed = Removed(*Node("w1", 4));
  const auto added = Added(Node("w1", 11));
  const auto updated = Updated(Node("w1", 11), 4, {});
  for (const auto& [first, then] :
       {std::pair{added, added}, {updated, added}, {removed, updated}, {removed, removed}}) {
    ChangeMerger merger;
    ASSERT_TRUE(merger.Add(Diff(11, {first})).ok());
    EXPECT_EQ(merger.Add(Diff(12, {Added(Node("w0", 12)), then})).code(),
              absl::StatusCode::kInternal);
    EXPECT_EQ(merger.Take(), Diff(11, {first}));
  }
}

TEST(ChangeMergeTest, RefusesDiffsThatAreMalformedOrUnsorted) {
  ChangeMerger merger;
  auto malformed = Added(Node("w1", 11));
  malformed.node = nullptr;
  EXPECT_FALSE(merger.Add(Diff(11, {malformed})).ok());
  EXPECT_FALSE(merger.Add(Diff(11, {Added(Node("w2", 11)), Added(Node("w1", 11))})).ok());
  EXPECT_FALSE(merger.Add(Diff(11, {Added(Node("w1", 11)), Removed(*Node("w1", 4))})).ok());
  EXPECT_TRUE(merger.empty());
}

}  // namespace
}  // namespace omninode::directory
