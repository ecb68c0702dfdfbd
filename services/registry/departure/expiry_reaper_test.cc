#include "services/registry/departure/expiry_reaper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "services/registry/topology/testing/commands.h"

namespace omninode::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

NamespaceName Ns(std::string_view name = "tenant-a") { return *NamespaceName::Parse(name); }

// Keeps what it is given until the test answers.
class FakeSink final : public CommandSink {
 public:
  void Submit(std::vector<Submission> batch, Urgency urgency) override {
    EXPECT_EQ(urgency, Urgency::kControl);
    for (Submission& submission : batch) waiting.push_back(std::move(submission));
  }
  const RemoveCommand& command(std::size_t place) const {
    return std::get<RemoveCommand>(waiting[place].command);
  }
  void AnswerAll(const absl::StatusOr<Answer>& answer) {
    for (Submission& submission : std::exchange(waiting, {})) std::move(submission.done)(answer);
  }

  std::vector<Submission> waiting;
};

class ExpiryReaperTest : public ::testing::Test {
 protected:
  static constexpr absl::Duration kTtl = absl::Seconds(10);

  void Grant(std::uint64_t handle, std::string_view ns = "tenant-a") {
    leases_.Grant({.node = {Ns(ns), *NodeId::Parse("node-" + std::to_string(handle))},
                   .incarnation = 1,
                   .handle = LeaseHandle::FromValue(handle),
                   .ttl = kTtl,
                   .spiffe_id = "spiffe://example.org/node/worker/x"},
                  directory::Health::kServing, now_);
  }
  bool Beat(std::uint64_t handle) {
    return leases_.Renew(Ns(), LeaseHandle::FromValue(handle), now_);
  }
  // Ticks as a driver does, every 100 ms.
  void Pass(absl::Duration by) {
    const MonotonicTime until = now_ + by;
    while (now_ < until) {
      now_ = std::min(until, now_ + ExpiryReaper::kTick);
      reaper_.Tick(now_);
    }
  }
  std::vector<std::string> Proposed() const {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < sink_.waiting.size(); ++i) {
      ids.push_back(sink_.command(i).node.id.value());
    }
    return ids;
  }
  static absl::StatusOr<Answer> Unavailable() { return Reject(Reason::kStoreUnavailable, "away"); }

  MonotonicTime now_ = MonotonicTime::SinceBoot(absl::Hours(1));
  LeaseTable leases_;
  FakeSink sink_;
  std::vector<std::string> brakes_;
  ExpiryReaper reaper_{
      {.actor = "spiffe://example.org/service/registry/registry-1",
       .outage = {},
       .brake = {},
       .on_brake = [this](const NamespaceName& ns,
                          bool on) { brakes_.push_back((on ? "on " : "off ") + ns.value()); }},
      leases_,
      sink_};
};

TEST_F(ExpiryReaperTest, ProposesRemovalAtTheEndOfTheLeaseAndNotBefore) {
  Grant(1);
  Pass(kTtl - absl::Milliseconds(1));
  EXPECT_THAT(Proposed(), IsEmpty());
  Pass(absl::Milliseconds(1));
  ASSERT_EQ(sink_.waiting.size(), 1u);
  const RemoveCommand& command = sink_.command(0);
  EXPECT_EQ(command.node.id.value(), "node-1");
  EXPECT_EQ(command.reason, directory::RemovalReason::kLeaseExpired);
  EXPECT_EQ(command.actor, "spiffe://example.org/service/registry/registry-1");
  EXPECT_EQ(command.only_lease, LeaseHandle::FromValue(1));
}

TEST_F(ExpiryReaperTest, ATakenLeaseIsProposedOnceAndNotRenewed) {
  Grant(1);
  Pass(kTtl);
  EXPECT_FALSE(Beat(1));
  Pass(absl::Seconds(5));
  EXPECT_EQ(sink_.waiting.size(), 1u);
}

TEST_F(ExpiryReaperTest, ARemovalThatFailedIsGivenBackAndProposedAgainLater) {
  Grant(1);
  Pass(kTtl);
  sink_.AnswerAll(Unavailable());
  Pass(absl::Milliseconds(400));
  EXPECT_THAT(Proposed(), IsEmpty());
  Pass(absl::Milliseconds(100));
  EXPECT_THAT(Proposed(), ElementsAre("node-1"));
}

TEST_F(ExpiryReaperTest, AGivenBackLeaseCanBeRenewed) {
  Grant(1);
  Pass(kTtl);
  sink_.AnswerAll(Unavailable());
  EXPECT_TRUE(Beat(1));
  Pass(kTtl - absl::Milliseconds(1));
  EXPECT_THAT(Proposed(), IsEmpty());
}

TEST_F(ExpiryReaperTest, ANodeThatIsGoneAnywayLosesItsLease) {
  Grant(1);
  Pass(kTtl);
  sink_.AnswerAll(Answer(NothingToDo{}));
  EXPECT_EQ(leases_.size(), 0u);
}

TEST_F(ExpiryReaperTest, ANodeThatRegisteredAgainWhileItsRemovalWaitedKeepsItsLease) {
  Grant(1);
  Pass(kTtl);
  ASSERT_EQ(sink_.waiting.size(), 1u);
  EXPECT_TRUE(sink_.waiting[0].still_wanted());
  Grant(1);
  EXPECT_FALSE(sink_.waiting[0].still_wanted());
  sink_.AnswerAll(Answer(NothingToDo{}));
  EXPECT_EQ(leases_.size(), 1u);
  EXPECT_TRUE(Beat(1));
}

