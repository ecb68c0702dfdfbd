#ifndef OMNINODE_TOOLS_TESTBED_FLAT_JSON_H_
#define OMNINODE_TOOLS_TESTBED_FLAT_JSON_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace omninode::testbed {

// A JSON object as text by key: strings as they are, everything else as JSON. What the suite's
// programs write (log lines, ready files, rows) is at most so deep where tests look at it.
using FlatJson = std::map<std::string, std::string, std::less<>>;

// INVALID_ARGUMENT unless `text` is one JSON object.
absl::StatusOr<FlatJson> ParseFlatJson(std::string_view text);

// One object per line. Lines that are none are left out: a process that dies may write other
// things, and half lines.
std::vector<FlatJson> ParseJsonLines(std::string_view text);

// The value of `key`, or "".
std::string ValueOf(const FlatJson& object, std::string_view key);

// Of a log, what tells about a failure: the last `count` lines that are warnings, errors or no JSON
// at all, and the very last line whatever it is.
std::string LogExcerpt(std::string_view text, std::size_t count);

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_FLAT_JSON_H_
