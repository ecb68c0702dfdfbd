#ifndef OMNINODE_COMMON_ENROLLMENT_MEMBERSHIP_HEALTH_H_
#define OMNINODE_COMMON_ENROLLMENT_MEMBERSHIP_HEALTH_H_

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/identity/x509_svid.h"
#include "common/telemetry/health.h"

namespace omninode::enrollment {

// What a service's health says of its membership in the network: the same words in each.

// TRUST_STALE when bootstrap has been silent for longer than `max_age` (see
// Membership::TrustAge): certificates may have been revoked that nobody here knows of.
absl::Status CheckTrustAge(absl::Duration age, absl::Duration max_age);

// Condition `trust`: fails as CheckTrustAge does.
void ReportTrust(absl::Duration age, absl::Duration max_age, absl::Time now,
                 telemetry::Health& health);

// Condition `certificate`: warns in the last sixth of the SVID's life, when renewal should have
// been long ago; fails at its end.
void ReportCertificate(const identity::X509Svid& svid, absl::Time now, telemetry::Health& health);

}  // namespace omninode::enrollment

#endif  // OMNINODE_COMMON_ENROLLMENT_MEMBERSHIP_HEALTH_H_
