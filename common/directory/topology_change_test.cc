#include "common/directory/topology_change.h"

#include <functional>

#include <gtest/gtest.h>

#include "common/directory/test_nodes.h"

namespace omninode::directory {
namespace {

using testing::Added;
using testing::Id;
using testing::Node;
using testing::Removed;
using testing::Type;
using testing::Updated;

TEST(TopologyChangeTest, KindsHaveNames) {
  EXPECT_EQ(NameOf(ChangeKind::kAdded), "added");
  EXPECT_EQ(NameOf(ChangeKind::kUpdated), "updated");
  EXPECT_EQ(NameOf(ChangeKind::kRemoved), "removed");
}

TEST(TopologyChangeTest, EqualByContentAndNotByPointer) {
  EXPECT_EQ(Added(Node("w1", 3)), Added(Node("w1", 3)));
  EXPECT_FALSE(Added(Node("w1", 3)) == Added(Node("w1", 4)));
  EXPECT_FALSE(Removed(*Node("w1", 3)) ==
               Removed(*Node("w1", 3), RemovalReason::kGracefulShutdown));
}

TEST(TopologyChangeTest, TheThreeShapesAreWellFormed) {
  EXPECT_TRUE(IsWellFormed(Added(Node("w1", 3))));
  EXPECT_TRUE(IsWellFormed(Updated(Node("w1", 4), 3, {ChangedField::kLabels})));
  EXPECT_TRUE(IsWellFormed(Updated(Node("w1", 4), 3, {})));
  EXPECT_TRUE(IsWellFormed(Updated(Node("w1", 3), 3, {ChangedField::kEvidence})));
  EXPECT_TRUE(IsWellFormed(Removed(*Node("w1", 3))));
}

TEST(TopologyChangeTest, FieldsThatDoNotFitTheKindAreNotWellFormed) {
  const TopologyChange added = Added(Node("w1", 3));
  const TopologyChange updated = Updated(Node("w1", 4), 3, {ChangedField::kLabels});
  const TopologyChange removed = Removed(*Node("w1", 3));
  const auto spoiled = [](TopologyChange change,
                          const std::function<void(TopologyChange&)>& spoil) {
    spoil(change);
    return IsWellFormed(change);
  };
  EXPECT_FALSE(spoiled(added, [](auto& c) { c.node = nullptr; }));
  EXPECT_FALSE(spoiled(added, [](auto& c) { c.node_id = Id("w2"); }));
  EXPECT_FALSE(spoiled(added, [](auto& c) { c.node_type = Type("router"); }));
  EXPECT_FALSE(spoiled(added, [](auto& c) { c.node = Node("w1", 0); }));
  EXPECT_FALSE(spoiled(added, [](auto& c) { c.previous_node_version = 1; }));
  EXPECT_FALSE(spoiled(added, [](auto& c) { c.changed_fields.Add(ChangedField::kTtl); }));
  EXPECT_FALSE(spoiled(added, [](auto& c) { c.removal_reason = RemovalReason::kLeaseExpired; }));
  EXPECT_FALSE(spoiled(added, [](auto& c) { c.reason_text = "bye"; }));
  EXPECT_FALSE(spoiled(updated, [](auto& c) { c.previous_node_version = 0; }));
  EXPECT_FALSE(spoiled(updated, [](auto& c) { c.previous_node_version = 5; }));
  EXPECT_FALSE(spoiled(removed, [](auto& c) { c.node = Node("w1", 3); }));
  EXPECT_FALSE(spoiled(removed, [](auto& c) { c.removal_reason.reset(); }));
  EXPECT_FALSE(spoiled(removed, [](auto& c) { c.previous_node_version = 0; }));
  EXPECT_FALSE(spoiled(removed, [](auto& c) { c.changed_fields.Add(ChangedField::kTtl); }));
}

TEST(WithoutEvidenceTest, HidesAChangeOfNothingElse) {
  EXPECT_EQ(WithoutEvidence(Updated(Node("w1", 3), 3, {ChangedField::kEvidence})), std::nullopt);
}

TEST(WithoutEvidenceTest, TakesTheFieldFromAChangeOfMore) {
  const auto seen =
      WithoutEvidence(Updated(Node("w1", 4), 3, {ChangedField::kEvidence, ChangedField::kLabels}));
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->changed_fields, ChangedFields{ChangedField::kLabels});
}

TEST(WithoutEvidenceTest, ShowsARegistrationAnewThoughNothingElseDiffers) {
  // The node's version moved, so hiding it would make the consumer's hash wrong.
  const auto seen = WithoutEvidence(Updated(Node("w1", 4), 3, {ChangedField::kEvidence}));
  ASSERT_TRUE(seen.has_value());
  EXPECT_TRUE(seen->changed_fields.empty());
}

TEST(WithoutEvidenceTest, LeavesOtherKindsAlone) {
  EXPECT_EQ(WithoutEvidence(Added(Node("w1", 3))), Added(Node("w1", 3)));
  EXPECT_EQ(WithoutEvidence(Removed(*Node("w1", 3))), Removed(*Node("w1", 3)));
}

}  // namespace
}  // namespace omninode::directory
