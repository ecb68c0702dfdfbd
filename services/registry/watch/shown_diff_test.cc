#include "services/registry/watch/shown_diff.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <gtest/gtest.h>

#include "services/registry/watch/testing/watch_world.h"

namespace omninode::registry {
namespace {

using directory::ChangedField;
using directory::ChangedFields;
using testing::NodeSpec;
using testing::Spec;
using testing::TextOf;
using testing::ZoneScope;

// The history of a world as entries.
std::vector<RingEntryPtr> EntriesOf(const testing::World& world) {
  std::vector<RingEntryPtr> entries;
  for (const AppliedRecord& applied : world.harness.applied) {
    if (!applied.diff.changes.empty()) entries.push_back(MakeRingEntry(applied));
  }
  return entries;
}

ShownDiff Shown(const testing::World& world, const WatchScope& scope = {}) {
  return MergeShown(scope, EntriesOf(world)).value();
}

NodeSpec WithLeaf(NodeSpec spec, const std::string& leaf) {
  spec.leaf = leaf;
  return spec;
}

TEST(ShownDiffTest, OneVersionIsShownAsItIs) {
  testing::World world;
  world.Commit({Registration(Spec("w1")), Registration(Spec("w2"))});
  const ShownDiff shown = Shown(world, {.filter = {}, .with_evidence = true});
  EXPECT_EQ(shown.diff, world.harness.applied.back().diff);
  EXPECT_EQ(shown.nodes, 2u);
  EXPECT_FALSE(shown.quiet);
}

TEST(ShownDiffTest, SeveralVersionsAreMergedAndTheLastOneCountsTheNodes) {
  testing::World world;
  world.Register(Spec("w1"));
  world.Register(Spec("w2"));
  world.Register(Spec("w1", "2"));
  const ShownDiff shown = Shown(world);
  EXPECT_EQ(TextOf(shown.diff), "+w1 +w2");
  EXPECT_EQ(shown.diff.position.version, 3u);
  EXPECT_EQ(shown.nodes, 2u);
}

TEST(ShownDiffTest, ChangesThatCancelEachOtherOutAreEmptyButNotQuiet) {
  testing::World world;
  world.Register(Spec("w1"));
  world.Remove("w1");
  const ShownDiff shown = Shown(world);
  EXPECT_TRUE(shown.diff.changes.empty());
  EXPECT_FALSE(shown.quiet);
  EXPECT_EQ(shown.diff.position.version, 2u);
}

TEST(ShownDiffTest, VersionsOfWhichTheFilterShowsNothingAreQuiet) {
  testing::World world;
  world.Register(Spec("w1", "1", "north"));
  world.Register(Spec("w1", "2", "north"));
  const ShownDiff shown = Shown(world, ZoneScope("south"));
  EXPECT_TRUE(shown.diff.changes.empty());
  EXPECT_TRUE(shown.quiet);
}

TEST(ShownDiffTest, NodesEnterAndLeaveTheFilter) {
  testing::World world;
  world.Register(Spec("w1", "1", "north"));
  world.Register(Spec("w1", "1", "south"));
  EXPECT_EQ(TextOf(Shown(world, ZoneScope("south")).diff), "+w1");
  EXPECT_EQ(TextOf(Shown(world, ZoneScope("north")).diff), "");
  const std::vector<RingEntryPtr> entries = EntriesOf(world);
  const auto left = MergeShown(ZoneScope("north"), std::span(entries).last(1));
  ASSERT_EQ(TextOf(left->diff), "-w1");
  EXPECT_EQ(left->diff.changes[0].removal_reason, directory::RemovalReason::kFilterLeft);
}

TEST(ShownDiffTest, ChangesOfNothingButEvidenceAreHiddenFromWhoDidNotAskForIt) {
  testing::World world;
  world.Register(Spec("w1"));
  world.Register(WithLeaf(Spec("w1"), "leaf-2"));
  const std::vector<RingEntryPtr> entries = EntriesOf(world);
  ASSERT_EQ(entries.size(), 2u);
  const auto last = std::span(entries).last(1);
  EXPECT_TRUE(MergeShown({}, last)->quiet);
  const auto shown = MergeShown({.filter = {}, .with_evidence = true}, last);
  ASSERT_EQ(TextOf(shown->diff), "~w1");
  EXPECT_EQ(shown->diff.changes[0].changed_fields, ChangedFields{ChangedField::kEvidence});
}

TEST(ShownDiffTest, ARemovalAndANewRegistrationDoNotNameEvidenceEither) {
  testing::World world;
  world.Register(Spec("w1"));
  world.Remove("w1");
  world.Register(Spec("w1", "2"));
  const std::vector<RingEntryPtr> entries = EntriesOf(world);
  const auto without = MergeShown({}, std::span(entries).last(2));
  ASSERT_EQ(TextOf(without->diff), "~w1");
  EXPECT_FALSE(without->diff.changes[0].changed_fields.Contains(ChangedField::kEvidence));
  const auto with = MergeShown({.filter = {}, .with_evidence = true}, std::span(entries).last(2));
  EXPECT_TRUE(with->diff.changes[0].changed_fields.Contains(ChangedField::kEvidence));
}

TEST(ShownDiffTest, WithEvidenceTheLatestNodesGoAlong) {
  testing::World world;
  world.Commit({Registration(Spec("w1")), Registration(Spec("w2"))});
  world.Register(WithLeaf(Spec("w1"), "leaf-2"));
  world.Remove("w2");
  const std::vector<RingEntryPtr> entries = EntriesOf(world);
  const WatchScope scope{.filter = {}, .with_evidence = true};
  const auto shown = MergeShown(scope, std::span(entries).last(2));
  ASSERT_EQ(TextOf(shown->diff), "~w1 -w2");
  ASSERT_EQ(shown->after.size(), 2u);
  EXPECT_EQ(shown->after[0], world.state().nodes().Find(*NodeId::Parse("w1")));
  EXPECT_EQ(shown->after[1], nullptr);
  EXPECT_TRUE(MergeShown({}, entries)->after.empty());
}

TEST(ShownDiffTest, AFilterNeedsTheStatesBefore) {
  testing::World world;
  world.Register(Spec("w1"));
  auto entry = std::make_shared<RingEntry>(*EntriesOf(world).back());
  entry->before_known = false;
  entry->before.clear();
  const std::vector<RingEntryPtr> entries = {entry};
  EXPECT_EQ(MergeShown(ZoneScope("north"), entries).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(TextOf(MergeShown({}, entries)->diff), "+w1");
}

TEST(ShownDiffTest, VersionsThatContradictEachOtherAreAnError) {
  testing::World world;
  world.Register(Spec("w1"));
  world.Register(Spec("w2"));
  auto wrong = std::make_shared<RingEntry>(*EntriesOf(world).front());
  wrong->diff.position.version = 3;
  const std::vector<RingEntryPtr> entries = {EntriesOf(world).front(), wrong};
  EXPECT_EQ(MergeShown({}, entries).status().code(), absl::StatusCode::kInternal);
}

TEST(BuildDiffTest, EncodesWithContextAndOnlyWhatShowsSomething) {
  testing::World world;
  world.Register(Spec("w1", "1", "north"));
  const std::vector<RingEntryPtr> entries = EntriesOf(world);
  const testing::FakeEncoder encoder;
  const WatchScope scope = testing::ScopeOf({.labels = {"zone=north"}}, true);
  const auto built = BuildDiff(scope, entries, encoder);
  const auto made = encoder.Decode(*built->encoded);
  EXPECT_EQ(TextOf(made.diff), "+w1");
  EXPECT_EQ(made.nodes, 1u);
  EXPECT_TRUE(made.with_evidence);
  EXPECT_EQ(made.after.size(), 1u);

  const auto nothing = BuildDiff(ZoneScope("south"), entries, encoder);
  EXPECT_EQ(nothing->encoded, nullptr);
  EXPECT_TRUE(nothing->quiet);
  EXPECT_EQ(nothing->position, (directory::Position{1, 1}));
  EXPECT_EQ(encoder.encodes(), 1u);
}

}  // namespace
}  // namespace omninode::registry
