#include "common/concurrency/subscription.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/concurrency/gate.h"

namespace omninode {
namespace {

using testing::ElementsAre;

TEST(Subscribers, AreToldInOrderOfSubscription) {
  Subscribers<int, std::string> subscribers;
  std::vector<std::string> heard;
  const Subscription first = subscribers.Subscribe(
      [&](int n, const std::string& text) { heard.push_back(fmt::format("1:{}{}", text, n)); });
  const Subscription second = subscribers.Subscribe(
      [&](int n, const std::string& text) { heard.push_back(fmt::format("2:{}{}", text, n)); });
  subscribers.Notify(7, "x");
  EXPECT_THAT(heard, ElementsAre("1:x7", "2:x7"));
}

TEST(Subscribers, AreNotToldBeforeAndAfterTheirSubscription) {
  Subscribers<int> subscribers;
  std::vector<int> heard;
  subscribers.Notify(1);
  {
    const Subscription subscription = subscribers.Subscribe([&](int n) { heard.push_back(n); });
    subscribers.Notify(2);
  }
  subscribers.Notify(3);
  EXPECT_THAT(heard, ElementsAre(2));
}

TEST(Subscribers, MayEndBeforeTheirSubscriptions) {
  auto subscribers = std::make_unique<Subscribers<>>();
  int heard = 0;
  Subscription subscription = subscribers->Subscribe([&] { ++heard; });
  subscribers->Notify();
  subscribers.reset();
  subscription.Reset();
  EXPECT_EQ(heard, 1);
}

TEST(Subscribers, MaySubscribeInACallbackAndAreToldFromTheNextEventOn) {
  Subscribers<int> subscribers;
  std::vector<int> heard;
  Subscription inner;
  const Subscription outer = subscribers.Subscribe([&](int n) {
    if (n == 1) inner = subscribers.Subscribe([&](int m) { heard.push_back(m); });
  });
  subscribers.Notify(1);
  EXPECT_THAT(heard, ElementsAre());
  subscribers.Notify(2);
  EXPECT_THAT(heard, ElementsAre(2));
}

TEST(Subscribers, MayNotifyInACallback) {
  Subscribers<int> subscribers;
  std::vector<int> heard;
  const Subscription subscription = subscribers.Subscribe([&](int n) {
    heard.push_back(n);
    if (n < 3) subscribers.Notify(n + 1);
  });
  subscribers.Notify(1);
  EXPECT_THAT(heard, ElementsAre(1, 2, 3));
}

TEST(Subscription, EndsOthersInsideACallback) {
  Subscribers<> subscribers;
  int heard = 0;
  Subscription second;
  const Subscription first = subscribers.Subscribe([&] { second.Reset(); });
  second = subscribers.Subscribe([&] { ++heard; });
  subscribers.Notify();
  EXPECT_EQ(heard, 0);
}

TEST(Subscription, EndsItselfInsideItsOwnCallback) {
  Subscribers<> subscribers;
  int heard = 0;
  Subscription subscription;
  auto token = std::make_shared<int>(0);
  const std::weak_ptr<int> captured = token;
  subscription = subscribers.Subscribe([&heard, &subscription, &captured, token] {
    ++heard;
    subscription.Reset();
    EXPECT_FALSE(captured.expired());  // what the callback holds lives until it returns
  });
  token.reset();
  subscribers.Notify();
  EXPECT_TRUE(captured.expired());
  subscribers.Notify();
  EXPECT_EQ(heard, 1);
}

TEST(Subscription, IsNotToldOfAnEventInsideTheCallbackThatEndedIt) {
  Subscribers<int> subscribers;
  std::vector<int> heard;
  Subscription subscription;
  subscription = subscribers.Subscribe([&](int n) {
    heard.push_back(n);
    subscription.Reset();
    if (n < 3) subscribers.Notify(n + 1);
  });
  subscribers.Notify(1);
  EXPECT_THAT(heard, ElementsAre(1));
}

TEST(Subscription, WaitsAtItsEndForACallOnAnotherThread) {
  Subscribers<> subscribers;
  Gate entered;
  Gate ending;
  std::atomic<bool> finished{false};
  Subscription subscription = subscribers.Subscribe([&] {
    entered.Arrive();
    ending.Await();
    // Gives a Reset that does not wait every chance to return too early.
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();
    finished = true;
  });
  std::thread notifier([&] { subscribers.Notify(); });
  entered.Await();
  ending.Arrive();
  subscription.Reset();
  EXPECT_TRUE(finished);
  notifier.join();
}

TEST(Subscription, DropsWhatItsCallbackHoldsAtItsEnd) {
  Subscribers<> subscribers;
  auto token = std::make_shared<int>(0);
  const std::weak_ptr<int> captured = token;
  Subscription subscription = subscribers.Subscribe([token] {});
  token.reset();
  EXPECT_FALSE(captured.expired());
  subscription.Reset();
  EXPECT_TRUE(captured.expired());
}

TEST(Subscription, MovesItsRightToEnd) {
  Subscribers<> subscribers;
  int heard = 0;
  Subscription first = subscribers.Subscribe([&] { ++heard; });
  Subscription second = std::move(first);
  first.Reset();  // has nothing to end any more
  subscribers.Notify();
  EXPECT_EQ(heard, 1);
  second = Subscription();
  subscribers.Notify();
  EXPECT_EQ(heard, 1);
}

TEST(Subscription, EndsTheOneThatIsReplaced) {
  Subscribers<> subscribers;
  int old_heard = 0;
  int new_heard = 0;
  Subscription subscription = subscribers.Subscribe([&] { ++old_heard; });
  subscription = subscribers.Subscribe([&] { ++new_heard; });
  subscribers.Notify();
  EXPECT_EQ(old_heard, 0);
  EXPECT_EQ(new_heard, 1);
}

TEST(Subscription, ComesAndGoesWhileOthersAreTold) {
  Subscribers<> subscribers;
  std::atomic<bool> stop{false};
  std::thread notifier([&] {
    while (!stop) subscribers.Notify();
  });
  for (int i = 0; i < 2000; ++i) {
    auto alive = std::make_unique<std::atomic<int>>(0);
    Subscription subscription = subscribers.Subscribe([&counter = *alive] { ++counter; });
    subscription.Reset();
    alive.reset();  // a call after Reset would write freed memory
  }
  stop = true;
  notifier.join();
}

}  // namespace
}  // namespace omninode
