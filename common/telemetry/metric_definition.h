#ifndef OMNINODE_COMMON_TELEMETRY_METRIC_DEFINITION_H_
#define OMNINODE_COMMON_TELEMETRY_METRIC_DEFINITION_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>

namespace omninode::telemetry {

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram };

std::string_view NameOf(MetricType type);  // "counter", "gauge", "histogram"

// A label and the values it may take. No values: any, for names that operators choose (a
// namespace); then kMaxSeriesPerFamily is what bounds it. Never a name that a node chooses.
struct MetricLabel {
  std::string name;
  std::vector<std::string> values;
};

// A metric family as it is declared once, by the folder that measures it. The same list makes the
// families of the process and the table of docs/reference/metrics.md.
struct MetricDefinition {
  std::string name;  // "omninode_lease_expired_total"
  MetricType type;
  std::string help;  // one sentence: what it counts and when to worry
  std::string unit;  // "1", "seconds", "bytes"; the name says it too
  std::vector<MetricLabel> labels = {};
  std::vector<double> buckets = {};  // histograms: upper bounds, ascending
};

// FAILED_PRECONDITION unless: the name starts with omninode_ and is [a-z0-9_]; counters and only
// they end in _total; a unit of seconds or bytes is in the name; label names are [a-z_]+, not "le"
// and unique; help is there; histograms and only they have ascending buckets.
absl::Status Validate(const MetricDefinition& definition);

// The reference table, one row per definition in the order given.
std::string MetricsMarkdown(std::span<const MetricDefinition> definitions);

}  // namespace omninode::telemetry

#endif  // OMNINODE_COMMON_TELEMETRY_METRIC_DEFINITION_H_
