#include "common/enrollment/membership_health.h"

#include <string>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"

namespace omninode::enrollment {
namespace {

using telemetry::HealthState;

std::string LastWord(absl::Duration age) {
  if (age == absl::InfiniteDuration()) return "no word from bootstrap since the start";
  return fmt::format("last word from bootstrap {} ago", FormatDuration(age));
}

}  // namespace

absl::Status CheckTrustAge(absl::Duration age, absl::Duration max_age) {
  if (age <= max_age) return absl::OkStatus();
  return WithRetryAfter(Reject(Reason::kTrustStale, "{}", LastWord(age)), absl::Seconds(1));
}

void ReportTrust(absl::Duration age, absl::Duration max_age, absl::Time now,
                 telemetry::Health& health) {
  health.Set("trust", age <= max_age ? HealthState::kOk : HealthState::kFailed, LastWord(age), now);
}

void ReportCertificate(const identity::X509Svid& svid, absl::Time now, telemetry::Health& health) {
  const absl::Duration left = svid.not_after() - now;
  const absl::Duration life = svid.not_after() - svid.not_before();
  const HealthState state = left <= absl::ZeroDuration() ? HealthState::kFailed
                            : left < life / 6            ? HealthState::kWarning
                                                         : HealthState::kOk;
  health.Set("certificate", state, fmt::format("ends {}", omninode::FormatTime(svid.not_after())),
             now);
}

}  // namespace omninode::enrollment
