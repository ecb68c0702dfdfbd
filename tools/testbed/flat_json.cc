#include "tools/testbed/flat_json.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

namespace omninode::testbed {

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
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto object = ParseFlatJson(text.substr(0, end)); object.ok()) {
      objects.push_back(*std::move(object));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return objects;
}

std::string ValueOf(const FlatJson& object, std::string_view key) {
  const auto found = object.find(key);
  return found == object.end() ? std::string() : found->second;
}

}  // namespace omninode::testbed
