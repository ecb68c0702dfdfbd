#include "common/time/clock.h"

#include <ctime>

#include <absl/time/clock.h>

#include "common/base/check.h"

namespace omninode {

absl::Time SystemClock::Now() const { return absl::Now(); }

MonotonicTime SystemClock::Monotonic() const {
  timespec now{};
  OMNI_CHECK(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
  return MonotonicTime::SinceBoot(absl::DurationFromTimespec(now));
}

}  // namespace omninode
