#include "common/concurrency/periodic_task.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "common/concurrency/gate.h"

namespace omninode {
namespace {

TEST(PeriodicTask, CallsAtOnceAndAgainAfterTheWait) {
  Gate calls;
  PeriodicTask task("test", [&] {
    calls.Arrive();
    return absl::Microseconds(1);
  });
  calls.Await(5);
}

TEST(PeriodicTask, CallsWithoutAPauseForAWaitOfZero) {
  Gate calls;
  PeriodicTask task("test", [&] {
    calls.Arrive();
    return calls.arrived() < 100 ? absl::ZeroDuration() : absl::InfiniteDuration();
  });
  calls.Await(100);
}

TEST(PeriodicTask, CallsNowWhenKicked) {
  Gate calls;
  PeriodicTask task("test", [&] {
    calls.Arrive();
    return absl::Hours(1);
  });
  for (int i = 1; i <= 5; ++i) {
    calls.Await(i);
    task.Kick();
  }
  calls.Await(6);
}

TEST(PeriodicTask, WaitsForAKickWhenTheWaitIsInfinite) {
  Gate calls;
  PeriodicTask task("test", [&] {
    calls.Arrive();
    return absl::InfiniteDuration();
  });
  calls.Await(1);
  for (int i = 0; i < 1000; ++i) std::this_thread::yield();
  EXPECT_EQ(calls.arrived(), 1);
  task.Kick();
  calls.Await(2);
}

TEST(PeriodicTask, RemembersAKickThatComesDuringACall) {
  Gate calls;
  Gate release;
  PeriodicTask task("test", [&] {
    calls.Arrive();
    release.Await();
    return absl::InfiniteDuration();
  });
  calls.Await(1);
  task.Kick();
  task.Kick();  // two kicks are one more call
  release.Arrive();
  calls.Await(2);
  for (int i = 0; i < 1000; ++i) std::this_thread::yield();
  EXPECT_EQ(calls.arrived(), 2);
}

TEST(PeriodicTask, MayKickItself) {
  Gate calls;
  std::atomic<PeriodicTask*> self{nullptr};
  Gate ready;
  PeriodicTask task("test", [&] {
    ready.Await();
    calls.Arrive();
    if (calls.arrived() < 3) self.load()->Kick();
    return absl::InfiniteDuration();
  });
  self = &task;
  ready.Arrive();
  calls.Await(3);
}

TEST(PeriodicTask, WaitsInItsDestructorForTheCallInProgress) {
  Gate entered;
  std::atomic<bool> finished{false};
  {
    PeriodicTask task("test", [&] {
      entered.Arrive();
      for (int i = 0; i < 1000; ++i) std::this_thread::yield();
      finished = true;
      return absl::InfiniteDuration();
    });
    entered.Await();
  }
  EXPECT_TRUE(finished);
}

TEST(PeriodicTask, EndsWhileItWaits) {
  Gate calls;
  {
    PeriodicTask task("test", [&] {
      calls.Arrive();
      return absl::Hours(1);
    });
    calls.Await(1);
  }
  EXPECT_EQ(calls.arrived(), 1);
}

}  // namespace
}  // namespace omninode
