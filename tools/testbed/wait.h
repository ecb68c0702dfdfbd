#ifndef OMNINODE_TOOLS_TESTBED_WAIT_H_
#define OMNINODE_TOOLS_TESTBED_WAIT_H_

#include <functional>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/time/clock.h"
#include "common/time/monotonic_time.h"

// Waiting, for everything that runs real processes. What tells when it happens (a process id, a
// file, a stream) is waited for where it is read; what can only be asked is asked here.
namespace omninode::testbed {

// How often Eventually and WaitUntil ask.
inline constexpr absl::Duration kAskEvery = absl::Milliseconds(20);

// A point in the future of the machine's monotonic clock. A value.
class Deadline final {
 public:
  static Deadline In(absl::Duration timeout) {
    return Deadline(SystemClock().Monotonic() + timeout);
  }
  // Zero when it has passed.
  absl::Duration left() const;
  bool passed() const { return left() == absl::ZeroDuration(); }
  // For poll(2), rounded up.
  int left_ms() const;

 private:
  explicit Deadline(MonotonicTime at) : at_(at) {}
  MonotonicTime at_;
};

// Calls `attempt` until it returns OK or `timeout` has passed, at least once; returns its last
// answer, DEADLINE_EXCEEDED with its message when it was an error.
absl::Status Eventually(absl::Duration timeout, const std::function<absl::Status()>& attempt);

// The same for a question; whether the answer became true.
bool WaitUntil(absl::Duration timeout, const std::function<bool()>& ready);

// How long something took. Not thread-safe.
class StepClock final {
 public:
  StepClock() : began_(SystemClock().Monotonic()) {}
  absl::Duration elapsed() const { return SystemClock().Monotonic() - began_; }

 private:
  const MonotonicTime began_;
};

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_WAIT_H_
