#include "common/telemetry/health.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "common/base/text.h"
#include "common/telemetry/json_text.h"

namespace omninode::telemetry {
namespace {

constexpr std::array<std::string_view, 3> kStateNames = {"ok", "warning", "failed"};

bool IsReady(const std::vector<HealthCondition>& conditions) {
  return !conditions.empty() && std::ranges::none_of(conditions, [](const HealthCondition& c) {
    return c.state == HealthState::kFailed;
  });
}

}  // namespace

std::string_view NameOf(HealthState state) { return kStateNames[static_cast<std::size_t>(state)]; }

bool Health::Set(std::string_view name, HealthState state, std::string_view detail,
                 absl::Time now) {
  MutexLock lock(mutex_);
  auto found = conditions_.find(name);
  if (found == conditions_.end()) {
    if (conditions_.size() >= kMaxHealthConditions) {
      overflowed_ = true;
      return false;
    }
    found = conditions_.emplace(name, HealthCondition{std::string(name), state, "", now}).first;
  }
  HealthCondition& condition = found->second;
  if (condition.state != state) condition.since = now;
  condition.state = state;
  condition.detail = detail.substr(0, kMaxHealthDetailBytes);
  return true;
}

void Health::Remove(std::string_view name) {
  MutexLock lock(mutex_);
  const auto found = conditions_.find(name);
  if (found != conditions_.end()) conditions_.erase(found);
}

bool Health::Ready() const { return IsReady(Conditions()); }

std::vector<HealthCondition> Health::Conditions() const {
  MutexLock lock(mutex_);
  std::vector<HealthCondition> conditions;
  for (const auto& [name, condition] : conditions_) conditions.push_back(condition);
  if (overflowed_) {
    conditions.push_back({"health", HealthState::kFailed,
                          fmt::format("more than {} conditions", kMaxHealthConditions),
                          absl::UnixEpoch()});
  }
  return conditions;
}

std::string Health::Json() const {
  const std::vector<HealthCondition> conditions = Conditions();
  std::string out = fmt::format(R"({{"ready":{},"conditions":[)", IsReady(conditions));
  for (const HealthCondition& condition : conditions) {
    if (out.back() == '}') out.push_back(',');
    out += R"({"name":)";
    AppendJsonString(&out, condition.name);
    out += fmt::format(R"(,"state":"{}","ok":{},"detail":)", NameOf(condition.state),
                       condition.state != HealthState::kFailed);
    AppendJsonString(&out, condition.detail);
    out += fmt::format(R"(,"since":"{}"}})", omninode::FormatTime(condition.since));
  }
  out += "]}";
  return out;
}

}  // namespace omninode::telemetry
