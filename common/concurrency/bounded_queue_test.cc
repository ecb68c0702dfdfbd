#include "common/concurrency/bounded_queue.h"

#include <array>
#include <cstddef>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <absl/time/time.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace omninode {
namespace {

using testing::ElementsAre;

constexpr absl::Duration kNoWait = absl::ZeroDuration();

template <typename T>
std::vector<T> Take(BoundedQueue<T>& queue, std::size_t max = 100) {
  std::vector<T> items;
  const std::size_t count = queue.PopAll(&items, max, kNoWait);
  EXPECT_EQ(count, items.size());
  return items;
}

TEST(BoundedQueue, TakesItsBoundAndNotOneMore) {
  BoundedQueue<int> queue(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.TryPush(std::move(i)));
  EXPECT_FALSE(queue.TryPush(3));
  EXPECT_EQ(queue.size(), queue.capacity());
  EXPECT_THAT(Take(queue), ElementsAre(0, 1, 2));
  EXPECT_TRUE(queue.TryPush(4));
}

TEST(BoundedQueue, LeavesARefusedItemUntouched) {
  BoundedQueue<std::unique_ptr<int>> queue(0);
  auto item = std::make_unique<int>(7);
  EXPECT_FALSE(queue.TryPush(std::move(item)));
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(*item, 7);
}

TEST(BoundedQueue, HandsOutAtMostWhatIsAskedForOldestFirst) {
  BoundedQueue<int> queue(5);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(queue.TryPush(std::move(i)));
  EXPECT_THAT(Take(queue, 2), ElementsAre(0, 1));
  EXPECT_THAT(Take(queue, 0), ElementsAre());
  EXPECT_THAT(Take(queue, 4), ElementsAre(2, 3, 4));
}

TEST(BoundedQueue, AppendsToWhatTheConsumerHas) {
  BoundedQueue<int> queue(1);
  EXPECT_TRUE(queue.TryPush(2));
  std::vector<int> items = {1};
  EXPECT_EQ(queue.PopAll(&items, 10, kNoWait), 1U);
  EXPECT_THAT(items, ElementsAre(1, 2));
}

TEST(BoundedQueue, GivesNothingAfterTheTimeout) {
  BoundedQueue<int> queue(1);
  std::vector<int> items;
  EXPECT_EQ(queue.PopAll(&items, 1, absl::Milliseconds(1)), 0U);
  EXPECT_EQ(queue.PopAll(&items, 1, -absl::Seconds(1)), 0U);
}

TEST(BoundedQueue, WaitsForAnItem) {
  BoundedQueue<int> queue(1);
  std::thread producer([&] { EXPECT_TRUE(queue.TryPush(7)); });
  std::vector<int> items;
  EXPECT_EQ(queue.PopAll(&items, 10, absl::InfiniteDuration()), 1U);
  EXPECT_THAT(items, ElementsAre(7));
  producer.join();
}

TEST(BoundedQueue, WakesAConsumerWithoutAnItem) {
  BoundedQueue<int> queue(1);
  std::thread waker([&] { queue.Wake(); });
  std::vector<int> items;
  EXPECT_EQ(queue.PopAll(&items, 10, absl::InfiniteDuration()), 0U);
  waker.join();
}

TEST(BoundedQueue, RemembersAWakeThatCameBeforeTheWait) {
  BoundedQueue<int> queue(1);
  queue.Wake();
  std::vector<int> items;
  EXPECT_EQ(queue.PopAll(&items, 10, absl::InfiniteDuration()), 0U);
}

TEST(BoundedQueue, TakesNothingAfterCloseAndGivesWhatIsInside) {
  BoundedQueue<int> queue(3);
  EXPECT_TRUE(queue.TryPush(1));
  queue.Close();
  EXPECT_FALSE(queue.TryPush(2));
  std::vector<int> items;
  EXPECT_EQ(queue.PopAll(&items, 10, absl::InfiniteDuration()), 1U);
  EXPECT_EQ(queue.PopAll(&items, 10, absl::InfiniteDuration()), 0U);  // does not wait
  EXPECT_THAT(items, ElementsAre(1));
}

TEST(BoundedQueue, LetsEveryWaitingConsumerGoAtClose) {
  BoundedQueue<int> queue(1);
  std::vector<std::thread> consumers;
  for (int i = 0; i < 3; ++i) {
    consumers.emplace_back([&] {
      std::vector<int> items;
      EXPECT_EQ(queue.PopAll(&items, 10, absl::InfiniteDuration()), 0U);
    });
  }
  queue.Close();
  for (std::thread& consumer : consumers) consumer.join();
}

TEST(BoundedQueue, LosesAndDoublesNothingBetweenManyThreads) {
  constexpr int kProducers = 3;
  constexpr int kItems = 2000;
  BoundedQueue<int> queue(16);
  std::vector<std::thread> producers;
  for (int p = 0; p < kProducers; ++p) {
    producers.emplace_back([&queue, p] {
      for (int i = 0; i < kItems; ++i) {
        int item = p * kItems + i;
        while (!queue.TryPush(std::move(item))) std::this_thread::yield();
      }
    });
  }
  std::array<std::vector<int>, 2> taken;
  std::vector<std::thread> consumers;
  for (std::vector<int>& items : taken) {
    consumers.emplace_back([&queue, &items] {
      while (queue.PopAll(&items, 5, absl::InfiniteDuration()) != 0) {
      }
    });
  }
  for (std::thread& producer : producers) producer.join();
  queue.Close();
  for (std::thread& consumer : consumers) consumer.join();

  std::vector<int> seen(kProducers * kItems);
  for (const std::vector<int>& items : taken) {
    for (const int item : items) ++seen[static_cast<std::size_t>(item)];
  }
  EXPECT_THAT(seen, testing::Each(1));
}

}  // namespace
}  // namespace omninode
