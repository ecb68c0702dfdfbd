#include "common/time/clock.h"

#include <chrono>

#include <gtest/gtest.h>

#include "common/time/fake_clock.h"

namespace omninode {
namespace {

TEST(SystemClock, AgreesWithTheStandardLibraryOnTheWallTime) {
  const SystemClock clock;
  const absl::Time before = absl::FromChrono(std::chrono::system_clock::now());
  const absl::Time now = clock.Now();
  const absl::Time after = absl::FromChrono(std::chrono::system_clock::now());
  // Abseil interpolates between readings of the kernel's clock.
  EXPECT_GE(now, before - absl::Milliseconds(50));
  EXPECT_LE(now, after + absl::Milliseconds(50));
}

TEST(SystemClock, NeverStepsBackMonotonically) {
  const SystemClock clock;
  MonotonicTime last = clock.Monotonic();
  EXPECT_GT(last.since_boot(), absl::ZeroDuration());
  for (int i = 0; i < 1000; ++i) {
    const MonotonicTime now = clock.Monotonic();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(FakeClock, StandsStill) {
  const FakeClock clock(absl::FromUnixSeconds(5));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(5));
  EXPECT_EQ(clock.Now(), clock.Now());
  EXPECT_EQ(clock.Monotonic(), clock.Monotonic());
}

TEST(FakeClock, AdvancesBothTimesTogether) {
  FakeClock clock;
  const absl::Time wall = clock.Now();
  const MonotonicTime monotonic = clock.Monotonic();
  clock.Advance(absl::Seconds(3));
  EXPECT_EQ(clock.Now() - wall, absl::Seconds(3));
  EXPECT_EQ(clock.Monotonic() - monotonic, absl::Seconds(3));
}

TEST(FakeClock, StepsTheWallAlone) {
  FakeClock clock;
  const absl::Time wall = clock.Now();
  const MonotonicTime monotonic = clock.Monotonic();
  clock.StepWall(-absl::Hours(1));
  EXPECT_EQ(clock.Now() - wall, -absl::Hours(1));
  EXPECT_EQ(clock.Monotonic(), monotonic);
}

}  // namespace
}  // namespace omninode
