#include "tools/omnictl/readiness.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::omnictl {
namespace {

absl::Status Malformed() {
  return Reject(Reason::kMsgMalformed, "the answer of /readyz is not of the known form");
}

std::string TextAt(const nlohmann::json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

}  // namespace

absl::StatusOr<Readiness> ParseReadiness(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return Malformed();
  const auto ready = json.find("ready");
  const auto conditions = json.find("conditions");
  if (ready == json.end() || !ready->is_boolean()) return Malformed();
  if (conditions == json.end() || !conditions->is_array()) return Malformed();
  if (conditions->size() > kMaxConditions) return Malformed();
  Readiness readiness{.ready = ready->get<bool>()};
  for (const auto& each : *conditions) {
    if (!each.is_object()) return Malformed();
    Condition condition{TextAt(each, "name"), TextAt(each, "state"), TextAt(each, "detail")};
    if (condition.name.empty() || condition.state.empty()) return Malformed();
    readiness.conditions.push_back(std::move(condition));
  }
  return readiness;
}

}  // namespace omninode::omnictl
