#ifndef OMNINODE_COMMON_CONFIG_OPTION_H_
#define OMNINODE_COMMON_CONFIG_OPTION_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/config/host_port.h"

namespace omninode::config {

enum class OptionType : std::uint8_t {
  kString,
  kBool,
  kUint,
  kDuration,
  kAddress,
  kPath,
  kEnum,
  kList,  // of strings
};

std::string_view NameOf(OptionType type);  // "string", "bool", "number", "duration", ...

inline constexpr std::size_t kMaxValueBytes = 4096;

// One row of a service's table. Made by the functions below, which fit on a line each:
//
//   DurationOption("lease.ttl", "30s", absl::Seconds(1), absl::Minutes(10), "how long ...")
struct Option {
  std::string key;  // "admission.max_clock_skew"
  OptionType type;
  std::string default_text;  // as a user would write it; items of a list with commas
  std::string help;          // one sentence
  std::uint64_t min_uint = 0;
  std::uint64_t max_uint = std::numeric_limits<std::uint64_t>::max();
  absl::Duration min_duration = absl::ZeroDuration();
  absl::Duration max_duration = absl::InfiniteDuration();
  std::vector<std::string> choices = {};
  std::size_t max_items = 0;
  bool secret = false;    // comes from a private file only, and is never shown
  bool required = false;  // has no default, and must be given
};

Option StringOption(std::string key, std::string default_text, std::string help);
Option BoolOption(std::string key, bool default_value, std::string help);
Option UintOption(std::string key, std::uint64_t default_value, std::uint64_t min,
                  std::uint64_t max, std::string help);
Option DurationOption(std::string key, absl::Duration default_value, absl::Duration min,
                      absl::Duration max, std::string help);
// An empty default: not set unless given.
Option AddressOption(std::string key, std::string default_text, std::string help);
Option PathOption(std::string key, std::string default_text, std::string help);
Option EnumOption(std::string key, std::string default_text, std::vector<std::string> choices,
                  std::string help);
Option ListOption(std::string key, std::vector<std::string> default_items, std::size_t max_items,
                  std::string help);
Option Secret(Option option);    // of a string
Option Required(Option option);  // with an empty default

// monostate: an address that is not set.
using Value = std::variant<std::monostate, std::string, bool, std::uint64_t, absl::Duration,
                           HostPort, std::vector<std::string>>;

// What somebody wrote for an option: one text, or the items of a YAML sequence or repeated flag.
struct RawValue {
  std::vector<std::string> items;
  bool is_sequence = false;
};

// ARGUMENT_INVALID saying what is wrong and what would be right; the text of a secret is left out.
absl::StatusOr<Value> ParseValue(const Option& option, const RawValue& raw);
// The spelling ParseValue reads, items joined with commas.
std::string FormatValue(const Value& value);
// "1s to 10m", "one of sqlite, postgres", "" when there is none.
std::string BoundsText(const Option& option);

}  // namespace omninode::config

#endif  // OMNINODE_COMMON_CONFIG_OPTION_H_
