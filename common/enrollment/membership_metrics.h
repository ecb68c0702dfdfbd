#ifndef OMNINODE_COMMON_ENROLLMENT_MEMBERSHIP_METRICS_H_
#define OMNINODE_COMMON_ENROLLMENT_MEMBERSHIP_METRICS_H_

#include <vector>

#include <absl/time/time.h>

#include "common/identity/x509_svid.h"
#include "common/telemetry/metrics.h"

namespace omninode::enrollment {

// What every member of the network shows of its membership. Whoever calls the functions now and
// then keeps the gauges up to date.

std::vector<telemetry::MetricDefinition> MembershipMetricDefinitions();

// `age`: Membership::TrustAge.
void ShowTrustAge(absl::Duration age, telemetry::Metrics& metrics);
void ShowSvid(const identity::X509Svid& svid, telemetry::Metrics& metrics);

}  // namespace omninode::enrollment

#endif  // OMNINODE_COMMON_ENROLLMENT_MEMBERSHIP_METRICS_H_
