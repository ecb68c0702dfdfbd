#include "common/enrollment/membership_metrics.h"

namespace omninode::enrollment {
namespace {

using telemetry::MetricType;

constexpr char kTrustAge[] = "omninode_trust_age_seconds";
constexpr char kSvidEnd[] = "omninode_svid_end_seconds";

}  // namespace

std::vector<telemetry::MetricDefinition> MembershipMetricDefinitions() {
  return {
      {kTrustAge, MetricType::kGauge,
       "Time since bootstrap last confirmed the trust; +Inf before the first time.", "seconds"},
      {kSvidEnd, MetricType::kGauge,
       "When the service's own certificate ends, in seconds since 1970; it is renewed at half of "
       "its life.",
       "seconds"},
  };
}

void ShowTrustAge(absl::Duration age, telemetry::Metrics& metrics) {
  metrics.GetGauge(kTrustAge).Set(absl::ToDoubleSeconds(age));
}

void ShowSvid(const identity::X509Svid& svid, telemetry::Metrics& metrics) {
  metrics.GetGauge(kSvidEnd).Set(absl::ToDoubleSeconds(svid.not_after() - absl::UnixEpoch()));
}

}  // namespace omninode::enrollment
