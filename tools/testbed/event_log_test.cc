#include "tools/testbed/event_log.h"

#include <thread>

#include <gtest/gtest.h>

namespace omninode::testbed {
namespace {

TEST(EventLogTest, FindsWhatHasHappenedWithoutWaiting) {
  EventLog<int> log;
  log.Add(1);
  log.Add(2);
  EXPECT_EQ(log.WaitFor([](int event) { return event == 2; }, absl::ZeroDuration()), 2);
  EXPECT_EQ(log.From(1), std::vector<int>{2});
  EXPECT_TRUE(log.From(2).empty());
}

TEST(EventLogTest, DoesNotLookBeforeTheGivenPlace) {
  EventLog<int> log;
  log.Add(7);
  const std::size_t from = log.size();
  EXPECT_EQ(log.WaitFor([](int event) { return event == 7; }, absl::ZeroDuration(), from),
            std::nullopt);
  log.Add(7);
  EXPECT_EQ(log.WaitFor([](int event) { return event == 7; }, absl::ZeroDuration(), from), 7);
}

TEST(EventLogTest, WaitsForWhatAnotherThreadAdds) {
  EventLog<int> log;
  std::thread writer([&] {
    for (int i = 0; i <= 100; ++i) log.Add(i);
  });
  EXPECT_EQ(log.WaitFor([](int event) { return event == 100; }, absl::Seconds(30)), 100);
  writer.join();
}

}  // namespace
}  // namespace omninode::testbed
