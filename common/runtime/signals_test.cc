#include "common/runtime/signals.h"

#include <cerrno>
#include <memory>
#include <thread>

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "common/base/status.h"

namespace omninode::runtime {
namespace {

class SignalsTest : public testing::Test {
 protected:
  SignalsTest() {
    BlockSignals();
    auto waiter = SignalWaiter::Create();
    EXPECT_TRUE(waiter.ok()) << waiter.status();
    waiter_ = *std::move(waiter);
  }
  StopRequest Wait() {
    return waiter_->Wait([this] { ++hangups_; });
  }

  std::unique_ptr<SignalWaiter> waiter_;
  int hangups_ = 0;
};

TEST_F(SignalsTest, ReturnsAtTermAndInt) {
  ::kill(::getpid(), SIGTERM);
  EXPECT_EQ(Wait().cause, "SIGTERM");
  ::kill(::getpid(), SIGINT);
  const StopRequest request = Wait();
  EXPECT_EQ(request.cause, "SIGINT");
  EXPECT_TRUE(request.status.ok());
}

TEST_F(SignalsTest, CallsBackAtHangupAndGoesOnWaiting) {
  ::kill(::getpid(), SIGHUP);
  EXPECT_FALSE(waiter_->StopPending());
  const StopRequest request = waiter_->Wait([this] {
    if (++hangups_ == 1) ::kill(::getpid(), SIGHUP);
    if (hangups_ == 2) waiter_->RequestStop(absl::OkStatus());
  });
  EXPECT_EQ(hangups_, 2);
  EXPECT_EQ(request.cause, "request");
}

TEST_F(SignalsTest, ReturnsTheFirstRequestEvenOneMadeBefore) {
  waiter_->RequestStop(Error(absl::StatusCode::kUnavailable, "store lost"));
  waiter_->RequestStop(absl::OkStatus());
  const StopRequest request = Wait();
  EXPECT_EQ(request.cause, "request");
  EXPECT_EQ(Message(request.status), "store lost");
}

TEST_F(SignalsTest, IsWokenByARequestFromAnotherThread) {
  std::thread other([this] { waiter_->RequestStop(absl::OkStatus()); });
  EXPECT_EQ(Wait().cause, "request");
  other.join();
}

TEST_F(SignalsTest, TellsWhetherAStopIsPending) {
  EXPECT_FALSE(waiter_->StopPending());
  ::kill(::getpid(), SIGTERM);
  EXPECT_TRUE(waiter_->StopPending());
  Wait();
  EXPECT_FALSE(waiter_->StopPending());
  waiter_->RequestStop(absl::OkStatus());
  EXPECT_TRUE(waiter_->StopPending());
}

TEST_F(SignalsTest, AWriteToAClosedPipeOnlyFails) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  EXPECT_EQ(::write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  ::close(ends[1]);
}

}  // namespace
}  // namespace omninode::runtime
