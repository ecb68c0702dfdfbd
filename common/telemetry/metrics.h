#ifndef OMNINODE_COMMON_TELEMETRY_METRICS_H_
#define OMNINODE_COMMON_TELEMETRY_METRICS_H_

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>

#include "common/telemetry/metric_definition.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace omninode::telemetry {

inline constexpr std::size_t kMaxSeriesPerFamily = 1000;

// Handles of one series each: copied by value, thread-safe, without a lock on the way (a histogram
// has its own). They live as long as their Metrics. A default-constructed handle does nothing; so
// does one that was refused by a bound.
class Counter final {
 public:
  Counter() = default;
  void Increment(double by = 1);

 private:
  friend class Metrics;
  explicit Counter(prometheus::Counter* counter) : counter_(counter) {}
  prometheus::Counter* counter_ = nullptr;
};

class Gauge final {
 public:
  Gauge() = default;
  void Set(double value);
  void Add(double by);

 private:
  friend class Metrics;
  explicit Gauge(prometheus::Gauge* gauge) : gauge_(gauge) {}
  prometheus::Gauge* gauge_ = nullptr;
};

class Histogram final {
 public:
  Histogram() = default;
  void Observe(double value);

 private:
  friend class Metrics;
  explicit Histogram(prometheus::Histogram* histogram) : histogram_(histogram) {}
  prometheus::Histogram* histogram_ = nullptr;
};

// Values in the order of the definition's labels.
using LabelValues = std::initializer_list<std::string_view>;

// The metrics of one process. Families are declared first; a series appears when its handle is
// asked for the first time. Thread-safe. Not movable: handles point into it.
//
// A label value outside its closed list, and a series beyond kMaxSeriesPerFamily, give a handle
// that does nothing, and count in omninode_metric_series_dropped_total{family}. A family that was
// not declared, a wrong type or a wrong number of labels is a mistake of the code and aborts.
class Metrics final {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // FAILED_PRECONDITION when a definition is not valid, ALREADY_EXISTS when its name is taken.
  // Definitions before the bad one stay declared.
  absl::Status Declare(std::span<const MetricDefinition> definitions);

  Counter GetCounter(std::string_view name, LabelValues labels = {});
  Gauge GetGauge(std::string_view name, LabelValues labels = {});
  Histogram GetHistogram(std::string_view name, LabelValues labels = {});

  // Prometheus text exposition format 0.0.4, families in the order of their names.
  std::string Render() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  // What was declared, in that order, the class's own family first.
  std::vector<MetricDefinition> Definitions() const;

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace omninode::telemetry

#endif  // OMNINODE_COMMON_TELEMETRY_METRICS_H_
