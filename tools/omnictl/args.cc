#include "tools/omnictl/args.h"

#include <algorithm>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/config/host_port.h"

namespace omninode::omnictl {
namespace {

constexpr std::size_t kShownBytes = 64;

absl::Status Invalid(const OptionSpec& spec, std::string_view text, std::string_view wanted) {
  return Reject(Reason::kArgumentInvalid, "{}{} '{}' is not {}", spec.is_word() ? "" : "--",
                spec.key(), EscapeForDisplay(text, kShownBytes), wanted);
}

}  // namespace

std::string OptionSpec::key() const {
  const std::size_t dashes = name.rfind("--");
  return dashes == std::string::npos ? name : name.substr(dashes + 2);
}

absl::Status CheckOption(const OptionSpec& spec, std::string_view text) {
  switch (spec.kind) {
    case OptionKind::kFlag:
    case OptionKind::kText:
      if (!text.empty()) return absl::OkStatus();
      return Reject(Reason::kArgumentInvalid, "{}{} is empty", spec.is_word() ? "" : "--",
                    spec.key());
    case OptionKind::kUint:
      if (ParseUint64(text).value_or(0) > 0) return absl::OkStatus();
      return Invalid(spec, text, "a number above zero");
    case OptionKind::kDuration:
      if (ParseDuration(text).value_or(absl::ZeroDuration()) > absl::ZeroDuration()) {
        return absl::OkStatus();
      }
      return Invalid(spec, text, "a duration like 30s, 5m or 1h30m");
    case OptionKind::kPosition:
      if (directory::Position::Parse(text).ok()) return absl::OkStatus();
      return Invalid(spec, text, "a position like 1:42");
    case OptionKind::kPair:
      if (text.find('=') != std::string_view::npos && !text.starts_with('=')) {
        return absl::OkStatus();
      }
      return Invalid(spec, text, "of the form name=value");
    case OptionKind::kAddress:
      if (config::HostPort::Parse(text).ok()) return absl::OkStatus();
      return Invalid(spec, text, "of the form host:port");
    case OptionKind::kChoice:
      if (std::ranges::find(spec.choices, text) != spec.choices.end()) return absl::OkStatus();
      return Invalid(spec, text, "one of " + Join(spec.choices, ", "));
  }
  OMNI_CHECK(false);
}

const std::vector<std::string>& Args::All(std::string_view key) const {
  const auto it = values_.find(key);
  OMNI_CHECK(it != values_.end());
  return it->second;
}

std::string Args::Text(std::string_view key) const {
  const auto& all = All(key);
  return all.empty() ? "" : all.front();
}

std::optional<std::uint64_t> Args::Uint(std::string_view key) const {
  if (!Has(key)) return std::nullopt;
  const auto value = ParseUint64(Text(key));
  OMNI_CHECK(value.has_value());
  return value;
}

std::optional<absl::Duration> Args::Duration(std::string_view key) const {
  if (!Has(key)) return std::nullopt;
  const auto value = ParseDuration(Text(key));
  OMNI_CHECK(value.ok());
  return *value;
}

std::optional<directory::Position> Args::Position(std::string_view key) const {
  if (!Has(key)) return std::nullopt;
  const auto value = directory::Position::Parse(Text(key));
  OMNI_CHECK(value.ok());
  return *value;
}

Pairs Args::AllPairs(std::string_view key) const {
  Pairs pairs;
  for (const std::string& text : All(key)) {
    const std::size_t equals = text.find('=');
    OMNI_CHECK(equals != std::string::npos);
    pairs.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return pairs;
}

}  // namespace omninode::omnictl