TEST_F(ExpiryReaperTest, NothingExpiresWhileTheStoreIsAwayAndNobodyGetsExtraTime) {
  Grant(1);
  Grant(2);
  reaper_.SetStoreAway(true);
  Pass(kTtl + absl::Seconds(5));
  EXPECT_THAT(Proposed(), IsEmpty());
  EXPECT_TRUE(Beat(2));
  reaper_.SetStoreAway(false);
  Pass(ExpiryReaper::kTick);
  EXPECT_THAT(Proposed(), ElementsAre("node-1"));
}

TEST_F(ExpiryReaperTest, OurOwnPauseIsNotCountedAgainstNodes) {
  Grant(1);
  Pass(absl::Seconds(9));
  now_ = now_ + absl::Hours(1);  // stopped, or asleep
  reaper_.Tick(now_);
  EXPECT_THAT(Proposed(), IsEmpty());
  Pass(absl::Milliseconds(999));
  EXPECT_THAT(Proposed(), IsEmpty());
  Pass(absl::Milliseconds(1));
  EXPECT_THAT(Proposed(), ElementsAre("node-1"));
}

TEST_F(ExpiryReaperTest, BeatsThatWaitedDuringAPauseAreCountedFirst) {
  Grant(1);
  Pass(kTtl - absl::Milliseconds(100));
  now_ = now_ + absl::Minutes(1);
  reaper_.Tick(now_);
  Pass(absl::Milliseconds(400));  // due by now, but the sockets are being drained
  EXPECT_TRUE(Beat(1));
  Pass(absl::Seconds(1));
  EXPECT_THAT(Proposed(), IsEmpty());
}

TEST_F(ExpiryReaperTest, AMassExpiryIsBrakedAndSaysSo) {
  for (std::uint64_t handle = 1; handle <= 20; ++handle) Grant(handle);
  Pass(kTtl);
  EXPECT_EQ(sink_.waiting.size(), 2u);  // a tenth of the population per period
  EXPECT_THAT(brakes_, ElementsAre("on tenant-a"));
  // One of the others comes back.
  std::uint64_t handle = 1;
  while (!Beat(handle)) ++handle;
  Pass(kTtl - absl::Milliseconds(100));
  EXPECT_EQ(sink_.waiting.size(), 2u);
  Pass(absl::Milliseconds(100));
  EXPECT_EQ(sink_.waiting.size(), 4u);
  EXPECT_THAT(brakes_, ElementsAre("on tenant-a"));
}

TEST_F(ExpiryReaperTest, TheBrakeGoesOffWhenNodesRenewAlthoughNothingFallsDue) {
  for (std::uint64_t handle = 1; handle <= 20; ++handle) Grant(handle);
  Pass(kTtl);
  ASSERT_THAT(brakes_, ElementsAre("on tenant-a"));
  int back = 0;
  for (std::uint64_t handle = 1; handle <= 20; ++handle) back += Beat(handle) ? 1 : 0;
  EXPECT_EQ(back, 18);  // all but those that were taken
  Pass(absl::Seconds(1));
  EXPECT_THAT(brakes_, ElementsAre("on tenant-a", "off tenant-a"));
}

TEST_F(ExpiryReaperTest, TheBrakeOfOneNamespaceLeavesOthersAlone) {
  for (std::uint64_t handle = 1; handle <= 20; ++handle) Grant(handle);
  Grant(1, "tenant-b");
  Pass(kTtl);
  EXPECT_EQ(sink_.waiting.size(), 3u);
  EXPECT_EQ(sink_.command(2).node.ns.value(), "tenant-b");
}

// What one tick cannot take is not released yet: counting it twice would pull the brake.
TEST_F(ExpiryReaperTest, MoreThanATickTakesExpireWithoutTheBrakeWhenTheyAreFew) {
  constexpr std::uint64_t kDead = 3 * ExpiryReaper::kMaxPerTick;
  constexpr std::uint64_t kAlive = 4 * ExpiryReaper::kMaxPerTick;
  for (std::uint64_t handle = 1; handle <= kDead + kAlive; ++handle) Grant(handle);
  Pass(kTtl / 2);
  for (std::uint64_t handle = kDead + 1; handle <= kDead + kAlive; ++handle) Beat(handle);
  std::size_t expired = 0;
  for (int tick = 0; tick < 60; ++tick) {
    Pass(ExpiryReaper::kTick);
    EXPECT_LE(sink_.waiting.size(), ExpiryReaper::kMaxPerTick);
    expired += sink_.waiting.size();
    for (const Submission& submission : sink_.waiting) {
      const auto& command = std::get<RemoveCommand>(submission.command);
      leases_.Drop(command.node.ns, *command.only_lease);
    }
    sink_.waiting.clear();
    // The living go on.
    if (tick % 20 == 0) {
      for (std::uint64_t handle = kDead + 1; handle <= kDead + kAlive; ++handle) Beat(handle);
    }
  }
  EXPECT_EQ(expired, kDead);
  EXPECT_THAT(brakes_, IsEmpty());
}

}  // namespace
}  // namespace omninode::registry
