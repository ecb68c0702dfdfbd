#ifndef OMNINODE_COMMON_TIME_FAKE_CLOCK_H_
#define OMNINODE_COMMON_TIME_FAKE_CLOCK_H_

#include "common/base/mutex.h"
#include "common/time/clock.h"

namespace omninode {

// A clock that stands still until a test moves it. Wall and monotonic time move together with
// Advance; StepWall moves the wall alone, as an operator or NTP would. Thread-safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time start = absl::FromUnixSeconds(1'800'000'000)) : now_(start) {}

  absl::Time Now() const override {
    MutexLock lock(mutex_);
    return now_;
  }
  MonotonicTime Monotonic() const override {
    MutexLock lock(mutex_);
    return monotonic_;
  }

  void Advance(absl::Duration by) {
    MutexLock lock(mutex_);
    now_ += by;
    monotonic_ = monotonic_ + by;
  }
  void StepWall(absl::Duration by) {
    MutexLock lock(mutex_);
    now_ += by;
  }

 private:
  mutable Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
  MonotonicTime monotonic_ ABSL_GUARDED_BY(mutex_) = MonotonicTime::SinceBoot(absl::Hours(1));
};

}  // namespace omninode

#endif  // OMNINODE_COMMON_TIME_FAKE_CLOCK_H_
