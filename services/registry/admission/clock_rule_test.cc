#include "services/registry/admission/clock_rule.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::registry {
namespace {

constexpr absl::Duration kWindow = absl::Seconds(120);
constexpr absl::Duration kTick = absl::Microseconds(1);
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

std::uint64_t Micros(absl::Time time) {
  return static_cast<std::uint64_t>(absl::ToUnixMicros(time));
}

absl::Status Judge(absl::Time signed_at, absl::Duration leaf_age = absl::Hours(1)) {
  return JudgeTimes({signed_at, Micros(signed_at), kNow - leaf_age}, kNow, kWindow);
}

TEST(ClockRuleTest, TheWindowIncludesItsEnds) {
  EXPECT_TRUE(Judge(kNow).ok());
  EXPECT_TRUE(Judge(kNow + kWindow).ok());
  EXPECT_TRUE(Judge(kNow - kWindow).ok());
  EXPECT_EQ(ReasonOf(Judge(kNow + kWindow + kTick)), Reason::kClockSkew);
  EXPECT_EQ(ReasonOf(Judge(kNow - kWindow - kTick)), Reason::kMessageExpired);
}

TEST(ClockRuleTest, TellsTheServersTime) {
  for (const absl::Duration off : {absl::Minutes(10), -absl::Minutes(10)}) {
    EXPECT_EQ(MetadataOf(Judge(kNow + off)).at("server_time"), "2027-01-15T08:00:00.000Z");
  }
}

// T8: a clock that is late signs before its own certificate was issued.
TEST(ClockRuleTest, ALateClockShowsByItsCertificate) {
  EXPECT_EQ(ReasonOf(Judge(kNow - absl::Minutes(10), absl::Minutes(5))), Reason::kClockSkew);
  EXPECT_EQ(ReasonOf(Judge(kNow - absl::Minutes(10), absl::Minutes(10))), Reason::kMessageExpired);
}

// Within the window nobody asks how old the certificate is: it is backdated only a little.
TEST(ClockRuleTest, ACertificateFromAMomentAgoIsNoSkew) {
  EXPECT_TRUE(Judge(kNow - absl::Seconds(100), absl::Seconds(60)).ok());
}

TEST(ClockRuleTest, ASequenceFromTheFutureIsRefused) {
  const auto judge = [](std::uint64_t sequence) {
    return JudgeTimes({kNow, sequence, kNow - absl::Hours(1)}, kNow, kWindow);
  };
  EXPECT_TRUE(judge(Micros(kNow + kWindow)).ok());
  EXPECT_EQ(ReasonOf(judge(Micros(kNow + kWindow) + 1)), Reason::kClockSkew);
  EXPECT_EQ(ReasonOf(judge(~std::uint64_t{0})), Reason::kClockSkew);
  EXPECT_TRUE(judge(1).ok());  // a node that counts by itself
}

TEST(ClockRuleTest, TimesBeforeTheEpochAreOld) {
  EXPECT_EQ(ReasonOf(JudgeTimes({absl::UnixEpoch() - absl::Hours(1), 1, kNow}, kNow, kWindow)),
            Reason::kClockSkew);
  EXPECT_EQ(ReasonOf(JudgeTimes({absl::InfinitePast(), 1, kNow}, kNow, kWindow)),
            Reason::kClockSkew);
}

}  // namespace
}  // namespace omninode::registry
