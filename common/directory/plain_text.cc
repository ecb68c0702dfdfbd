#include "common/directory/plain_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/base/encoding.h"
#include "common/base/reason.h"

namespace omninode::directory {
namespace {

struct CodePointRange {
  char32_t first;
  char32_t last;
};

// Sorted. Adjacent ranges of different kinds stay apart, so that each row has one cause.
constexpr auto kRefused = std::to_array<CodePointRange>({
    {0x0000, 0x001f},    // C0 controls
    {0x007f, 0x009f},    // delete, C1 controls
    {0x00ad, 0x00ad},    // soft hyphen
    {0x034f, 0x034f},    // combining grapheme joiner
    {0x061c, 0x061c},    // Arabic letter mark (bidirectional)
    {0x115f, 0x1160},    // Hangul fillers
    {0x17b4, 0x17b5},    // Khmer inherent vowels
    {0x180b, 0x180f},    // Mongolian selectors and vowel separator
    {0x200b, 0x200f},    // zero-width space and joiners, direction marks
    {0x2028, 0x2029},    // line and paragraph separator
    {0x202a, 0x202e},    // bidirectional embeddings and overrides
    {0x2060, 0x206f},    // word joiner, invisible operators, bidirectional isolates
    {0x3164, 0x3164},    // Hangul filler
    {0xfe00, 0xfe0f},    // variation selectors
    {0xfeff, 0xfeff},    // byte order mark
    {0xffa0, 0xffa0},    // half-width Hangul filler
    {0xfff0, 0xfffb},    // unassigned ignorables, interlinear annotations
    {0x1bca0, 0x1bca3},  // shorthand format controls
    {0x1d173, 0x1d17a},  // musical format controls
    {0xe0000, 0xe0fff},  // tags, further variation selectors
});

bool IsRefused(char32_t code_point) {
  const auto range = std::ranges::lower_bound(kRefused, code_point, {}, &CodePointRange::last);
  return range != kRefused.end() && range->first <= code_point;
}

// The first character of `text`, removed from it. REQUIRES: `text` is well-formed and not empty.
char32_t TakeCodePoint(std::string_view& text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  constexpr std::array<std::uint8_t, 5> kLeadBits = {0, 0x7f, 0x1f, 0x0f, 0x07};
  char32_t code_point = lead & kLeadBits[length];
  for (std::size_t i = 1; i < length; ++i) {
    code_point = (code_point << 6) | (static_cast<std::uint8_t>(text[i]) & 0x3f);
  }
  text.remove_prefix(length);
  return code_point;
}

absl::Status CheckSize(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return absl::OkStatus();
  return Reject(Reason::kArgumentInvalid, "{} bytes, at most {} are allowed", text.size(),
                max_bytes);
}

}  // namespace

absl::Status CheckPlainText(std::string_view text, std::size_t max_bytes) {
  if (absl::Status size = CheckSize(text, max_bytes); !size.ok()) return size;
  if (!IsValidUtf8(text)) {
    return Reject(Reason::kMsgMalformed, "not UTF-8");
  }
  for (std::string_view rest = text; !rest.empty();) {
    const char32_t code_point = TakeCodePoint(rest);
    if (IsRefused(code_point)) {
      return Reject(Reason::kArgumentInvalid, "contains the invisible character U+{:04X}",
                    static_cast<std::uint32_t>(code_point));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPrintableAscii(std::string_view text, std::size_t max_bytes) {
  if (absl::Status size = CheckSize(text, max_bytes); !size.ok()) return size;
  const auto odd = std::ranges::find_if(text, [](char c) { return c < 0x20 || c > 0x7e; });
  if (odd == text.end()) return absl::OkStatus();
  return Reject(Reason::kArgumentInvalid, "byte {} is not printable ASCII", odd - text.begin());
}

}  // namespace omninode::directory
