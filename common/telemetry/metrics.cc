#include "common/telemetry/metrics.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/text_serializer.h>

#include "common/base/check.h"
#include "common/base/mutex.h"
#include "common/base/status.h"

namespace omninode::telemetry {
namespace {

template <typename T>
using FamilyOf = std::unique_ptr<prometheus::Family<T>>;

struct Family {
  using Series = std::variant<FamilyOf<prometheus::Counter>, FamilyOf<prometheus::Gauge>,
                              FamilyOf<prometheus::Histogram>>;
  MetricDefinition definition;
  Series series;
  std::size_t count = 0;
};

template <typename T>
Family::Series MakeSeries(const MetricDefinition& definition) {
  return std::make_unique<prometheus::Family<T>>(definition.name, definition.help,
                                                 prometheus::Labels{});
}

Family MakeFamily(const MetricDefinition& definition) {
  switch (definition.type) {
    case MetricType::kCounter:
      return {definition, MakeSeries<prometheus::Counter>(definition)};
    case MetricType::kGauge:
      return {definition, MakeSeries<prometheus::Gauge>(definition)};
    case MetricType::kHistogram:
      break;
  }
  return {definition, MakeSeries<prometheus::Histogram>(definition)};
}

constexpr std::string_view kDroppedName = "omninode_metric_series_dropped_total";

MetricDefinition DroppedDefinition() {
  return {std::string(kDroppedName),
          MetricType::kCounter,
          "Requests for a series that a closed label list or the bound on series refused; above 0, "
          "figures are missing.",
          "1",
          {{"family", {}}}};
}

bool InClosedList(const MetricLabel& label, std::string_view value) {
  return label.values.empty() || std::ranges::find(label.values, value) != label.values.end();
}

template <typename T>
T* AddSeries(prometheus::Family<T>& family, const prometheus::Labels& labels,
             const MetricDefinition& definition) {
  if constexpr (std::is_same_v<T, prometheus::Histogram>) {
    return &family.Add(labels, definition.buckets);
  } else {
    return &family.Add(labels);
  }
}

}  // namespace

void Counter::Increment(double by) {
  if (counter_ != nullptr) counter_->Increment(by);
}
void Gauge::Set(double value) {
  if (gauge_ != nullptr) gauge_->Set(value);
}
void Gauge::Add(double by) {
  if (gauge_ != nullptr) gauge_->Increment(by);
}
void Histogram::Observe(double value) {
  if (histogram_ != nullptr) histogram_->Observe(value);
}

struct Metrics::Impl {
  mutable Mutex mutex;
  // Families are never removed and the map does not move them.
  std::map<std::string, Family, std::less<>> families ABSL_GUARDED_BY(mutex);
  std::vector<std::string> order ABSL_GUARDED_BY(mutex);

  absl::Status Declare(const MetricDefinition& definition) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    OMNI_RETURN_IF_ERROR(Validate(definition));
    if (!families.try_emplace(definition.name, MakeFamily(definition)).second) {
      return Error(absl::StatusCode::kAlreadyExists, "metric {} is declared twice",
                   definition.name);
    }
    order.push_back(definition.name);
    return absl::OkStatus();
  }

  // Null when a bound refuses.
  template <typename T>
  T* Find(std::string_view name, LabelValues values) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const auto found = families.find(name);
    OMNI_CHECK(found != families.end());
    Family& family = found->second;
    auto* series = std::get_if<FamilyOf<T>>(&family.series);
    OMNI_CHECK(series != nullptr);
    OMNI_CHECK(values.size() == family.definition.labels.size());

    prometheus::Labels labels;
    bool allowed = true;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const MetricLabel& label = family.definition.labels[i];
      const std::string_view value = values.begin()[i];
      allowed = allowed && InClosedList(label, value);
      labels.emplace(label.name, value);
    }
    const bool is_new = !(*series)->Has(labels);
    if (!allowed || (is_new && family.count >= kMaxSeriesPerFamily)) return nullptr;
    if (is_new) ++family.count;
    return AddSeries(**series, labels, family.definition);
  }

  template <typename T>
  T* Get(std::string_view name, LabelValues values) {
    MutexLock lock(mutex);
    T* series = Find<T>(name, values);
    if (series != nullptr) return series;
    // Bounded by the number of families, which the code fixes.
    auto* dropped = Find<prometheus::Counter>(kDroppedName, {name});
    if (dropped != nullptr) dropped->Increment();
    return nullptr;
  }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {
  MutexLock lock(impl_->mutex);
  OMNI_CHECK(impl_->Declare(DroppedDefinition()).ok());
}

Metrics::~Metrics() = default;

absl::Status Metrics::Declare(std::span<const MetricDefinition> definitions) {
  MutexLock lock(impl_->mutex);
  for (const MetricDefinition& definition : definitions) {
    OMNI_RETURN_IF_ERROR(impl_->Declare(definition));
  }
  return absl::OkStatus();
}

Counter Metrics::GetCounter(std::string_view name, LabelValues labels) {
  return Counter(impl_->Get<prometheus::Counter>(name, labels));
}
Gauge Metrics::GetGauge(std::string_view name, LabelValues labels) {
  return Gauge(impl_->Get<prometheus::Gauge>(name, labels));
}
Histogram Metrics::GetHistogram(std::string_view name, LabelValues labels) {
  return Histogram(impl_->Get<prometheus::Histogram>(name, labels));
}

std::string Metrics::Render() const {
  std::vector<prometheus::MetricFamily> collected;
  {
    MutexLock lock(impl_->mutex);
    for (const auto& [name, family] : impl_->families) {
      std::visit(
          [&](const auto& series) {
            for (auto& each : series->Collect()) collected.push_back(std::move(each));
          },
          family.series);
    }
  }
  return prometheus::TextSerializer().Serialize(collected);
}

std::vector<MetricDefinition> Metrics::Definitions() const {
  MutexLock lock(impl_->mutex);
  std::vector<MetricDefinition> definitions;
  for (const std::string& name : impl_->order) {
    definitions.push_back(impl_->families.find(name)->second.definition);
  }
  return definitions;
}

}  // namespace omninode::telemetry
