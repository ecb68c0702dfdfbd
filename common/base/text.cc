#include "common/base/text.h"

#include <charconv>

#include <absl/strings/str_join.h>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  while (true) {
    const auto end = text.find(separator, begin);
    pieces.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return pieces;
    begin = end + 1;
  }
}

std::string Join(const std::vector<std::string>& pieces, std::string_view separator) {
  return absl::StrJoin(pieces, ToAbsl(separator));
}

std::optional<std::uint64_t> ParseUint64(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

absl::StatusOr<absl::Duration> ParseDuration(std::string_view text) {
  absl::Duration duration;
  if (text.empty() || text.front() == '-' || text.front() == '+' ||
      !absl::ParseDuration(ToAbsl(text), &duration) || duration == absl::InfiniteDuration()) {
    return Reject(Reason::kArgumentInvalid, "'{}' is not a duration like 250ms, 30s, 5m or 24h",
                  EscapeForDisplay(text, 64));
  }
  return duration;
}

std::string FormatTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

}  // namespace omninode
