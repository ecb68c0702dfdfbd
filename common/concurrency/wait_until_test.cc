#include "common/concurrency/wait_until.h"

#include <thread>

#include <gtest/gtest.h>

namespace omninode {
namespace {

class WaitUntilTest : public testing::Test {
 protected:
  Mutex mutex;
  CondVar changed;
  int count = 0;
};

TEST_F(WaitUntilTest, DoesNotWaitForWhatIsThere) {
  MutexLock lock(mutex);
  EXPECT_TRUE(WaitUntil(changed, mutex, absl::ZeroDuration(), [] { return true; }));
}

TEST_F(WaitUntilTest, GivesUpAtItsEnd) {
  MutexLock lock(mutex);
  EXPECT_FALSE(WaitUntil(changed, mutex, absl::Milliseconds(5), [] { return false; }));
  EXPECT_FALSE(WaitUntil(changed, mutex, -absl::Seconds(1), [] { return false; }));
}

TEST_F(WaitUntilTest, OutlivesWakeUpsForOtherReasons) {
  std::thread other([&] {
    for (int i = 0; i < 100; ++i) {
      MutexLock lock(mutex);
      ++count;
      changed.NotifyAll();
    }
  });
  {
    MutexLock lock(mutex);
    EXPECT_TRUE(WaitUntil(changed, mutex, absl::InfiniteDuration(), [&] { return count == 100; }));
  }
  other.join();
}

}  // namespace
}  // namespace omninode
