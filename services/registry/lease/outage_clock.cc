#include "services/registry/lease/outage_clock.h"

namespace omninode::registry {

OutageClock::Verdict OutageClock::Tick(MonotonicTime now) {
  Verdict verdict{absl::ZeroDuration(), false};
  if (last_tick_.has_value() && now - *last_tick_ > options_.pause_threshold) {
    // The whole gap, although some of it may have been spent running: a node may leave a little
    // late, but never early.
    verdict.shift = now - *last_tick_;
    drained_at_ = now + options_.drain;
  }
  last_tick_ = now;
  if (drained_at_.has_value() && now >= *drained_at_) drained_at_.reset();
  verdict.may_expire = !store_away_ && !drained_at_.has_value();
  return verdict;
}

}  // namespace omninode::registry
