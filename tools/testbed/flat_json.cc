#include "tools/testbed/flat_json.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

namespace omninode::testbed {
namespace {

// Takes the first line off `text`, with its end.
std::string_view TakeLine(std::string_view* text) {
  const std::size_t end = std::min(text->find('\n'), text->size());
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  return line;
}

bool IsAlarming(std::string_view line) {
  const auto object = ParseFlatJson(line);
  if (!object.ok()) return true;
  const std::string level = ValueOf(*object, "level");
  return level == "warning" || level == "error";
}

}  // namespace

absl::StatusOr<FlatJson> ParseFlatJson(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("not a JSON object");
  FlatJson object;
  for (const auto& [key, value] : json.items()) {
    object[key] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return object;
}

std::vector<FlatJson> ParseJsonLines(std::string_view text) {
  std::vector<FlatJson> objects;
  while (!text.empty()) {
    if (auto object = ParseFlatJson(TakeLine(&text)); object.ok()) {
      objects.push_back(*std::move(object));
    }
  }
  return objects;
}

std::string ValueOf(const FlatJson& object, std::string_view key) {
  const auto found = object.find(key);
  return found == object.end() ? std::string() : found->second;
}

std::string LogExcerpt(std::string_view text, std::size_t count) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::string_view line = TakeLine(&text);
    if (!line.empty() && (text.empty() || IsAlarming(line))) lines.push_back(line);
  }
  const std::size_t shown = std::min(lines.size(), count);
  std::string excerpt;
  for (std::size_t i = lines.size() - shown; i < lines.size(); ++i) {
    if (!excerpt.empty()) excerpt += '\n';
    excerpt += lines[i];
  }
  return excerpt;
}

}  // namespace omninode::testbed
