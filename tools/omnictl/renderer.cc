#include "tools/omnictl/renderer.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/directory/plain_text.h"
#include "common/telemetry/json_text.h"

namespace omninode::omnictl {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kMaxTextBytes = 16 * 1024;  // of one cell
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[0m";

template <typename... Ts>
struct Overload : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overload(Ts...) -> Overload<Ts...>;

std::string JoinPairs(const Pairs& pairs) {
  std::string text;
  for (const auto& [name, value] : pairs) {
    if (!text.empty()) text += ",";
    text += name + "=" + value;
  }
  return text;
}

std::string JoinTexts(const Texts& texts) {
  std::string joined;
  for (const std::string& text : texts) {
    if (!joined.empty()) joined += ",";
    joined += text;
  }
  return joined;
}

std::string CellText(const Cell& cell) {
  return std::visit(Overload{[](Nothing) { return std::string(); },
                             [](bool value) { return std::string(value ? "yes" : "no"); },
                             [](std::uint64_t value) { return std::to_string(value); },
                             [](absl::Duration value) { return DurationForPeople(value); },
                             [](const std::string& value) { return SafeText(value); },
                             [](const Texts& value) { return SafeText(JoinTexts(value)); },
                             [](const Pairs& value) { return SafeText(JoinPairs(value)); },
                             [](const RawJson&) { return std::string("(shown with -o json)"); }},
                    cell.value());
}

void AppendString(std::string* out, std::string_view text) {
  telemetry::AppendJsonString(out, text);
}

// JSON of ours on one line: strings have no line breaks in them, so those may go with the
// indentation that follows them.
void AppendCompact(std::string* out, std::string_view json) {
  bool at_line_start = false;
  for (const char c : json) {
    at_line_start = c == '\n' || (at_line_start && c == ' ');
    if (!at_line_start) out->push_back(c);
  }
}

void AppendJson(std::string* out, const Cell& cell) {
  std::visit(Overload{[&](Nothing) { *out += "null"; },
                      [&](bool value) { *out += value ? "true" : "false"; },
                      [&](std::uint64_t value) { *out += std::to_string(value); },
                      [&](absl::Duration value) { AppendString(out, absl::FormatDuration(value)); },
                      [&](const std::string& value) { AppendString(out, value); },
                      [&](const Texts& value) {
                        *out += "[";
                        for (std::size_t i = 0; i < value.size(); ++i) {
                          if (i > 0) *out += ", ";
                          AppendString(out, value[i]);
                        }
                        *out += "]";
                      },
                      [&](const Pairs& value) {
                        *out += "{";
                        for (std::size_t i = 0; i < value.size(); ++i) {
                          if (i > 0) *out += ", ";
                          AppendString(out, value[i].first);
                          *out += ": ";
                          AppendString(out, value[i].second);
                        }
                        *out += "}";
                      },
                      [&](const RawJson& value) { AppendCompact(out, value.text); }},
             cell.value());
}

// {"key": value, ...} with `separator` between the members.
std::string JsonObject(const Columns& columns, const Row& row, std::string_view open,
                       std::string_view separator, std::string_view close) {
  OMNI_CHECK(row.cells.size() == columns.size());
  std::string json(open);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) json += separator;
    AppendString(&json, columns[i].key);
    json += ": ";
    AppendJson(&json, row.cells[i]);
  }
  json += close;
  return json;
}

std::string JsonLine(const Columns& columns, const Row& row) {
  return JsonObject(columns, row, "{", ", ", "}");
}

std::string RenderJson(const Rows& rows) {
  if (rows.shape == Shape::kRecord) {
    return JsonObject(rows.columns, rows.rows.front(), "{\n  ", ",\n  ", "\n}\n");
  }
  std::string json = "{\n  ";
  AppendString(&json, rows.items);
  json += ": [";
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    json += i > 0 ? ",\n    " : "\n    ";
    json += JsonLine(rows.columns, rows.rows[i]);
  }
  json += rows.rows.empty() ? "]" : "\n  ]";
  for (const auto& [key, cell] : rows.facts) {
    json += ",\n  ";
    AppendString(&json, key);
    json += ": ";
    AppendJson(&json, cell);
  }
  json += "\n}\n";
  return json;
}

bool InTable(const Column& column, Format format) {
  return column.shown == Shown::kAlways ||
         (column.shown == Shown::kWide && format == Format::kWide);
}

struct Line {
  std::vector<std::string> texts;
};

Line HeaderLine(const Columns& columns, Format format) {
  Line line;
  for (const Column& column : columns) {
    if (InTable(column, format)) line.texts.push_back(column.header);
  }
  return line;
}

Line TextLine(const Columns& columns, const Row& row, Format format) {
  OMNI_CHECK(row.cells.size() == columns.size());
  Line line;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!InTable(columns[i], format)) continue;
    std::string text = CellText(row.cells[i]);
    line.texts.push_back(text.empty() ? "-" : std::move(text));
  }
  return line;
}

std::vector<std::size_t> MinimumWidths(const Columns& columns, Format format) {
  std::vector<std::size_t> widths;
  for (const Column& column : columns) {
    if (InTable(column, format)) widths.push_back(std::max(column.width, column.header.size()));
  }
  return widths;
}

// The last text is not padded: no blanks at the ends of lines.
std::string Align(const Line& line, const std::vector<std::size_t>& widths) {
  std::string text;
  for (std::size_t i = 0; i < line.texts.size(); ++i) {
    text += line.texts[i];
    if (i + 1 == line.texts.size()) break;
    const std::size_t width = DisplayWidth(line.texts[i]);
    text.append(kGap + (widths[i] > width ? widths[i] - width : 0), ' ');
  }
  return text;
}

