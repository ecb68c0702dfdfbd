#ifndef OMNINODE_COMMON_BASE_ENCODING_H_
#define OMNINODE_COMMON_BASE_ENCODING_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// Text forms of bytes. Pure functions.
namespace omninode {

// Bytes travel as std::string (protobuf's and SQLite's choice too); this is the borrowed view.
using ByteSpan = std::span<const std::uint8_t>;
inline ByteSpan AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view AsText(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string HexEncode(std::string_view bytes);                   // lower case
std::optional<std::string> HexDecode(std::string_view text);     // either case, even length
std::string Base64Encode(std::string_view bytes);                // RFC 4648 section 4, padded
std::optional<std::string> Base64Decode(std::string_view text);  // strict: padding and no blanks

// At most `max` bytes of `text`, control and non-ASCII bytes as \xNN, a longer one ends in "...".
// For messages and log fields that repeat what somebody sent.
std::string EscapeForDisplay(std::string_view text, std::size_t max);

// Well-formed UTF-8 (RFC 3629): no surrogates, no overlong forms.
bool IsValidUtf8(std::string_view text);

}  // namespace omninode

#endif  // OMNINODE_COMMON_BASE_ENCODING_H_
