#include "tools/testbed/wait.h"

#include <gtest/gtest.h>

#include "common/base/status.h"

namespace omninode::testbed {
namespace {

TEST(DeadlineTest, HasNothingLeftOnceItHasPassed) {
  const Deadline past = Deadline::In(-absl::Seconds(1));
  EXPECT_TRUE(past.passed());
  EXPECT_EQ(past.left(), absl::ZeroDuration());
  EXPECT_EQ(past.left_ms(), 0);
}

TEST(DeadlineTest, RoundsUpForPollSoThatItIsNotAskedTooOften) {
  const Deadline future = Deadline::In(absl::Hours(1));
  EXPECT_FALSE(future.passed());
  EXPECT_GT(future.left_ms(), 3'590'000);
  EXPECT_LE(future.left_ms(), 3'600'000);
  EXPECT_EQ(Deadline::In(absl::Hours(24 * 365)).left_ms(), std::numeric_limits<int>::max());
}

TEST(EventuallyTest, AsksUntilTheAnswerIsYes) {
  int calls = 0;
  EXPECT_TRUE(WaitUntil(absl::Seconds(10), [&] { return ++calls == 3; }));
  EXPECT_EQ(calls, 3);
}

TEST(EventuallyTest, AsksOnceEvenWithoutTime) {
  int calls = 0;
  EXPECT_TRUE(WaitUntil(absl::ZeroDuration(), [&] { return ++calls == 1; }));
  EXPECT_EQ(calls, 1);
}

TEST(EventuallyTest, TellsTheLastAnswerWhenTheTimeIsOver) {
  const absl::Status status = Eventually(
      absl::Milliseconds(1), [] { return Error(absl::StatusCode::kNotFound, "2 of 3 nodes"); });
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Message(status), "not within 1ms: 2 of 3 nodes");
}

TEST(StepClockTest, Rises) {
  const StepClock clock;
  const absl::Duration first = clock.elapsed();
  EXPECT_GE(first, absl::ZeroDuration());
  EXPECT_GE(clock.elapsed(), first);
}

}  // namespace
}  // namespace omninode::testbed
