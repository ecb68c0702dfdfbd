#include "tests/bench/latencies.h"

#include <algorithm>
#include <cmath>

#include "common/base/check.h"

namespace omninode::bench {
namespace {

absl::Duration RankOf(const std::vector<absl::Duration>& sorted, double percent) {
  const double rank = std::ceil(percent / 100 * static_cast<double>(sorted.size()));
  return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

}  // namespace

absl::Duration Latencies::Percentile(double percent) const {
  OMNI_CHECK(percent > 0 && percent <= 100);
  if (all_.empty()) return absl::ZeroDuration();
  std::vector<absl::Duration> sorted = all_;
  std::ranges::sort(sorted);
  return RankOf(sorted, percent);
}

Percentiles Latencies::Summary() const {
  if (all_.empty()) return {};
  std::vector<absl::Duration> sorted = all_;
  std::ranges::sort(sorted);
  return {absl::ToDoubleMilliseconds(RankOf(sorted, 50)),
          absl::ToDoubleMilliseconds(RankOf(sorted, 95)),
          absl::ToDoubleMilliseconds(RankOf(sorted, 99))};
}

double LogLogSlope(std::span<const std::pair<double, double>> points) {
  OMNI_CHECK(points.size() >= 2);
  double mean_x = 0;
  double mean_y = 0;
  for (const auto& [x, y] : points) {
    mean_x += std::log(x) / static_cast<double>(points.size());
    mean_y += std::log(y) / static_cast<double>(points.size());
  }
  double covariance = 0;
  double variance = 0;
  for (const auto& [x, y] : points) {
    covariance += (std::log(x) - mean_x) * (std::log(y) - mean_y);
    variance += (std::log(x) - mean_x) * (std::log(x) - mean_x);
  }
  OMNI_CHECK(variance > 0);
  return covariance / variance;
}

}  // namespace omninode::bench
