#include "services/bootstrap/trust/acknowledgements.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/concurrency/gate.h"
#include "common/time/fake_clock.h"

namespace omninode::bootstrap {
namespace {

using identity::SpiffeId;
using testing::ElementsAre;
using testing::IsEmpty;

const MonotonicTime kNow = FakeClock().Monotonic();
// Longer than any test takes: a wait that ends was ended.
constexpr absl::Duration kLong = absl::Minutes(5);

SpiffeId Instance(int number) {
  return SpiffeId::Parse(
             fmt::format("spiffe://example.org/service/registry/registry-{:04}", number))
      .value();
}

class AcknowledgementsTest : public testing::Test {
 protected:
  void Connect(int number, std::uint64_t sequence = 0) {
    ASSERT_TRUE(acks_.Connected(Instance(number), sequence, kNow).ok());
  }
  const FakeClock clock_;
  Acknowledgements acks_;
};

TEST_F(AcknowledgementsTest, NobodyFollowsAtFirst) {
  const Propagation propagation = acks_.WaitFor(7, clock_, kLong);
  EXPECT_EQ(propagation.sequence, 7u);
  EXPECT_THAT(propagation.applied, IsEmpty());
  EXPECT_THAT(propagation.lagging, IsEmpty());
}

TEST_F(AcknowledgementsTest, TellsWhoAppliedAndWhoLags) {
  Connect(1);
  Connect(2, 5);
  Connect(3, 4);
  acks_.Acknowledge(Instance(1), 6);
  const Propagation propagation = acks_.Of(5, kNow);
  EXPECT_THAT(propagation.applied, ElementsAre(Instance(1), Instance(2)));
  EXPECT_THAT(propagation.lagging, ElementsAre(Instance(3)));
}

TEST_F(AcknowledgementsTest, AnOldAcknowledgementTakesNothingBack) {
  Connect(1);
  acks_.Acknowledge(Instance(1), 6);
  acks_.Acknowledge(Instance(1), 5);
  EXPECT_THAT(acks_.Of(6, kNow).applied, ElementsAre(Instance(1)));
}

TEST_F(AcknowledgementsTest, ANewProcessOfTheSameNameStartsAnew) {
  Connect(1);
  acks_.Acknowledge(Instance(1), 6);
  Connect(1, 0);
  EXPECT_THAT(acks_.Of(6, kNow).lagging, ElementsAre(Instance(1)));
}

TEST_F(AcknowledgementsTest, StrangersDoNotCount) {
  acks_.Acknowledge(Instance(1), 6);
  acks_.Disconnected(Instance(1), kNow);
  EXPECT_THAT(acks_.Of(6, kNow).applied, IsEmpty());
}

TEST_F(AcknowledgementsTest, WhoLostItsConnectionIsNamedUntilItRefusesWrites) {
  Connect(1);
  acks_.Disconnected(Instance(1), kNow);
  const auto grace = Acknowledgements::kGrace;
  EXPECT_THAT(acks_.Of(1, kNow + grace - absl::Nanoseconds(1)).lagging, ElementsAre(Instance(1)));
  EXPECT_THAT(acks_.Of(1, kNow + grace).lagging, IsEmpty());
}

TEST_F(AcknowledgementsTest, OneOfTwoStreamsKeepsAnInstance) {
  Connect(1);
  Connect(1);
  acks_.Disconnected(Instance(1), kNow);
  EXPECT_THAT(acks_.Of(1, kNow + absl::Hours(1)).lagging, ElementsAre(Instance(1)));
  acks_.Disconnected(Instance(1), kNow);
  EXPECT_THAT(acks_.Of(1, kNow + absl::Hours(1)).lagging, IsEmpty());
}

TEST_F(AcknowledgementsTest, AWaitEndsWithTheLastAcknowledgement) {
  Connect(1);
  Connect(2);
  Gate done;
  Propagation propagation;
  std::jthread waiter([&] {
    propagation = acks_.WaitFor(3, clock_, kLong);
    done.Arrive();
  });
  acks_.Acknowledge(Instance(1), 3);
  EXPECT_EQ(done.arrived(), 0);
  acks_.Acknowledge(Instance(2), 3);
  done.Await();
  EXPECT_THAT(propagation.applied, ElementsAre(Instance(1), Instance(2)));
}

TEST_F(AcknowledgementsTest, AWaitEndsAtItsTimeout) {
  Connect(1);
  EXPECT_THAT(acks_.WaitFor(3, clock_, absl::Milliseconds(1)).lagging, ElementsAre(Instance(1)));
  EXPECT_THAT(acks_.WaitFor(3, clock_, -absl::Seconds(1)).lagging, ElementsAre(Instance(1)));
}

TEST_F(AcknowledgementsTest, CloseEndsWaits) {
  Connect(1);
  std::jthread waiter([&] { acks_.WaitFor(3, clock_, kLong); });
  acks_.Close();
  waiter.join();
  EXPECT_THAT(acks_.WaitFor(3, clock_, kLong).lagging, ElementsAre(Instance(1)));
}

TEST_F(AcknowledgementsTest, IsBounded) {
  for (std::size_t i = 0; i < Acknowledgements::kMaxInstances; ++i) {
    Connect(static_cast<int>(i));
  }
  const auto one_more = Instance(static_cast<int>(Acknowledgements::kMaxInstances));
  EXPECT_EQ(ReasonOf(acks_.Connected(one_more, 0, kNow)), Reason::kLoadShed);
  EXPECT_TRUE(acks_.Connected(Instance(0), 0, kNow).ok());
  // Whoever is gone for good makes room.
  acks_.Disconnected(Instance(1), kNow);
  EXPECT_EQ(ReasonOf(acks_.Connected(one_more, 0, kNow)), Reason::kLoadShed);
  EXPECT_TRUE(acks_.Connected(one_more, 0, kNow + Acknowledgements::kGrace).ok());
}

}  // namespace
}  // namespace omninode::bootstrap
