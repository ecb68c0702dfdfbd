#include "services/registry/watch/diff_ring.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/registry/watch/testing/watch_world.h"

namespace omninode::registry {
namespace {

using directory::Position;

// An entry of one version without changes that claims a size.
RingEntryPtr Entry(std::uint64_t version, std::size_t bytes = 100) {
  auto entry = std::make_shared<RingEntry>();
  entry->diff.position = {1, version};
  entry->before_known = true;
  entry->nodes = version;
  entry->bytes = bytes;
  directory::SetHash hash;
  hash.Add(crypto::Sha256(std::to_string(version)));
  entry->hash = hash;
  return entry;
}

DiffRing RingOf(std::uint64_t from, std::uint64_t to, std::size_t bytes = 100) {
  DiffRing ring({1, from});
  for (std::uint64_t version = from + 1; version <= to; ++version) {
    ring.Append(Entry(version, bytes));
  }
  return ring;
}

std::vector<std::uint64_t> VersionsOf(const std::vector<RingEntryPtr>& entries) {
  std::vector<std::uint64_t> versions;
  for (const auto& entry : entries) versions.push_back(entry->diff.position.version);
  return versions;
}

using Versions = std::vector<std::uint64_t>;

TEST(DiffRingTest, AnEmptyRingStandsWhereItBegan) {
  const DiffRing ring({3, 7});
  EXPECT_EQ(ring.head(), (Position{3, 7}));
  EXPECT_EQ(ring.base(), (Position{3, 7}));
  EXPECT_EQ(ring.size(), 0u);
  EXPECT_EQ(ring.bytes(), 0u);
}

TEST(DiffRingTest, LeadsFromItsBaseToItsHead) {
  const DiffRing ring = RingOf(5, 9);
  EXPECT_EQ(ring.base(), (Position{1, 5}));
  EXPECT_EQ(ring.middle(), (Position{1, 7}));
  EXPECT_EQ(ring.head(), (Position{1, 9}));
  EXPECT_EQ(VersionsOf(ring.Slice(5, 9, 1000)), (Versions{6, 7, 8, 9}));
  EXPECT_EQ(VersionsOf(ring.Slice(6, 8, 1000)), (Versions{7, 8}));
}

TEST(DiffRingTest, ASliceHasOneEntryAndThenWhatFits) {
  const DiffRing ring = RingOf(0, 9);
  EXPECT_EQ(VersionsOf(ring.Slice(2, 9, 0)), (Versions{3}));
  EXPECT_EQ(VersionsOf(ring.Slice(2, 9, 299)), (Versions{3, 4}));
  EXPECT_EQ(VersionsOf(ring.Slice(2, 9, 300)), (Versions{3, 4, 5}));
}

TEST(DiffRingTest, CountsBytesAfterAVersion) {
  const DiffRing ring = RingOf(5, 9);
  EXPECT_EQ(ring.BytesSince(9), 0u);
  EXPECT_EQ(ring.BytesSince(8), 100u);
  EXPECT_EQ(ring.BytesSince(5), 400u);
  EXPECT_EQ(ring.BytesSince(1), 400u);
}

TEST(DiffRingTest, KeepsSoManyDiffsAndDropsTheOldest) {
  DiffRing ring = RingOf(0, DiffRing::kMaxDiffs, 1);
  EXPECT_EQ(ring.base().version, 0u);
  ring.Append(Entry(DiffRing::kMaxDiffs + 1, 1));
  EXPECT_EQ(ring.base().version, 1u);
  EXPECT_EQ(ring.size(), DiffRing::kMaxDiffs);
  EXPECT_EQ(ring.bytes(), DiffRing::kMaxDiffs);
}

TEST(DiffRingTest, KeepsSoManyBytesAndDropsTheOldest) {
  DiffRing ring = RingOf(0, 4, DiffRing::kMaxBytes / 4);
  EXPECT_EQ(ring.size(), 4u);
  ring.Append(Entry(5, 1));
  EXPECT_EQ(ring.size(), 4u);
  EXPECT_EQ(ring.base().version, 1u);
}

TEST(DiffRingTest, KeepsTheNewestWhateverItsSize) {
  DiffRing ring = RingOf(0, 4);
  ring.Append(Entry(5, DiffRing::kMaxBytes + 1));
  EXPECT_EQ(ring.size(), 1u);
  EXPECT_EQ(ring.base().version, 4u);
}

TEST(DiffRingTest, KnowsTheHashOfEachPositionItHas) {
  DiffRing ring = RingOf(0, DiffRing::kMaxDiffs + 3, 1);
  EXPECT_EQ(ring.HashAt({1, 2}), std::nullopt);
  EXPECT_EQ(ring.HashAt({1, 3}), Entry(3)->hash);  // the base: its own entry is gone
  EXPECT_EQ(ring.HashAt({1, 4}), Entry(4)->hash);
  EXPECT_EQ(ring.HashAt(ring.head()), Entry(DiffRing::kMaxDiffs + 3)->hash);
  EXPECT_EQ(ring.HashAt({1, DiffRing::kMaxDiffs + 4}), std::nullopt);
  EXPECT_EQ(ring.HashAt({2, 4}), std::nullopt);
  EXPECT_EQ(ring.HashAt({0, 4}), std::nullopt);
  EXPECT_EQ(DiffRing({1, 0}).HashAt({1, 0}), std::nullopt);
  EXPECT_EQ(DiffRing({1, 0}, directory::SetHash()).HashAt({1, 0}), directory::SetHash());
}

TEST(DiffRingTest, AnAppliedRecordBecomesAnEntryWithoutOldEvidence) {
  testing::World world;
  world.Register(testing::Spec("w1"));
  world.Register(testing::Spec("w1", "2"));
  const RingEntryPtr entry = MakeRingEntry(world.harness.applied.back());
  EXPECT_EQ(entry->diff, world.harness.applied.back().diff);
  ASSERT_EQ(entry->before.size(), 1u);
  EXPECT_EQ(entry->before[0]->version, 1u);
  EXPECT_TRUE(entry->before_known);
  EXPECT_EQ(entry->after[0]->view->version, 2u);
  EXPECT_EQ(entry->hash, world.state().hash());
  EXPECT_EQ(entry->nodes, 1u);
  EXPECT_GT(entry->bytes, sizeof(RingEntry));
}

// What a store would read back of everything the world committed.
std::vector<LoggedDiff> LogOf(const testing::World& world) {
  std::vector<LoggedDiff> log;
  for (const AppliedRecord& applied : world.harness.applied) {
    if (applied.diff.changes.empty()) continue;
    log.push_back({applied.previous_version, applied.diff, applied.after});
  }
  return log;
}

NamespaceHead HeadOf(const testing::World& world) {
  return {world.head(), world.state().hash(), world.state().nodes().size()};
}

TEST(DiffRingFromLogTest, LeadsToTheHeadAndCountsNodesBackwards) {
  testing::World world;
  world.Commit({Registration(testing::Spec("w1")), Registration(testing::Spec("w2"))});
  world.Register(testing::Spec("w3"));
  world.Remove("w1");
  const DiffRing ring(HeadOf(world), LogOf(world));
  EXPECT_EQ(ring.base(), (Position{1, 0}));
  EXPECT_EQ(ring.head(), (Position{1, 3}));
  const auto entries = ring.Slice(0, 3, DiffRing::kMaxBytes);
  EXPECT_EQ(entries[0]->nodes, 2u);
  EXPECT_EQ(entries[1]->nodes, 3u);
  EXPECT_EQ(entries[2]->nodes, 2u);
  EXPECT_FALSE(entries[2]->before_known);
  EXPECT_EQ(ring.HashAt({1, 3}), world.state().hash());
  EXPECT_EQ(ring.HashAt({1, 2}), std::nullopt);
}

TEST(DiffRingFromLogTest, TakesOnlyWhatLeadsWithoutAGapToTheHead) {
  testing::World world;
  for (int i = 1; i <= 5; ++i) world.Register(testing::Spec("w" + std::to_string(i)));
  std::vector<LoggedDiff> log = LogOf(world);
  log.erase(log.begin() + 2);
  EXPECT_EQ(DiffRing(HeadOf(world), log).base(), (Position{1, 3}));
  log.pop_back();
  EXPECT_EQ(DiffRing(HeadOf(world), log).base(), (Position{1, 5}));
  EXPECT_EQ(DiffRing(HeadOf(world), log).HashAt({1, 5}), world.state().hash());
}

TEST(DiffRingFromLogTest, LeavesOutAnotherIncarnation) {
  testing::World world;
  world.Register(testing::Spec("w1"));
  world.Register(testing::Spec("w2"));
  std::vector<LoggedDiff> log = LogOf(world);
  log[0].diff.position.incarnation = 0;
  EXPECT_EQ(DiffRing(HeadOf(world), log).base(), (Position{1, 1}));
}

}  // namespace
}  // namespace omninode::registry
