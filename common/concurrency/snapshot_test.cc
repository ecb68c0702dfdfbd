#include "common/concurrency/snapshot.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace omninode {
namespace {

TEST(Snapshot, IsNullUntilTheFirstStore) {
  Snapshot<int> snapshot;
  EXPECT_EQ(snapshot.Load(), nullptr);
  snapshot.Store(std::make_shared<int>(1));
  EXPECT_EQ(*snapshot.Load(), 1);
}

TEST(Snapshot, StartsWithItsValue) {
  const Snapshot<int> snapshot(std::make_shared<int>(7));
  EXPECT_EQ(*snapshot.Load(), 7);
}

TEST(Snapshot, LeavesWhatAReaderHoldsUnchanged) {
  Snapshot<std::string> snapshot(std::make_shared<std::string>("old"));
  const auto held = snapshot.Load();
  snapshot.Store(std::make_shared<std::string>("new"));
  EXPECT_EQ(*held, "old");
  EXPECT_EQ(*snapshot.Load(), "new");
}

TEST(Snapshot, DropsTheOldValueAtStore) {
  auto first = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = first;
  Snapshot<int> snapshot(std::move(first));
  snapshot.Store(nullptr);
  EXPECT_TRUE(watched.expired());
  EXPECT_EQ(snapshot.Load(), nullptr);
}

// Its destructor uses the snapshot, which would hang if it ran under the snapshot's lock.
struct LooksBack {
  explicit LooksBack(Snapshot<LooksBack>& s) : snapshot(s) {}
  ~LooksBack() { last_seen = snapshot.Load() != nullptr; }
  Snapshot<LooksBack>& snapshot;
  static inline bool last_seen = false;
};

TEST(Snapshot, DestroysTheOldValueOutsideItsLock) {
  Snapshot<LooksBack> snapshot;
  snapshot.Store(std::make_shared<LooksBack>(snapshot));
  snapshot.Store(std::make_shared<LooksBack>(snapshot));
  EXPECT_TRUE(LooksBack::last_seen);
  snapshot.Store(nullptr);
  EXPECT_FALSE(LooksBack::last_seen);
}

TEST(Snapshot, IsReadWhileItIsReplaced) {
  struct Pair {
    int a;
    int b;
  };
  Snapshot<Pair> snapshot(std::make_shared<Pair>(Pair{0, 0}));
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    while (!stop) {
      const auto pair = snapshot.Load();
      ASSERT_EQ(pair->a, pair->b);
    }
  });
  for (int i = 1; i <= 5000; ++i) snapshot.Store(std::make_shared<Pair>(Pair{i, i}));
  stop = true;
  reader.join();
}

}  // namespace
}  // namespace omninode
