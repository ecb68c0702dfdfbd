#include "tests/bench/latencies.h"

#include <gtest/gtest.h>

namespace omninode::bench {
namespace {

Latencies OneTo(int count) {
  Latencies latencies;
  // In an order that is not the sorted one.
  for (int i = count; i >= 1; --i) latencies.Add(absl::Milliseconds(i));
  return latencies;
}

TEST(LatenciesTest, PercentilesAreThoseOfTheNearestRank) {
  const Latencies hundred = OneTo(100);
  EXPECT_EQ(hundred.Percentile(50), absl::Milliseconds(50));
  EXPECT_EQ(hundred.Percentile(95), absl::Milliseconds(95));
  EXPECT_EQ(hundred.Percentile(99), absl::Milliseconds(99));
  EXPECT_EQ(hundred.Percentile(100), absl::Milliseconds(100));
  EXPECT_EQ(OneTo(10).Percentile(95), absl::Milliseconds(10));
  EXPECT_EQ(OneTo(3).Percentile(50), absl::Milliseconds(2));
  EXPECT_EQ(OneTo(1).Percentile(1), absl::Milliseconds(1));
}

TEST(LatenciesTest, TheSummaryIsInMilliseconds) {
  const Percentiles summary = OneTo(200).Summary();
  EXPECT_DOUBLE_EQ(summary.p50_ms, 100);
  EXPECT_DOUBLE_EQ(summary.p95_ms, 190);
  EXPECT_DOUBLE_EQ(summary.p99_ms, 198);
}

TEST(LatenciesTest, NothingMeasuredIsZero) {
  EXPECT_EQ(Latencies().Percentile(95), absl::ZeroDuration());
  EXPECT_DOUBLE_EQ(Latencies().Summary().p99_ms, 0);
}

TEST(LatenciesTest, TheSlopeTellsHowSomethingGrows) {
  using Points = std::vector<std::pair<double, double>>;
  EXPECT_NEAR(LogLogSlope(Points{{10, 30}, {100, 300}}), 1, 1e-9);
  EXPECT_NEAR(LogLogSlope(Points{{10, 7}, {100, 7}, {1000, 7}}), 0, 1e-9);
  EXPECT_NEAR(LogLogSlope(Points{{10, 100}, {100, 10'000}}), 2, 1e-9);
  // The line fits best where it passes no point.
  EXPECT_NEAR(LogLogSlope(Points{{1, 1}, {10, 100}, {100, 100}}), 1, 1e-9);
}

}  // namespace
}  // namespace omninode::bench