std::string AlignHeader(const Columns& columns, Format format,
                        const std::vector<std::size_t>& widths, const Style& style) {
  const std::string text = Align(HeaderLine(columns, format), widths);
  return style.bold_header ? fmt::format("{}{}{}\n", kBold, text, kPlain) : text + "\n";
}

std::string RenderTable(const Rows& rows, Format format, const Style& style) {
  std::vector<Line> lines;
  std::vector<std::size_t> widths = MinimumWidths(rows.columns, format);
  for (const Row& row : rows.rows) {
    lines.push_back(TextLine(rows.columns, row, format));
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(lines.back().texts[i]));
    }
  }
  std::string text = AlignHeader(rows.columns, format, widths, style);
  for (const Line& line : lines) text += Align(line, widths) + "\n";
  for (std::size_t i = 0; i < rows.facts.size(); ++i) {
    text += fmt::format("{}{} {}", i > 0 ? "  " : "", rows.facts[i].first,
                        CellText(rows.facts[i].second));
  }
  if (!rows.facts.empty()) text += "\n";
  return text;
}

// A record has room: everything but what only programs read, one line each.
std::string RenderRecord(const Rows& rows) {
  std::size_t width = 0;
  for (const Column& column : rows.columns) {
    if (column.shown != Shown::kJson) width = std::max(width, column.header.size());
  }
  std::string text;
  for (std::size_t i = 0; i < rows.columns.size(); ++i) {
    if (rows.columns[i].shown == Shown::kJson) continue;
    const std::string value = CellText(rows.rows.front().cells[i]);
    text += fmt::format("{:<{}}  {}\n", rows.columns[i].header, width, value.empty() ? "-" : value);
  }
  return text;
}

struct Range {
  char32_t first;
  char32_t last;
};
// Unicode 15, East_Asian_Width W and F, in coarse blocks.
constexpr auto kWideRanges = std::to_array<Range>({{0x1100, 0x115f},
                                                   {0x2e80, 0xa4cf},
                                                   {0xac00, 0xd7a3},
                                                   {0xf900, 0xfaff},
                                                   {0xfe30, 0xfe6f},
                                                   {0xff01, 0xff60},
                                                   {0xffe0, 0xffe6},
                                                   {0x1f300, 0x1f64f},
                                                   {0x1f900, 0x1f9ff},
                                                   {0x20000, 0x3fffd}});
constexpr auto kCombiningRanges = std::to_array<Range>(
    {{0x300, 0x36f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f}});

template <typename Ranges>
bool Within(const Ranges& ranges, char32_t c) {
  return std::ranges::any_of(ranges, [c](Range r) { return r.first <= c && c <= r.last; });
}

std::size_t WidthOf(char32_t c) {
  if (Within(kCombiningRanges, c)) return 0;
  return Within(kWideRanges, c) ? 2 : 1;
}

}  // namespace

std::optional<Format> ParseFormat(std::string_view name) {
  if (name == "table") return Format::kTable;
  if (name == "wide") return Format::kWide;
  if (name == "json") return Format::kJson;
  if (name == "name") return Format::kName;
  return std::nullopt;
}

std::string SafeText(std::string_view text) {
  if (directory::CheckPlainText(text, kMaxTextBytes).ok()) return std::string(text);
  return EscapeForDisplay(text, kMaxTextBytes);
}

std::string DurationForPeople(absl::Duration duration) {
  if (duration < absl::Milliseconds(1)) return absl::FormatDuration(duration);
  const absl::Duration unit =
      duration < absl::Seconds(1) ? absl::Milliseconds(1) : absl::Seconds(1);
  return absl::FormatDuration(absl::Trunc(duration, unit));
}

std::size_t DisplayWidth(std::string_view text) {
  std::size_t width = 0;
  char32_t c = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (byte < 0x80) {
      c = byte;
    } else if (byte < 0xc0) {
      c = (c << 6) | (byte & 0x3fu);
    } else {
      c = byte & (byte < 0xe0 ? 0x1fu : byte < 0xf0 ? 0x0fu : 0x07u);
    }
    const bool last =
        i + 1 == text.size() || (static_cast<std::uint8_t>(text[i + 1]) & 0xc0) != 0x80;
    if (last) width += WidthOf(c);
  }
  return width;
}

std::string Render(const Rows& rows, Format format, const Style& style) {
  OMNI_CHECK(rows.shape == Shape::kList || rows.rows.size() == 1);
  switch (format) {
    case Format::kJson:
      return RenderJson(rows);
    case Format::kName: {
      std::string text;
      for (const Row& row : rows.rows) text += SafeText(row.name) + "\n";
      return text;
    }
    case Format::kTable:
    case Format::kWide:
      return rows.shape == Shape::kRecord ? RenderRecord(rows) : RenderTable(rows, format, style);
  }
  OMNI_CHECK(false);
}

std::string StreamRenderer::Render(const Row& row) {
  if (format_ == Format::kJson) return JsonLine(columns_, row) + "\n";
  if (format_ == Format::kName) return SafeText(row.name) + "\n";
  const std::vector<std::size_t> widths = MinimumWidths(columns_, format_);
  std::string text;
  if (!std::exchange(begun_, true)) text = AlignHeader(columns_, format_, widths, style_);
  return text + Align(TextLine(columns_, row, format_), widths) + "\n";
}

}  // namespace omninode::omnictl
