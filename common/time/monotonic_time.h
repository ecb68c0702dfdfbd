#ifndef OMNINODE_COMMON_TIME_MONOTONIC_TIME_H_
#define OMNINODE_COMMON_TIME_MONOTONIC_TIME_H_

#include <compare>

#include <absl/time/time.h>

namespace omninode {

// A point on the clock that never steps back (CLOCK_BOOTTIME: it also counts while the machine
// sleeps). Only differences mean something; not comparable between machines or boots. A type of
// its own, so that a lease deadline is never compared with a wall time.
class MonotonicTime final {
 public:
  constexpr MonotonicTime() = default;
  static constexpr MonotonicTime SinceBoot(absl::Duration elapsed) {
    return MonotonicTime(elapsed);
  }
  static constexpr MonotonicTime InfiniteFuture() {
    return MonotonicTime(absl::InfiniteDuration());
  }

  constexpr absl::Duration since_boot() const { return since_boot_; }

  friend MonotonicTime operator+(MonotonicTime time, absl::Duration d) {
    return MonotonicTime(time.since_boot_ + d);
  }
  friend MonotonicTime operator-(MonotonicTime time, absl::Duration d) {
    return MonotonicTime(time.since_boot_ - d);
  }
  friend absl::Duration operator-(MonotonicTime a, MonotonicTime b) {
    return a.since_boot_ - b.since_boot_;
  }
  friend constexpr bool operator==(MonotonicTime a, MonotonicTime b) {
    return a.since_boot_ == b.since_boot_;
  }
  friend constexpr std::strong_ordering operator<=>(MonotonicTime a, MonotonicTime b) {
    if (a.since_boot_ < b.since_boot_) return std::strong_ordering::less;
    if (b.since_boot_ < a.since_boot_) return std::strong_ordering::greater;
    return std::strong_ordering::equal;
  }

 private:
  explicit constexpr MonotonicTime(absl::Duration since_boot) : since_boot_(since_boot) {}
  absl::Duration since_boot_ = absl::ZeroDuration();
};

}  // namespace omninode

#endif  // OMNINODE_COMMON_TIME_MONOTONIC_TIME_H_
