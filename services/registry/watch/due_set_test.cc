#include "services/registry/watch/due_set.h"

#include <absl/time/time.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace omninode::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

MonotonicTime At(int seconds) { return MonotonicTime::SinceBoot(absl::Seconds(seconds)); }

TEST(DueSetTest, GivesOutWhatIsDueEarliestFirstAndOnce) {
  DueSet<int> set;
  set.Set(1, At(30));
  set.Set(2, At(10));
  set.Set(3, At(20));
  EXPECT_EQ(set.Earliest(), At(10));
  EXPECT_THAT(set.TakeDue(At(9)), IsEmpty());
  EXPECT_THAT(set.TakeDue(At(20)), ElementsAre(2, 3));
  EXPECT_THAT(set.TakeDue(At(20)), IsEmpty());
  EXPECT_EQ(set.Earliest(), At(30));
  EXPECT_EQ(set.size(), 1u);
}

TEST(DueSetTest, ANewTimeReplacesTheOldOne) {
  DueSet<int> set;
  set.Set(1, At(10));
  set.Set(1, At(30));
  EXPECT_THAT(set.TakeDue(At(20)), IsEmpty());
  set.Set(1, At(15));
  EXPECT_THAT(set.TakeDue(At(20)), ElementsAre(1));
}

TEST(DueSetTest, SetEarlierNeverMakesLater) {
  DueSet<int> set;
  set.SetEarlier(1, At(20));
  set.SetEarlier(1, At(30));
  EXPECT_EQ(set.Earliest(), At(20));
  set.SetEarlier(1, At(10));
  EXPECT_EQ(set.Earliest(), At(10));
}

TEST(DueSetTest, WhatIsNeverDueIsNotKept) {
  DueSet<int> set;
  set.Set(1, MonotonicTime::InfiniteFuture());
  EXPECT_EQ(set.size(), 0u);
  set.Set(1, At(10));
  set.Set(1, MonotonicTime::InfiniteFuture());
  EXPECT_EQ(set.size(), 0u);
  EXPECT_EQ(set.Earliest(), MonotonicTime::InfiniteFuture());
}

TEST(DueSetTest, RemoveForgetsAndToleratesStrangers) {
  DueSet<int> set;
  set.Set(1, At(10));
  set.Remove(2);
  set.Remove(1);
  EXPECT_THAT(set.TakeDue(At(10)), IsEmpty());
}

}  // namespace
}  // namespace omninode::registry
