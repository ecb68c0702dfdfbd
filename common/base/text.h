#ifndef OMNINODE_COMMON_BASE_TEXT_H_
#define OMNINODE_COMMON_BASE_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

// Parsing of small texts: flags, configuration values, positions. Pure functions.
namespace omninode {

std::string_view Trim(std::string_view text);
// "a,b,,c" -> a, b, "", c. An empty text gives one empty piece.
std::vector<std::string_view> Split(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& pieces, std::string_view separator);

// Digits only, no sign, no blanks, no overflow.
std::optional<std::uint64_t> ParseUint64(std::string_view text);

// "250ms", "30s", "5m", "1h30m", "24h"; never negative.
absl::StatusOr<absl::Duration> ParseDuration(std::string_view text);
using absl::FormatDuration;  // the same spelling
// RFC 3339, UTC, milliseconds. Called as omninode::FormatTime, because Abseil has one of this name.
std::string FormatTime(absl::Time time);

}  // namespace omninode

#endif  // OMNINODE_COMMON_BASE_TEXT_H_
