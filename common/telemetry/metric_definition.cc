#include "common/telemetry/metric_definition.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include <fmt/format.h>

#include "common/base/status.h"
#include "common/base/text.h"

namespace omninode::telemetry {
namespace {

constexpr std::array<std::string_view, 3> kTypeNames = {"counter", "gauge", "histogram"};
constexpr std::string_view kPrefix = "omninode_";

bool IsNameByte(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }
bool IsLabelByte(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

template <typename... Args>
absl::Status Wrong(const MetricDefinition& definition, fmt::format_string<Args...> format,
                   Args&&... args) {
  return Error(absl::StatusCode::kFailedPrecondition, "metric {}: {}", definition.name,
               fmt::format(format, std::forward<Args>(args)...));
}

absl::Status ValidateName(const MetricDefinition& definition) {
  const std::string_view name = definition.name;
  if (!name.starts_with(kPrefix) || !std::ranges::all_of(name, IsNameByte)) {
    return Wrong(definition, "the name must be {}[a-z0-9_]+", kPrefix);
  }
  const bool is_counter = definition.type == MetricType::kCounter;
  if (name.ends_with("_total") != is_counter) {
    return Wrong(definition, "counters and only counters end in _total");
  }
  const bool has_unit = definition.unit == "seconds" || definition.unit == "bytes";
  if (has_unit && name.find("_" + definition.unit) == std::string_view::npos) {
    return Wrong(definition, "the name must say its unit, {}", definition.unit);
  }
  return absl::OkStatus();
}

absl::Status ValidateLabels(const MetricDefinition& definition) {
  std::set<std::string_view> seen;
  for (const MetricLabel& label : definition.labels) {
    if (label.name.empty() || label.name == "le" || label.name.starts_with("__") ||
        !std::ranges::all_of(label.name, IsLabelByte)) {
      return Wrong(definition, "'{}' cannot be a label", label.name);
    }
    if (!seen.insert(label.name).second) {
      return Wrong(definition, "label {} twice", label.name);
    }
  }
  return absl::OkStatus();
}

// `a|b` would end a table cell.
std::string Cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

// A table shows the values a reader can take in. One value is the same in every series.
constexpr std::size_t kMaxShownValues = 12;

std::string LabelCell(const MetricLabel& label) {
  if (label.values.size() < 2 || label.values.size() > kMaxShownValues) {
    return fmt::format("`{}`", label.name);
  }
  return fmt::format("`{}` ({})", label.name, Cell(Join(label.values, ", ")));
}

}  // namespace

std::string_view NameOf(MetricType type) { return kTypeNames[static_cast<std::size_t>(type)]; }

absl::Status Validate(const MetricDefinition& definition) {
  OMNI_RETURN_IF_ERROR(ValidateName(definition));
  OMNI_RETURN_IF_ERROR(ValidateLabels(definition));
  if (definition.help.empty()) return Wrong(definition, "help is missing");
  if (definition.unit.empty()) return Wrong(definition, "the unit is missing; \"1\" for a count");
  const bool is_histogram = definition.type == MetricType::kHistogram;
  if (definition.buckets.empty() == is_histogram) {
    return Wrong(definition, "histograms and only histograms have buckets");
  }
  const auto& buckets = definition.buckets;
  if (std::ranges::adjacent_find(buckets, std::greater_equal<>()) != buckets.end()) {
    return Wrong(definition, "buckets must ascend");
  }
  return absl::OkStatus();
}

std::string MetricsMarkdown(std::span<const MetricDefinition> definitions) {
  std::string out = "| metric | type | unit | labels | meaning |\n|---|---|---|---|---|\n";
  for (const MetricDefinition& definition : definitions) {
    std::vector<std::string> labels;
    for (const MetricLabel& label : definition.labels) labels.push_back(LabelCell(label));
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", definition.name, NameOf(definition.type),
                       definition.unit, Join(labels, ", "), Cell(definition.help));
  }
  return out;
}

}  // namespace omninode::telemetry
