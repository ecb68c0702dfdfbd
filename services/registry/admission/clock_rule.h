#ifndef OMNINODE_SERVICES_REGISTRY_ADMISSION_CLOCK_RULE_H_
#define OMNINODE_SERVICES_REGISTRY_ADMISSION_CLOCK_RULE_H_

#include <cstdint>

#include <absl/status/status.h>
#include <absl/time/time.h>

namespace omninode::registry {

// The times a signed message carries, and those that bound them.
struct SignedTimes {
  absl::Time signed_at;
  std::uint64_t sequence = 0;  // Unix microseconds when the content was made
  absl::Time leaf_not_before;  // of the certificate it was signed with
};

// Whether a message that is not a known retry may still be accepted at `now`:
//   CLOCK_SKEW       signed more than `window` ahead, or before its own certificate existed (only a
//                    wrong clock does that), or numbered ahead of its signature;
//   MESSAGE_EXPIRED  signed more than `window` ago.
// Both carry the metadata server_time. Pure.
absl::Status JudgeTimes(const SignedTimes& times, absl::Time now, absl::Duration window);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_ADMISSION_CLOCK_RULE_H_
