#ifndef OMNINODE_COMMON_TIME_CLOCK_H_
#define OMNINODE_COMMON_TIME_CLOCK_H_

#include <absl/time/time.h>

#include "common/time/monotonic_time.h"

namespace omninode {

// The two times a service needs: wall time for certificates and signatures, monotonic time for
// leases and timeouts. Thread-safe. Pure code does not take a Clock: it takes the time.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
  virtual MonotonicTime Monotonic() const = 0;
};

// The machine's clocks. The only place of the suite that asks the kernel for the time.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override;
  MonotonicTime Monotonic() const override;
};

}  // namespace omninode

#endif  // OMNINODE_COMMON_TIME_CLOCK_H_
