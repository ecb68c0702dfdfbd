#include "services/registry/lease/expiry_brake.h"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace omninode::registry {
namespace {

constexpr absl::Duration kTtl = absl::Seconds(60);

NamespaceName Ns(std::string_view text = "tenant-a") { return NamespaceName::Parse(text).value(); }
MonotonicTime At(absl::Duration since_boot) { return MonotonicTime::SinceBoot(since_boot); }
const MonotonicTime kStart = At(absl::Hours(1));

TEST(ExpiryBrakeTest, AFewExpiriesPassAtOnce) {
  ExpiryBrake brake({});
  const auto verdict = brake.Judge(Ns(), {.leases = 100, .due = 9, .late = 0}, kTtl, kStart);
  EXPECT_EQ(verdict.allowed, 9u);
  EXPECT_FALSE(verdict.braking);
  EXPECT_EQ(verdict.again_at, kStart);
}

TEST(ExpiryBrakeTest, NineNodesAreNoMassExpiryEvenIfTheyAreAll) {
  ExpiryBrake brake({});
  EXPECT_EQ(brake.Judge(Ns(), {.leases = 9, .due = 9, .late = 0}, kTtl, kStart).allowed, 9u);
}

TEST(ExpiryBrakeTest, TenNodesThatAreHalfOfTheNamespaceAre) {
  ExpiryBrake brake({});
  const auto verdict = brake.Judge(Ns(), {.leases = 20, .due = 10, .late = 0}, kTtl, kStart);
  EXPECT_TRUE(verdict.braking);
  EXPECT_EQ(verdict.allowed, 2u);
  EXPECT_EQ(verdict.again_at, kStart + kTtl);
}

TEST(ExpiryBrakeTest, TenNodesThatAreLessThanTheShareAreNot) {
  ExpiryBrake brake({});
  const auto verdict = brake.Judge(Ns(), {.leases = 21, .due = 10, .late = 0}, kTtl, kStart);
  EXPECT_FALSE(verdict.braking);
  EXPECT_EQ(verdict.allowed, 10u);
}

TEST(ExpiryBrakeTest, TheShareIsConfigurable) {
  ExpiryBrake brake({.share = 0.2});
  EXPECT_TRUE(brake.Judge(Ns(), {.leases = 50, .due = 10, .late = 0}, kTtl, kStart).braking);
  EXPECT_FALSE(
      brake.Judge(Ns("other"), {.leases = 51, .due = 10, .late = 0}, kTtl, kStart).braking);
}

TEST(ExpiryBrakeTest, LateLeasesCountBeforeTheyAreDue) {
  ExpiryBrake brake({});
  const auto verdict = brake.Judge(Ns(), {.leases = 100, .due = 1, .late = 49}, kTtl, kStart);
  EXPECT_TRUE(verdict.braking) << "the first of a broken half already shows the break";
  EXPECT_EQ(verdict.allowed, 1u);
}

TEST(ExpiryBrakeTest, ExpiriesThatTrickleInWithinAMinuteAddUp) {
  ExpiryBrake brake({});
  std::size_t leases = 40;
  std::size_t gone = 0;
  bool braking = false;
  for (int second = 0; second < 60 && !braking; ++second) {
    const auto verdict = brake.Judge(Ns(), {.leases = leases, .due = 1, .late = 0}, kTtl,
                                     kStart + absl::Seconds(second));
    braking = verdict.braking;
    if (!braking) ++gone;
    leases -= verdict.allowed;
  }
  EXPECT_TRUE(braking);
  EXPECT_EQ(gone, 19u) << "the twentieth of forty is half of them";
}

TEST(ExpiryBrakeTest, ExpiriesOlderThanAMinuteAreForgotten) {
  ExpiryBrake brake({});
  ASSERT_EQ(brake.Judge(Ns(), {.leases = 40, .due = 19, .late = 0}, kTtl, kStart).allowed, 19u);
  EXPECT_TRUE(
      brake.Judge(Ns(), {.leases = 21, .due = 1, .late = 0}, kTtl, kStart + absl::Seconds(59))
          .braking);
  ExpiryBrake other({});
  ASSERT_EQ(other.Judge(Ns(), {.leases = 40, .due = 19, .late = 0}, kTtl, kStart).allowed, 19u);
  EXPECT_FALSE(
      other.Judge(Ns(), {.leases = 21, .due = 1, .late = 0}, kTtl, kStart + absl::Seconds(60))
          .braking);
}

TEST(ExpiryBrakeTest, WhileBrakingATenthGoesPerTtl) {
  ExpiryBrake brake({});
  std::size_t leases = 100;
  std::vector<std::size_t> per_period(3);
  for (int tick = 0; tick < 3 * 240; ++tick) {
    const MonotonicTime now = kStart + tick * absl::Milliseconds(250);
    const auto verdict = brake.Judge(Ns(), {.leases = leases, .due = leases, .late = 0}, kTtl, now);
    ASSERT_TRUE(verdict.braking);
    per_period[static_cast<std::size_t>(tick / 240)] += verdict.allowed;
    leases -= verdict.allowed;
  }
  EXPECT_EQ(per_period, (std::vector<std::size_t>{10, 9, 8}));
}

TEST(ExpiryBrakeTest, AtLeastOneGoesPerTtlSoThatItEnds) {
  ExpiryBrake brake({.slow_share = 0.0});
  std::size_t leases = 10;
  auto verdict = brake.Judge(Ns(), {.leases = leases, .due = leases, .late = 0}, kTtl, kStart);
  EXPECT_EQ(verdict.allowed, 1u);
  leases -= verdict.allowed;
  verdict = brake.Judge(Ns(), {.leases = leases, .due = leases, .late = 0}, kTtl, kStart + kTtl);
  EXPECT_FALSE(verdict.braking) << "nine are no mass expiry";
  EXPECT_EQ(verdict.allowed, 9u);
}

TEST(ExpiryBrakeTest, GoesOffWhenTheNodesComeBack) {
  ExpiryBrake brake({});
  ASSERT_TRUE(brake.Judge(Ns(), {.leases = 100, .due = 80, .late = 0}, kTtl, kStart).braking);
  const auto verdict =
      brake.Judge(Ns(), {.leases = 90, .due = 2, .late = 0}, kTtl, kStart + absl::Seconds(5));
  EXPECT_FALSE(verdict.braking);
  EXPECT_EQ(verdict.allowed, 2u);
}

TEST(ExpiryBrakeTest, NamespacesDoNotBrakeEachOther) {
  ExpiryBrake brake({});
  ASSERT_TRUE(brake.Judge(Ns("a"), {.leases = 100, .due = 100, .late = 0}, kTtl, kStart).braking);
  EXPECT_FALSE(brake.Judge(Ns("b"), {.leases = 100, .due = 9, .late = 0}, kTtl, kStart).braking);
}

TEST(ExpiryBrakeTest, ForgetsQuietNamespaces) {
  ExpiryBrake brake({});
  brake.Judge(Ns(), {.leases = 5, .due = 1, .late = 0}, kTtl, kStart);
  EXPECT_EQ(brake.tracked(), 1u);
  brake.Judge(Ns(), {.leases = 4, .due = 0, .late = 0}, kTtl, kStart + absl::Minutes(2));
  EXPECT_EQ(brake.tracked(), 0u);
}

// Whatever comes: never more than is due, and while braking never more than the quota per period.
TEST(ExpiryBrakeTest, KeepsItsRuleForAnyHistory) {
  EXPECT_TRUE(rc::check([] {
    ExpiryBrake brake({});
    std::size_t leases = *rc::gen::inRange<std::size_t>(10, 500);
    std::size_t due = 0;
    MonotonicTime now = kStart;
    MonotonicTime period = now;
    std::size_t in_period = 0;
    bool was_braking = false;
    const auto steps = *rc::gen::container<std::vector<std::pair<int, std::size_t>>>(
        rc::gen::pair(rc::gen::inRange(0, 30'000), rc::gen::inRange<std::size_t>(0, 60)));
    for (const auto& [wait_ms, falls_due] : steps) {
      now = now + absl::Milliseconds(wait_ms);
      due = std::min(leases, due + falls_due);
      const auto verdict = brake.Judge(Ns(), {.leases = leases, .due = due, .late = 0}, kTtl, now);
      RC_ASSERT(verdict.allowed <= due);
      if (!verdict.braking) {
        RC_ASSERT(verdict.allowed == due);
      } else {
        if (!was_braking || now - period >= kTtl) {
          period = now;
          in_period = 0;
        }
        in_period += verdict.allowed;
        // The population can only have shrunk within the period.
        RC_ASSERT(in_period <= std::max<std::size_t>(1, 500 / 10));
        RC_ASSERT(verdict.again_at > now);
      }
      was_braking = verdict.braking;
      leases -= verdict.allowed;
      due -= verdict.allowed;
    }
  }));
}

}  // namespace
}  // namespace omninode::registry
