#include "common/config/option.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"

namespace omninode::config {
namespace {

constexpr std::array<std::string_view, 8> kTypeNames = {"string",  "bool", "number", "duration",
                                                        "address", "path", "choice", "list"};

Option MakeOption(std::string key, OptionType type, std::string default_text, std::string help) {
  return {std::move(key), type, std::move(default_text), std::move(help)};
}

template <typename... Args>
absl::Status Bad(fmt::format_string<Args...> format, Args&&... args) {
  return Reject(Reason::kArgumentInvalid, format, std::forward<Args>(args)...);
}

std::string Shown(std::string_view text) { return fmt::format("'{}'", EscapeForDisplay(text, 64)); }

// The distribution's Abseil has functions of the same names, found by argument.
std::string Text(absl::Duration duration) { return omninode::FormatDuration(duration); }

absl::StatusOr<Value> ParseText(std::string_view text) {
  if (text.size() > kMaxValueBytes) return Bad("is longer than {} bytes", kMaxValueBytes);
  if (!IsValidUtf8(text) || std::ranges::any_of(text, [](char c) {
        return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f;
      })) {
    return Bad("holds a control character or is not UTF-8");
  }
  return std::string(text);
}

absl::StatusOr<Value> ParseBool(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return Bad("{} is neither true nor false", Shown(text));
}

absl::StatusOr<Value> ParseNumber(const Option& option, std::string_view text) {
  const auto value = ParseUint64(text);
  if (!value) return Bad("{} is not a whole number", Shown(text));
  if (*value < option.min_uint) return Bad("{} is below the minimum {}", *value, option.min_uint);
  if (*value > option.max_uint) return Bad("{} is above the maximum {}", *value, option.max_uint);
  return *value;
}

absl::StatusOr<Value> ParseTime(const Option& option, std::string_view text) {
  OMNI_ASSIGN_OR_RETURN(const absl::Duration value, omninode::ParseDuration(text));
  if (value < option.min_duration) {
    return Bad("{} is below the minimum {}", Text(value), Text(option.min_duration));
  }
  if (value > option.max_duration) {
    return Bad("{} is above the maximum {}", Text(value), Text(option.max_duration));
  }
  return value;
}

absl::StatusOr<Value> ParseAddress(std::string_view text) {
  if (text.empty()) return std::monostate();
  OMNI_ASSIGN_OR_RETURN(HostPort address, HostPort::Parse(text));
  return address;
}

absl::StatusOr<Value> ParseChoice(const Option& option, std::string_view text) {
  if (std::ranges::find(option.choices, text) != option.choices.end()) return std::string(text);
  return Bad("{} is none of {}", Shown(text), Join(option.choices, ", "));
}

absl::StatusOr<Value> ParseList(const Option& option, const RawValue& raw) {
  std::vector<std::string> items;
  for (const std::string& text : raw.items) {
    if (raw.is_sequence) {
      items.push_back(text);
    } else if (!Trim(text).empty()) {
      for (const auto piece : Split(text, ',')) items.emplace_back(Trim(piece));
    }
  }
  if (items.size() > option.max_items) {
    return Bad("has {} items, at most {} are possible", items.size(), option.max_items);
  }
  for (const std::string& item : items) {
    if (item.empty()) return Bad("has an empty item");
    OMNI_RETURN_IF_ERROR(ParseText(item).status());
  }
  return items;
}

struct FormatVisitor {
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::uint64_t value) const { return std::to_string(value); }
  std::string operator()(absl::Duration value) const { return Text(value); }
  std::string operator()(const HostPort& value) const { return value.ToString(); }
  std::string operator()(const std::vector<std::string>& value) const { return Join(value, ","); }
};

}  // namespace

std::string_view NameOf(OptionType type) { return kTypeNames[static_cast<std::size_t>(type)]; }

Option StringOption(std::string key, std::string default_text, std::string help) {
  return MakeOption(std::move(key), OptionType::kString, std::move(default_text), std::move(help));
}

Option BoolOption(std::string key, bool default_value, std::string help) {
  return MakeOption(std::move(key), OptionType::kBool, default_value ? "true" : "false",
                    std::move(help));
}

Option UintOption(std::string key, std::uint64_t default_value, std::uint64_t min,
                  std::uint64_t max, std::string help) {
  Option option =
      MakeOption(std::move(key), OptionType::kUint, std::to_string(default_value), std::move(help));
  option.min_uint = min;
  option.max_uint = max;
  return option;
}

Option DurationOption(std::string key, absl::Duration default_value, absl::Duration min,
                      absl::Duration max, std::string help) {
  Option option =
      MakeOption(std::move(key), OptionType::kDuration, Text(default_value), std::move(help));
  option.min_duration = min;
  option.max_duration = max;
  return option;
}

Option AddressOption(std::string key, std::string default_text, std::string help) {
  return MakeOption(std::move(key), OptionType::kAddress, std::move(default_text), std::move(help));
}

Option PathOption(std::string key, std::string default_text, std::string help) {
  return MakeOption(std::move(key), OptionType::kPath, std::move(default_text), std::move(help));
}

Option EnumOption(std::string key, std::string default_text, std::vector<std::string> choices,
                  std::string help) {
  Option option =
      MakeOption(std::move(key), OptionType::kEnum, std::move(default_text), std::move(help));
  option.choices = std::move(choices);
  return option;
}

Option ListOption(std::string key, std::vector<std::string> default_items, std::size_t max_items,
                  std::string help) {
  Option option =
      MakeOption(std::move(key), OptionType::kList, Join(default_items, ","), std::move(help));
  option.max_items = max_items;
  return option;
}

Option Secret(Option option) {
  option.secret = true;
  return option;
}

Option Required(Option option) {
  option.required = true;
  return option;
}

absl::StatusOr<Value> ParseValue(const Option& option, const RawValue& raw) {
  if (option.type == OptionType::kList) return ParseList(option, raw);
  if (raw.is_sequence) return Bad("is one {}, not a list", NameOf(option.type));
  if (raw.items.size() != 1) return Bad("is given {} times; give it once", raw.items.size());
  const std::string& text = raw.items.front();
  switch (option.type) {
    case OptionType::kBool:
      return ParseBool(text);
    case OptionType::kUint:
      return ParseNumber(option, text);
    case OptionType::kDuration:
      return ParseTime(option, text);
    case OptionType::kAddress:
      return ParseAddress(text);
    case OptionType::kEnum:
      return ParseChoice(option, text);
    case OptionType::kString:
    case OptionType::kPath:
    case OptionType::kList:
      break;
  }
  return ParseText(text);
}

std::string FormatValue(const Value& value) { return std::visit(FormatVisitor(), value); }

std::string BoundsText(const Option& option) {
  switch (option.type) {
    case OptionType::kUint:
      return fmt::format("{} to {}", option.min_uint, option.max_uint);
    case OptionType::kDuration:
      return fmt::format("{} to {}", Text(option.min_duration), Text(option.max_duration));
    case OptionType::kEnum:
      return fmt::format("one of {}", Join(option.choices, ", "));
    case OptionType::kList:
      return fmt::format("at most {} items", option.max_items);
    default:
      return "";
  }
}

}  // namespace omninode::config
