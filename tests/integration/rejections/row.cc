#include "tests/integration/rejections/row.h"

#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include <yaml-cpp/yaml.h>

#include "common/base/status.h"
#include "common/base/text.h"

namespace omninode::rejections {
namespace {

absl::Status Bad(const Row& row, std::string_view why) {
  return Error(absl::StatusCode::kInvalidArgument, "row {}: {}", row.key(), why);
}

// "registry RegistryService/Register SIG_INVALID", or without reason. The registry's RPCs are of
// its own package, those of the other two of bootstrap's.
absl::StatusOr<Row::Metric> ParseMetric(const Row& row, std::string_view text, std::size_t labels) {
  const auto parts = Split(text, ' ');
  if (parts.size() != labels) return Bad(row, fmt::format("{}: not {} labels", text, labels));
  const std::string_view package = parts[0] == "registry" ? "registry" : "bootstrap";
  return Row::Metric{std::string(parts[0]), fmt::format("omninode.{}.v1.{}", package, parts[1]),
                     std::string(labels > 2 ? parts[2] : "")};
}

// What belongs together: who says no leaves a count and a line, unless the row says why not.
absl::Status CheckWhole(const Row& row) {
  if (row.id.empty() || row.name.empty() || row.input.empty() || row.status.empty()) {
    return Bad(row, "id, case, input and status are due");
  }
  if (!row.within.empty()) {
    return row.metric.has_value() && !row.log.empty() ? absl::OkStatus()
                                                      : Bad(row, "metric and log are due");
  }
  if (row.accepted()) {
    const bool silent = row.reason.empty() && !row.metric.has_value() && row.log.empty();
    return silent && !row.answer.empty() ? absl::OkStatus()
                                         : Bad(row, "what is accepted says in `answer` what for");
  }
  if (!row.transport_only.empty()) {
    if (row.metric.has_value()) return Bad(row, "transport_only, and yet counted");
    return row.handler.has_value() ? absl::OkStatus() : Bad(row, "handler is due");
  }
  if (row.log.empty()) return Bad(row, "log is due");
  if (row.reason.empty()) return Bad(row, "reason is due");
  if (!row.metric.has_value() && !row.at_start()) return Bad(row, "metric is due");
  return absl::OkStatus();
}

absl::StatusOr<Row> ParseRow(const YAML::Node& node) {
  Row row;
  std::string metric;
  std::string handler;
  const std::map<std::string, std::string*> texts = {
      {"id", &row.id},         {"case", &row.name},     {"input", &row.input},
      {"status", &row.status}, {"reason", &row.reason}, {"metric", &metric},
      {"answer", &row.answer}, {"note", &row.note},     {"transport_only", &row.transport_only},
      {"within", &row.within}, {"handler", &handler},
  };
  for (const auto& part : node) {
    const auto key = part.first.as<std::string>();
    if (const auto text = texts.find(key); text != texts.end()) {
      *text->second = part.second.as<std::string>();
    } else if (key == "log") {
      row.log = part.second.as<std::map<std::string, std::string>>();
    } else if (key == "count") {
      row.count = part.second.as<int>();
    } else {
      return Bad(row, fmt::format("nobody knows '{}'", key));
    }
  }
  if (!metric.empty()) {
    OMNI_ASSIGN_OR_RETURN(row.metric, ParseMetric(row, metric, 3));
  }
  if (!handler.empty()) {
    OMNI_ASSIGN_OR_RETURN(row.handler, ParseMetric(row, handler, 2));
  }
  OMNI_RETURN_IF_ERROR(CheckWhole(row));
  return row;
}

}  // namespace

absl::StatusOr<std::vector<Row>> ParseRows(std::string_view yaml) {
  std::vector<Row> rows;
  std::set<std::string> keys;
  try {
    for (const auto& node : YAML::Load(std::string(yaml))["rows"]) {
      OMNI_ASSIGN_OR_RETURN(Row row, ParseRow(node));
      if (!keys.insert(row.key()).second) return Bad(row, "stands there twice");
      rows.push_back(std::move(row));
    }
  } catch (const YAML::Exception& error) {
    return Error(absl::StatusCode::kInvalidArgument, "{}", error.what());
  }
  return rows;
}

absl::StatusOr<std::vector<Row>> LoadRows(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return Error(absl::StatusCode::kNotFound, "{} cannot be read", path);
  return ParseRows(text);
}

}  // namespace omninode::rejections
