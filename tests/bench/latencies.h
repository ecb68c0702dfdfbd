#ifndef OMNINODE_TESTS_BENCH_LATENCIES_H_
#define OMNINODE_TESTS_BENCH_LATENCIES_H_

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <absl/time/time.h>

namespace omninode::bench {

struct Percentiles {
  double p50_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
};

// How long each of many operations took. All are kept, so that percentiles are exact. Not
// thread-safe.
class Latencies final {
 public:
  void Add(absl::Duration took) { all_.push_back(took); }
  void Append(const Latencies& more) {
    all_.insert(all_.end(), more.all_.begin(), more.all_.end());
  }
  std::size_t count() const { return all_.size(); }

  // By nearest rank: the smallest value that at least so many percent do not exceed. Zero without
  // any value. REQUIRES: 0 < percent <= 100.
  absl::Duration Percentile(double percent) const;
  Percentiles Summary() const;

 private:
  std::vector<absl::Duration> all_;
};

// The slope of a straight line through the points (log x, log y): 1 is linear growth, 0 is none.
// REQUIRES: at least two different x, everything above zero.
double LogLogSlope(std::span<const std::pair<double, double>> points);

}  // namespace omninode::bench

#endif  // OMNINODE_TESTS_BENCH_LATENCIES_H_
