#ifndef OMNINODE_SERVICES_REGISTRY_LEASE_OUTAGE_CLOCK_H_
#define OMNINODE_SERVICES_REGISTRY_LEASE_OUTAGE_CLOCK_H_

#include <optional>

#include <absl/time/time.h>

#include "common/time/monotonic_time.h"

namespace omninode::registry {

// Keeps our own outages from being counted against nodes. By monotonic time that goes on while the
// machine sleeps; wall time has no say.
//
// * This process did not run (stopped, machine asleep or overloaded): two ticks are further apart
//   than `pause_threshold`. Deadlines move by the whole gap, and nothing expires for `drain`, so
//   that the beats that waited in the sockets are counted first.
// * The store was away: removals could not be committed, so nothing expires. Beats went on and no
//   deadline moves: afterwards nobody has got extra time.
//
// Not thread-safe: it belongs to whoever ticks.
class OutageClock final {
 public:
  struct Options {
    absl::Duration pause_threshold = absl::Milliseconds(300);  // some times the distance of ticks
    absl::Duration drain = absl::Milliseconds(500);
  };
  struct Verdict {
    absl::Duration shift;  // for LeaseTable::ShiftAll; usually zero
    bool may_expire = false;
  };

  explicit OutageClock(Options options) : options_(options) {}

  // What this moment means. REQUIRES: `now` does not fall from call to call.
  Verdict Tick(MonotonicTime now);

  void StoreLost() { store_away_ = true; }
  void StoreBack() { store_away_ = false; }
  bool store_away() const { return store_away_; }

 private:
  const Options options_;
  std::optional<MonotonicTime> last_tick_;
  std::optional<MonotonicTime> drained_at_;  // after a pause
  bool store_away_ = false;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_LEASE_OUTAGE_CLOCK_H_
