#include "services/registry/lease/outage_clock.h"

#include <gtest/gtest.h>

namespace omninode::registry {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(250);

MonotonicTime At(absl::Duration since_boot) { return MonotonicTime::SinceBoot(since_boot); }

OutageClock MakeClock() {
  return OutageClock({.pause_threshold = absl::Seconds(1), .drain = absl::Milliseconds(500)});
}

TEST(OutageClockTest, TheFirstTickIsNoPause) {
  OutageClock clock = MakeClock();
  const auto verdict = clock.Tick(At(absl::Hours(5)));
  EXPECT_EQ(verdict.shift, absl::ZeroDuration());
  EXPECT_TRUE(verdict.may_expire);
}

TEST(OutageClockTest, RegularTicksMoveNothing) {
  OutageClock clock = MakeClock();
  for (int i = 0; i < 20; ++i) {
    const auto verdict = clock.Tick(At(absl::Seconds(10) + i * kTick));
    EXPECT_EQ(verdict.shift, absl::ZeroDuration());
    EXPECT_TRUE(verdict.may_expire);
  }
}

TEST(OutageClockTest, AGapUpToTheThresholdIsNoPause) {
  OutageClock clock = MakeClock();
  clock.Tick(At(absl::Seconds(10)));
  EXPECT_EQ(clock.Tick(At(absl::Seconds(11))).shift, absl::ZeroDuration());
  EXPECT_EQ(clock.Tick(At(absl::Seconds(12) + absl::Nanoseconds(1))).shift,
            absl::Seconds(1) + absl::Nanoseconds(1));
}

TEST(OutageClockTest, APauseShiftsByTheWholeGapOnceAndDrainsFirst) {
  OutageClock clock = MakeClock();
  clock.Tick(At(absl::Seconds(10)));
  auto verdict = clock.Tick(At(absl::Seconds(100)));
  EXPECT_EQ(verdict.shift, absl::Seconds(90));
  EXPECT_FALSE(verdict.may_expire);
  verdict = clock.Tick(At(absl::Seconds(100) + kTick));
  EXPECT_EQ(verdict.shift, absl::ZeroDuration());
  EXPECT_FALSE(verdict.may_expire);
  verdict = clock.Tick(At(absl::Seconds(100) + 2 * kTick));
  EXPECT_EQ(verdict.shift, absl::ZeroDuration());
  EXPECT_TRUE(verdict.may_expire);
}

TEST(OutageClockTest, APauseDuringTheDrainStartsItAgain) {
  OutageClock clock = MakeClock();
  clock.Tick(At(absl::Seconds(10)));
  clock.Tick(At(absl::Seconds(20)));
  EXPECT_FALSE(clock.Tick(At(absl::Seconds(25))).may_expire);
  EXPECT_FALSE(clock.Tick(At(absl::Seconds(25) + kTick)).may_expire);
  EXPECT_TRUE(clock.Tick(At(absl::Seconds(25) + 2 * kTick)).may_expire);
}

TEST(OutageClockTest, NothingExpiresAndNobodyGainsTimeWhileTheStoreIsAway) {
  OutageClock clock = MakeClock();
  clock.Tick(At(absl::Seconds(10)));
  clock.StoreLost();
  for (int i = 1; i <= 400; ++i) {
    const auto verdict = clock.Tick(At(absl::Seconds(10) + i * kTick));
    EXPECT_FALSE(verdict.may_expire);
    EXPECT_EQ(verdict.shift, absl::ZeroDuration());
  }
  clock.StoreBack();
  const auto verdict = clock.Tick(At(absl::Seconds(10) + 401 * kTick));
  EXPECT_TRUE(verdict.may_expire);
  EXPECT_EQ(verdict.shift, absl::ZeroDuration());
}

TEST(OutageClockTest, APauseWhileTheStoreIsAwayCountsAsAPause) {
  OutageClock clock = MakeClock();
  clock.Tick(At(absl::Seconds(10)));
  clock.StoreLost();
  EXPECT_EQ(clock.Tick(At(absl::Seconds(40))).shift, absl::Seconds(30));
  clock.StoreBack();
  EXPECT_FALSE(clock.Tick(At(absl::Seconds(40) + kTick)).may_expire) << "still draining";
  EXPECT_TRUE(clock.Tick(At(absl::Seconds(40) + 2 * kTick)).may_expire);
}

}  // namespace
}  // namespace omninode::registry
