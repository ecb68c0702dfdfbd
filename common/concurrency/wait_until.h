#ifndef OMNINODE_COMMON_CONCURRENCY_WAIT_UNTIL_H_
#define OMNINODE_COMMON_CONCURRENCY_WAIT_UNTIL_H_

#include <chrono>

#include <absl/time/time.h>

#include "common/base/mutex.h"

namespace omninode {

// Waits at most `timeout` for `ready()` to become true, however often `changed` wakes up for other
// reasons; returns whether it is. REQUIRES: `mutex` is held, and guards what `ready` looks at.
template <typename Ready>
bool WaitUntil(CondVar& changed, Mutex& mutex, absl::Duration timeout,
               const Ready& ready) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  // Bounded, because adding an infinite time to the present would overflow.
  const absl::Duration bounded = timeout < absl::Hours(24 * 365) ? timeout : absl::Hours(24 * 365);
  const auto end = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(bounded);
  while (!ready()) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= std::chrono::nanoseconds::zero()) return false;
    changed.WaitFor(mutex, absl::FromChrono(left));
  }
  return true;
}

}  // namespace omninode

#endif  // OMNINODE_COMMON_CONCURRENCY_WAIT_UNTIL_H_
