#include "common/rpc/stream/stream_registry.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/identity/static_source.h"
#include "common/identity/testing/test_authority.h"
#include "common/rpc/stream/stream_sweeper.h"
#include "common/time/fake_clock.h"

namespace omninode::rpc {
namespace {

class FakeStream final : public StreamHandle {
 public:
  void End(absl::Status status) override {
    if (!ended.has_value()) ended = std::move(status);
  }
  void Cancel() override { ++cancels; }
  absl::Duration WriteAge(MonotonicTime) const override { return write_age; }

  std::optional<absl::Status> ended;
  int cancels = 0;
  absl::Duration write_age;
};

class StreamRegistryTest : public testing::Test {
 protected:
  Caller CallerOf(const identity::X509Svid& svid) {
    Caller caller;
    caller.svid = std::make_shared<const identity::VerifiedSvid>(
        identity::VerifySvid(svid.chain(), *authority_.Trust(), clock_.Now()).value());
    return caller;
  }
  identity::TrustStatePtr Revoked(const identity::X509Svid& svid) {
    return authority_.Trust(
        2,
        identity::Revocations::Create({identity::RevokedCertificate::Of(svid.leaf())}, {}).value());
  }

  FakeClock clock_;
  const identity::TestAuthority authority_{"example.org"};
  const identity::X509Svid svid_ = authority_.Issue("/node/cache/c1");
  const identity::X509Svid other_ = authority_.Issue("/node/cache/c2");
  const std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
  StreamRegistry registry_;
};

TEST_F(StreamRegistryTest, EndsTheStreamsOfARevokedCertificateAndNoOthers) {
  const auto bystander = std::make_shared<FakeStream>();
  const auto place = registry_.Add(CallerOf(svid_), stream_);
  const auto other = registry_.Add(CallerOf(other_), bystander);
  EXPECT_EQ(registry_.Sweep(*authority_.Trust(), clock_.Now()), 0u);
  EXPECT_EQ(registry_.Sweep(*Revoked(svid_), clock_.Now()), 1u);
  EXPECT_EQ(ReasonOf(*stream_->ended), Reason::kCertRevoked);
  EXPECT_FALSE(bystander->ended.has_value());
}

TEST_F(StreamRegistryTest, EndsTheStreamsOfABannedIdentity) {
  const auto place = registry_.Add(CallerOf(svid_), stream_);
  const auto banned = authority_.Trust(
      2, identity::Revocations::Create({}, {{svid_.id(), clock_.Now(), false}}).value());
  EXPECT_EQ(registry_.Sweep(*banned, clock_.Now()), 1u);
  EXPECT_EQ(ReasonOf(*stream_->ended), Reason::kIdentityBanned);
}

TEST_F(StreamRegistryTest, EndsAStreamWhenItsCallersCertificateEnds) {
  const auto place = registry_.Add(CallerOf(svid_), stream_);
  EXPECT_EQ(registry_.NextSweep(clock_.Now()), svid_.not_after());
  EXPECT_EQ(registry_.Sweep(*authority_.Trust(), svid_.not_after() - absl::Seconds(1)), 0u);
  EXPECT_EQ(registry_.Sweep(*authority_.Trust(), svid_.not_after()), 1u);
  EXPECT_EQ(ReasonOf(*stream_->ended), Reason::kCertExpired);
}

TEST_F(StreamRegistryTest, EndsAStreamAtItsDeadlineAlsoWithoutIdentity) {
  const absl::Time deadline = clock_.Now() + absl::Seconds(10);
  const auto place = registry_.Add(Caller(), stream_, deadline);
  EXPECT_EQ(registry_.NextSweep(clock_.Now()), deadline);
  EXPECT_EQ(registry_.Sweep(*authority_.Trust(), deadline - absl::Milliseconds(1)), 0u);
  EXPECT_EQ(registry_.Sweep(*authority_.Trust(), deadline), 1u);
  EXPECT_EQ(ReasonOf(*stream_->ended), Reason::kDeadline);
}

TEST_F(StreamRegistryTest, CancelsAStreamThatWasToldAndDoesNotEnd) {
  const auto place = registry_.Add(CallerOf(svid_), stream_);
  const auto trust = Revoked(svid_);
  registry_.Sweep(*trust, clock_.Now());
  const absl::Time patience = clock_.Now() + StreamRegistry::kEndGrace;
  EXPECT_EQ(registry_.NextSweep(clock_.Now()), patience);
  registry_.Sweep(*trust, patience - absl::Milliseconds(1));
  EXPECT_EQ(stream_->cancels, 0);
  EXPECT_EQ(registry_.Sweep(*trust, patience), 0u) << "it is not ended twice";
  EXPECT_EQ(stream_->cancels, 1);
}

TEST_F(StreamRegistryTest, CancelsStuckWritesAboveTheLimit) {
  const auto place = registry_.Add(CallerOf(svid_), stream_);
  stream_->write_age = absl::Seconds(20);
  EXPECT_EQ(registry_.CancelStuck(clock_.Monotonic(), absl::Seconds(20)), 0u);
  stream_->write_age = absl::Seconds(20) + absl::Nanoseconds(1);
  EXPECT_EQ(registry_.CancelStuck(clock_.Monotonic(), absl::Seconds(20)), 1u);
  EXPECT_EQ(ReasonOf(*stream_->ended), Reason::kWatchSlow);
  EXPECT_EQ(stream_->cancels, 1);
}

TEST_F(StreamRegistryTest, ForgetsAStreamWithItsPlace) {
  {
    auto place = registry_.Add(CallerOf(svid_), stream_);
    const StreamRegistry::Place moved = std::move(place);
    EXPECT_EQ(registry_.size(), 1u);
  }
  EXPECT_EQ(registry_.size(), 0u);
  registry_.EndAll(Reject(Reason::kShuttingDown, "bye"));
  EXPECT_FALSE(stream_->ended.has_value());
  EXPECT_EQ(registry_.NextSweep(clock_.Now()), absl::InfiniteFuture());
}

TEST_F(StreamRegistryTest, EndAllReachesEveryStream) {
  const auto second = std::make_shared<FakeStream>();
  const auto place = registry_.Add(CallerOf(svid_), stream_);
  const auto place2 = registry_.Add(Caller(), second);
  registry_.EndAll(Reject(Reason::kShuttingDown, "bye"));
  EXPECT_EQ(ReasonOf(*stream_->ended), Reason::kShuttingDown);
  EXPECT_EQ(ReasonOf(*second->ended), Reason::kShuttingDown);
}

TEST_F(StreamRegistryTest, TheSweeperLooksAgainNoLaterThanTheNextEnd) {
  identity::StaticTrustSource trust{authority_.Trust()};
  EXPECT_EQ(StreamSweeper::Step(registry_, trust, clock_), StreamSweeper::kMaxPause);
  const auto place = registry_.Add(Caller(), stream_, clock_.Now() + absl::Milliseconds(500));
  EXPECT_EQ(StreamSweeper::Step(registry_, trust, clock_), absl::Milliseconds(500));
  clock_.Advance(absl::Milliseconds(500));
  StreamSweeper::Step(registry_, trust, clock_);
  EXPECT_TRUE(stream_->ended.has_value());
}

}  // namespace
}  // namespace omninode::rpc
