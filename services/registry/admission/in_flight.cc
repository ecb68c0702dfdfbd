#include "services/registry/admission/in_flight.h"

#include "common/base/reason.h"

namespace omninode::registry {

absl::StatusOr<InFlight::Ticket> InFlight::Enter() {
  if (count_->fetch_add(1) >= cap_) {
    --*count_;
    return WithRetryAfter(
        Reject(Reason::kLoadShed, "{} registrations are in flight; try again", cap_),
        absl::Milliseconds(100));
  }
  return Ticket(count_);
}

}  // namespace omninode::registry
