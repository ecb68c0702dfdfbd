#include "tools/testbed/wait.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>

#include "common/base/status.h"

namespace omninode::testbed {

absl::Duration Deadline::left() const {
  return std::max(at_ - SystemClock().Monotonic(), absl::ZeroDuration());
}

int Deadline::left_ms() const {
  const auto ms = absl::ToInt64Milliseconds(absl::Ceil(left(), absl::Milliseconds(1)));
  return static_cast<int>(std::min<std::int64_t>(ms, std::numeric_limits<int>::max()));
}

absl::Status Eventually(absl::Duration timeout, const std::function<absl::Status()>& attempt) {
  const Deadline deadline = Deadline::In(timeout);
  while (true) {
    // Asked before the attempt, so that there is always one that begins after the deadline: the
    // last answer is never older than the time given.
    const bool last = deadline.passed();
    const absl::Status status = attempt();
    if (status.ok()) return status;
    if (last) {
      return Error(absl::StatusCode::kDeadlineExceeded, "not within {}: {}",
                   absl::FormatDuration(timeout), Message(status));
    }
    std::this_thread::sleep_for(absl::ToChronoNanoseconds(std::min(kAskEvery, deadline.left())));
  }
}

bool WaitUntil(absl::Duration timeout, const std::function<bool()>& ready) {
  return Eventually(timeout,
                    [&] { return ready() ? absl::OkStatus() : absl::UnavailableError("not yet"); })
      .ok();
}

}  // namespace omninode::testbed
