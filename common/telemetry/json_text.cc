#include "common/telemetry/json_text.h"

#include <cstdint>
#include <iterator>

#include <fmt/format.h>

#include "common/base/encoding.h"

namespace omninode::telemetry {
namespace {

// Bytes of the well-formed UTF-8 character at the front of `text`, 0 when there is none.
std::size_t CharacterLength(std::string_view text) {
  const auto lead = static_cast<std::uint8_t>(text[0]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return length <= text.size() && IsValidUtf8(text.substr(0, length)) ? length : 0;
}

std::uint32_t Decode(std::string_view character) {
  const auto lead = static_cast<std::uint8_t>(character[0]);
  if (character.size() == 1) return lead;
  // The lead byte of an n byte character keeps 7 - n bits.
  std::uint32_t code_point = lead & (0x7fu >> character.size());
  for (const char c : character.substr(1)) {
    code_point = (code_point << 6) | (static_cast<std::uint8_t>(c) & 0x3fu);
  }
  return code_point;
}

void AppendCodePoint(std::string* out, std::uint32_t code_point) {
  switch (code_point) {
    case '"':
      *out += "\\\"";
      return;
    case '\\':
      *out += "\\\\";
      return;
    case '\n':
      *out += "\\n";
      return;
    case '\t':
      *out += "\\t";
      return;
    default:
      break;
  }
  if (code_point >= 0x20 && code_point < 0x7f) {
    out->push_back(static_cast<char>(code_point));
  } else if (code_point < 0x10000) {
    fmt::format_to(std::back_inserter(*out), "\\u{:04x}", code_point);
  } else {
    const std::uint32_t offset = code_point - 0x10000;
    fmt::format_to(std::back_inserter(*out), "\\u{:04x}\\u{:04x}", 0xd800 + (offset >> 10),
                   0xdc00 + (offset & 0x3ff));
  }
}

}  // namespace

void AppendJsonString(std::string* out, std::string_view text, std::size_t max_bytes) {
  out->push_back('"');
  std::size_t used = 0;
  while (used < text.size()) {
    const std::string_view rest = text.substr(used);
    const std::size_t length = CharacterLength(rest);
    const std::size_t step = length == 0 ? 1 : length;
    if (step > max_bytes - used) {
      *out += "...";
      break;
    }
    if (length == 0) {
      fmt::format_to(std::back_inserter(*out), "\\\\x{:02x}", static_cast<std::uint8_t>(rest[0]));
    } else {
      AppendCodePoint(out, Decode(rest.substr(0, length)));
    }
    used += step;
  }
  out->push_back('"');
}

}  // namespace omninode::telemetry
