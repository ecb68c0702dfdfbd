#include "common/enrollment/membership_health.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/identity/testing/test_authority.h"

namespace omninode::enrollment {
namespace {

using telemetry::HealthState;

const absl::Time kNow = identity::TestAuthority::DefaultNow();
constexpr absl::Duration kMaxAge = absl::Seconds(10);

telemetry::HealthCondition Only(const telemetry::Health& health) {
  EXPECT_EQ(health.Conditions().size(), 1u);
  return health.Conditions().at(0);
}

TEST(MembershipHealthTest, TrustIsGoodForAsLongAsItMayBeOld) {
  EXPECT_TRUE(CheckTrustAge(kMaxAge, kMaxAge).ok());
  const absl::Status stale = CheckTrustAge(kMaxAge + absl::Milliseconds(1), kMaxAge);
  EXPECT_EQ(ReasonOf(stale), Reason::kTrustStale);
  EXPECT_TRUE(RetryAfterOf(stale).has_value());
  telemetry::Health health;
  ReportTrust(kMaxAge, kMaxAge, kNow, health);
  EXPECT_EQ(Only(health).state, HealthState::kOk);
  ReportTrust(kMaxAge + absl::Milliseconds(1), kMaxAge, kNow, health);
  EXPECT_EQ(Only(health).state, HealthState::kFailed);
}

TEST(MembershipHealthTest, TrustThatNobodyConfirmedIsStale) {
  EXPECT_EQ(ReasonOf(CheckTrustAge(absl::InfiniteDuration(), absl::Hours(1))), Reason::kTrustStale);
  telemetry::Health health;
  ReportTrust(absl::InfiniteDuration(), absl::Hours(1), kNow, health);
  EXPECT_EQ(Only(health).state, HealthState::kFailed);
  EXPECT_EQ(Only(health).detail, "no word from bootstrap since the start");
}

TEST(MembershipHealthTest, ACertificateWarnsInItsLastSixthAndFailsAtItsEnd) {
  const identity::TestAuthority authority("example.org");
  const identity::X509Svid svid = authority.Issue("/node/worker/w1");
  const absl::Duration life = svid.not_after() - svid.not_before();
  telemetry::Health health;
  const auto state_at = [&](absl::Time now) {
    ReportCertificate(svid, now, health);
    return Only(health).state;
  };
  EXPECT_EQ(state_at(svid.not_after() - life / 6), HealthState::kOk);
  EXPECT_EQ(state_at(svid.not_after() - life / 6 + absl::Seconds(1)), HealthState::kWarning);
  EXPECT_EQ(state_at(svid.not_after() - absl::Seconds(1)), HealthState::kWarning);
  EXPECT_EQ(state_at(svid.not_after()), HealthState::kFailed);
}

}  // namespace
}  // namespace omninode::enrollment
