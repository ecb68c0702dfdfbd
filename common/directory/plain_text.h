#ifndef OMNINODE_COMMON_DIRECTORY_PLAIN_TEXT_H_
#define OMNINODE_COMMON_DIRECTORY_PLAIN_TEXT_H_

#include <cstddef>
#include <string_view>

#include <absl/status/status.h>

namespace omninode::directory {

// OK when `text` is at most `max_bytes` of UTF-8 in which every character can be seen where it
// stands. Refused are control characters, line and paragraph separators, interlinear annotations
// and what Unicode 15 calls Default_Ignorable_Code_Point (bidirectional controls, zero-width
// characters, fillers, tags): two texts that look alike would otherwise differ, and a console
// would show another order than the one compared.
// MSG_MALFORMED for bytes that are not UTF-8, else ARGUMENT_INVALID. Nothing of the text is told:
// values are payload, and somebody's mistake may have put a secret there.
absl::Status CheckPlainText(std::string_view text, std::size_t max_bytes);

// OK when `text` is at most `max_bytes` of printable ASCII, blanks included; else ARGUMENT_INVALID,
// which does not repeat it either.
absl::Status CheckPrintableAscii(std::string_view text, std::size_t max_bytes);

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_PLAIN_TEXT_H_
