#ifndef OMNINODE_COMMON_TELEMETRY_JSON_TEXT_H_
#define OMNINODE_COMMON_TELEMETRY_JSON_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace omninode::telemetry {

// Appends `text` as a JSON string of printable ASCII: control characters and everything beyond
// ASCII as \uXXXX, a byte that is not UTF-8 as the four characters \xNN (the backslash itself
// escaped). No terminal escape, line break or look-alike survives. A text of more than `max_bytes`
// is cut before a character and ends in "...". Pure.
void AppendJsonString(std::string* out, std::string_view text,
                      std::size_t max_bytes = std::string_view::npos);

}  // namespace omninode::telemetry

#endif  // OMNINODE_COMMON_TELEMETRY_JSON_TEXT_H_
