#include "common/concurrency/executor.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include "common/concurrency/gate.h"

namespace omninode {
namespace {

TEST(InlineExecutor, RunsBeforeItReturns) {
  InlineExecutor executor;
  bool ran = false;
  EXPECT_TRUE(executor.TrySubmit([&] { ran = true; }));
  EXPECT_TRUE(ran);
}

TEST(ThreadPool, RunsTasksOnAThreadOfItsNameInOrder) {
  std::vector<int> order;
  std::string name(16, '\0');
  const auto caller = std::this_thread::get_id();
  {
    ThreadPool pool("verify-executor", 1, 10);
    EXPECT_TRUE(pool.TrySubmit([&] {
      EXPECT_NE(std::this_thread::get_id(), caller);
      pthread_getname_np(pthread_self(), name.data(), name.size());
    }));
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(pool.TrySubmit([&order, i] { order.push_back(i); }));
    }
  }
  EXPECT_STREQ(name.c_str(), "verify-executor");
  EXPECT_THAT(order, testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST(ThreadPool, RefusesWhenItsQueueIsFullAndNeverRunsWhatItRefused) {
  Gate started;
  Gate release;
  std::atomic<int> ran{0};
  bool refused_ran = false;
  {
    ThreadPool pool("test", 1, 2);
    EXPECT_TRUE(pool.TrySubmit([&] {
      started.Arrive();
      release.Await();
    }));
    started.Await();  // the one thread is busy, so what follows stays in the queue
    EXPECT_TRUE(pool.TrySubmit([&] { ++ran; }));
    EXPECT_TRUE(pool.TrySubmit([&] { ++ran; }));
    EXPECT_FALSE(pool.TrySubmit([&] { refused_ran = true; }));
    release.Arrive();
  }
  EXPECT_EQ(ran, 2);
  EXPECT_FALSE(refused_ran);
}

TEST(ThreadPool, RunsWhatIsQueuedBeforeItsDestructorReturns) {
  Gate release;
  std::atomic<int> ran{0};
  {
    ThreadPool pool("test", 2, 100);
    EXPECT_TRUE(pool.TrySubmit([&] { release.Await(); }));
    EXPECT_TRUE(pool.TrySubmit([&] { release.Await(); }));
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(pool.TrySubmit([&] { ++ran; }));
    EXPECT_EQ(ran, 0);
    release.Arrive();
  }
  EXPECT_EQ(ran, 50);
}

TEST(ThreadPool, RunsAsManyTasksAtATimeAsItHasThreads) {
  Gate met;
  ThreadPool pool("test", 3, 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(pool.TrySubmit([&] {
      met.Arrive();
      met.Await(3);  // would hang with fewer threads
    }));
  }
  met.Await(3);
}

TEST(ThreadPool, TakesTasksFromItsOwnTasks) {
  Gate done;
  ThreadPool pool("test", 1, 1);
  EXPECT_TRUE(pool.TrySubmit([&] { EXPECT_TRUE(pool.TrySubmit([&] { done.Arrive(); })); }));
  done.Await();
}

TEST(ThreadPool, DestroysATaskAfterItRanAndNotAtTheNextOne) {
  Gate destroyed;
  ThreadPool pool("test", 1, 1);
  std::shared_ptr<void> guard(nullptr, [&](void*) { destroyed.Arrive(); });
  EXPECT_TRUE(pool.TrySubmit([guard = std::move(guard)] {}));
  destroyed.Await();
}

}  // namespace
}  // namespace omninode
