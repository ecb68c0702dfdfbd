#include "tests/integration/bad_input/row.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include <yaml-cpp/yaml.h>

#include "common/base/status.h"

namespace omninode::bad_input {
namespace {

constexpr char kNameCharacters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

absl::Status At(const YAML::Node& node, std::string_view problem) {
  return Error(absl::StatusCode::kInvalidArgument, "line {}: {}", node.Mark().line + 1, problem);
}

absl::Status Take(const std::string& key, const YAML::Node& value, Row* row) {
  if (key == "name") {
    row->name = value.as<std::string>();
  } else if (key == "input") {
    row->input = value.as<std::string>();
  } else if (key == "arrange") {
    row->arrange = value.as<std::string>();
  } else if (key == "process") {
    row->process = value.as<std::string>();
  } else if (key == "line") {
    row->line = value.as<std::string>();
  } else if (key == "code") {
    row->code = value.as<int>();
  } else if (key == "stays") {
    row->stays = value.as<bool>();
  } else if (key == "root") {
    row->root = value.as<bool>();
  } else {
    return At(value, fmt::format("a row has no '{}'", key));
  }
  return absl::OkStatus();
}

absl::StatusOr<Row> ParseRow(const YAML::Node& node) {
  Row row;
  for (const auto& pair : node) {
    OMNI_RETURN_IF_ERROR(Take(pair.first.as<std::string>(), pair.second, &row));
  }
  for (const std::string* text : {&row.name, &row.input, &row.process, &row.line}) {
    if (text->empty()) return At(node, "a row needs name, input, process, line and code");
  }
  if (!node["code"]) return At(node, "a row needs a code");
  if (row.name.find_first_not_of(kNameCharacters) != std::string::npos) {
    return At(node, "a name has lower-case letters, digits and _ only");
  }
  return row;
}

}  // namespace

absl::StatusOr<std::vector<Row>> ParseRows(std::string_view yaml) {
  std::vector<Row> rows;
  std::set<std::string> names;
  // The library reports by exceptions; none leaves this function.
  try {
    for (const YAML::Node& node : YAML::Load(std::string(yaml))) {
      OMNI_ASSIGN_OR_RETURN(Row row, ParseRow(node));
      if (!names.insert(row.name).second) return At(node, row.name + " is there twice");
      rows.push_back(std::move(row));
    }
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(error.what());
  }
  return rows;
}

std::vector<Row> ReadRows(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  auto rows = ParseRows(text);
  if (rows.ok() && !rows->empty()) return *std::move(rows);
  fmt::print(stderr, "{}: {}\n", path, rows.ok() ? "has no rows" : Message(rows.status()));
  std::abort();
}

void PrintTo(const Row& row, std::ostream* out) { *out << row.process; }

}  // namespace omninode::bad_input
