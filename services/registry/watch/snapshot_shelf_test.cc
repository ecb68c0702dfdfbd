#include "services/registry/watch/snapshot_shelf.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/registry/watch/testing/watch_world.h"

namespace omninode::registry {
namespace {

using directory::Position;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

SharedSnapshotPtr At(std::uint64_t version) {
  return std::make_shared<const SharedSnapshot>(SharedSnapshot{{1, version}, {}, {}});
}

// A full shelf with snapshots at 1, 2, ...
SnapshotShelf FullShelf() {
  SnapshotShelf shelf;
  for (std::uint64_t i = 1; i <= SnapshotShelf::kMaxSnapshots; ++i) shelf.Put(At(i));
  return shelf;
}

constexpr std::uint64_t kNewest = SnapshotShelf::kMaxSnapshots;

TEST(SnapshotShelfTest, MakesASortedSnapshotWithPositionAndHash) {
  testing::World world;
  for (const char* id : {"w3", "w1", "w2"}) world.Register(testing::Spec(id));
  const auto made = MakeSharedSnapshot(world.TakeSnapshot(testing::Tenant()).value());
  EXPECT_EQ(made->position, world.head());
  EXPECT_EQ(made->hash, world.state().hash());
  std::vector<std::string> ids;
  for (const NodePtr& node : made->nodes) ids.push_back(node->view->node_id().value());
  EXPECT_THAT(ids, ElementsAre("w1", "w2", "w3"));
}

TEST(SnapshotShelfTest, SharesWhatIsTakenAtTheHead) {
  SnapshotShelf shelf;
  EXPECT_EQ(shelf.Share({1, 5}, {1, 0}), nullptr);
  const SharedSnapshotPtr snapshot = At(5);
  EXPECT_EQ(shelf.Put(snapshot), nullptr);
  EXPECT_EQ(shelf.Share({1, 5}, {1, 0}), snapshot);
  // Something was published meanwhile: a new watcher sees it in its snapshot.
  EXPECT_EQ(shelf.Share({1, 6}, {1, 0}), nullptr);
}

TEST(SnapshotShelfTest, AFullShelfSharesItsNewestWhileItIsUseful) {
  SnapshotShelf shelf = FullShelf();
  EXPECT_EQ(shelf.Share({1, 100}, {1, kNewest})->position, (Position{1, kNewest}));
  EXPECT_EQ(shelf.Share({1, 100}, {1, kNewest + 1}), nullptr);
}

TEST(SnapshotShelfTest, OneMoreThanTheBoundDropsTheOldest) {
  SnapshotShelf shelf = FullShelf();
  const SharedSnapshotPtr dropped = shelf.Put(At(100));
  ASSERT_NE(dropped, nullptr);
  EXPECT_EQ(dropped->position, (Position{1, 1}));
  EXPECT_EQ(shelf.size(), SnapshotShelf::kMaxSnapshots);
}

TEST(SnapshotShelfTest, TheLastReaderLetsGo) {
  SnapshotShelf shelf;
  const SharedSnapshotPtr snapshot = At(5);
  shelf.Put(snapshot);
  shelf.Share({1, 5}, {1, 0});
  EXPECT_EQ(shelf.Release(snapshot.get()), nullptr);
  EXPECT_EQ(shelf.Release(snapshot.get()), snapshot);
  EXPECT_EQ(shelf.size(), 0u);
  EXPECT_EQ(shelf.Release(snapshot.get()), nullptr);
}

TEST(SnapshotShelfTest, TakesOutWhatTheRingNoLongerLeadsOnFrom) {
  SnapshotShelf shelf = FullShelf();
  const auto old = shelf.TakeOlderThan({1, 3});
  ASSERT_EQ(old.size(), 2u);
  EXPECT_EQ(old[0]->position, (Position{1, 1}));
  EXPECT_THAT(shelf.TakeOlderThan({1, 3}), IsEmpty());
  // Another incarnation makes all of them useless.
  EXPECT_EQ(shelf.TakeOlderThan({2, 0}).size(), SnapshotShelf::kMaxSnapshots - 2);
}

}  // namespace
}  // namespace omninode::registry
