#include "common/base/mutex.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace omninode {
namespace {

// A flag that one thread raises and another waits for.
struct Flag {
  void Raise() {
    MutexLock lock(mutex);
    raised = true;
    changed.NotifyAll();
  }
  Mutex mutex;
  CondVar changed;
  bool raised ABSL_GUARDED_BY(mutex) = false;
};

TEST(Mutex, KeepsOthersOut) {
  Mutex mutex;
  int counter = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        MutexLock lock(mutex);
        ++counter;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter, 40'000);
}

TEST(Mutex, TellsWhetherItWasTaken) {
  Mutex mutex;
  ASSERT_TRUE(mutex.TryLock());
  bool second = true;
  std::thread([&] {
    second = mutex.TryLock();
    if (second) mutex.Unlock();
  }).join();
  EXPECT_FALSE(second);
  mutex.Unlock();
  ASSERT_TRUE(mutex.TryLock());
  mutex.Unlock();
}

TEST(CondVar, WakesTheOneThatWaits) {
  Flag flag;
  std::thread raiser([&] { flag.Raise(); });
  {
    MutexLock lock(flag.mutex);
    while (!flag.raised) flag.changed.Wait(flag.mutex);
  }
  raiser.join();
}

TEST(CondVar, WaitsForEverWithAnInfiniteTimeout) {
  for (const absl::Duration timeout : {absl::InfiniteDuration(), absl::Hours(3'000'000)}) {
    Flag flag;
    std::thread raiser([&] { flag.Raise(); });
    {
      MutexLock lock(flag.mutex);
      while (!flag.raised) EXPECT_TRUE(flag.changed.WaitFor(flag.mutex, timeout));
    }
    raiser.join();
  }
}

TEST(CondVar, ReportsThatTheTimeHasPassed) {
  Flag flag;
  MutexLock lock(flag.mutex);
  while (flag.changed.WaitFor(flag.mutex, absl::Milliseconds(1))) {
  }
  EXPECT_FALSE(flag.raised);
}

TEST(CondVar, DoesNotWaitForANegativeTimeout) {
  Flag flag;
  MutexLock lock(flag.mutex);
  EXPECT_FALSE(flag.changed.WaitFor(flag.mutex, -absl::Seconds(1)));
  EXPECT_FALSE(flag.changed.WaitFor(flag.mutex, -absl::InfiniteDuration()));
}

}  // namespace
}  // namespace omninode
