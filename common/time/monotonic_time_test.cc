#include "common/time/monotonic_time.h"

#include <cstdint>
#include <limits>
#include <type_traits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace omninode {
namespace {

MonotonicTime At(std::int64_t seconds) { return MonotonicTime::SinceBoot(absl::Seconds(seconds)); }

TEST(MonotonicTime, IsNoWallTime) {
  static_assert(!std::is_convertible_v<absl::Time, MonotonicTime>);
  static_assert(!std::is_convertible_v<MonotonicTime, absl::Time>);
  static_assert(!std::is_convertible_v<absl::Duration, MonotonicTime>);
  EXPECT_EQ(MonotonicTime(), At(0));
}

RC_GTEST_PROP(MonotonicTime, OrdersLikeItsDistanceFromBoot, (std::int32_t a, std::int32_t b)) {
  RC_ASSERT((At(a) < At(b)) == (a < b));
  RC_ASSERT((At(a) == At(b)) == (a == b));
  RC_ASSERT(At(a) - At(b) == absl::Seconds(std::int64_t{a} - b));
}

RC_GTEST_PROP(MonotonicTime, AddsAndTakesAway, (std::int32_t start, std::int32_t seconds)) {
  const absl::Duration by = absl::Seconds(seconds);
  RC_ASSERT(At(start) + by == At(std::int64_t{start} + seconds));
  RC_ASSERT((At(start) + by) - by == At(start));
}

TEST(MonotonicTime, NeverReachesTheInfiniteFuture) {
  EXPECT_LT(At(std::numeric_limits<std::int64_t>::max()), MonotonicTime::InfiniteFuture());
  EXPECT_EQ(MonotonicTime::InfiniteFuture() - absl::Hours(1), MonotonicTime::InfiniteFuture());
}

}  // namespace
}  // namespace omninode
