#ifndef OMNINODE_TOOLS_OMNICTL_RENDERER_H_
#define OMNINODE_TOOLS_OMNICTL_RENDERER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <absl/time/time.h>

#include "tools/omnictl/rows.h"

// The one place that turns rows into text. Pure.
//
// Whatever the cells hold, the text has no control characters but line ends (and the style of the
// header when it was asked for), no bidirectional or invisible characters, and no bytes that are
// not UTF-8: nobody who can register a node can write to an operator's terminal.
namespace omninode::omnictl {

enum class Format : std::uint8_t { kTable, kWide, kJson, kName };

std::optional<Format> ParseFormat(std::string_view name);  // "table", "wide", "json", "name"

struct Style {
  bool bold_header = false;  // a terminal that wants it (NO_COLOR is not set)
};

// With its line end; empty when there is nothing to show. REQUIRES: each row has as many cells as
// there are columns, and a record has one row.
std::string Render(const Rows& rows, Format format, const Style& style);

// Rows one by one, as they happen: the header comes with the first one, JSON is one line per row.
class StreamRenderer final {
 public:
  StreamRenderer(Columns columns, Format format, const Style& style)
      : columns_(std::move(columns)), format_(format), style_(style) {}

  std::string Render(const Row& row);

 private:
  const Columns columns_;
  const Format format_;
  const Style style_;
  bool begun_ = false;
};

// A text as it may stand in a terminal: unchanged when every character of it can be seen where it
// stands, else with \xNN.
std::string SafeText(std::string_view text);

// "4m11s", "467ms": of what is longer than a second whole seconds, else whole milliseconds. JSON
// has the exact value.
std::string DurationForPeople(absl::Duration duration);

// How many columns of a terminal `text` takes, which is SafeText. East Asian wide characters count
// twice, combining marks not at all.
std::size_t DisplayWidth(std::string_view text);

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_RENDERER_H_
