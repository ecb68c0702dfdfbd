#ifndef OMNINODE_TOOLS_OMNICTL_ROWS_H_
#define OMNINODE_TOOLS_OMNICTL_ROWS_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <absl/time/time.h>

#include "common/base/exit_code.h"

// What a verb answers, before anybody decided how it looks. Values.
namespace omninode::omnictl {

// Nothing is known or nothing applies: an empty cell, null in JSON.
struct Nothing {
  friend bool operator==(Nothing, Nothing) = default;
};

// JSON made by this suite (an envelope): printable ASCII and line breaks. Shown in JSON output
// only.
struct RawJson {
  std::string text;
  friend bool operator==(const RawJson&, const RawJson&) = default;
};

using Texts = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;  // of names and values

// One cell. Texts may hold anything that a service sent: the renderer makes them harmless.
class Cell final {
 public:
  using Variant = std::variant<Nothing, bool, std::uint64_t, absl::Duration, std::string, Texts,
                               Pairs, RawJson>;

  Cell() = default;
  template <std::same_as<bool> T>
  Cell(T value) : value_(value) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) Cell(T value) : value_(std::uint64_t{value}) {}
  Cell(std::string value) : value_(std::move(value)) {}
  Cell(std::string_view value) : value_(std::string(value)) {}
  Cell(const char* value) : value_(std::string(value)) {}
  Cell(Texts value) : value_(std::move(value)) {}
  Cell(Pairs value) : value_(std::move(value)) {}
  Cell(RawJson value) : value_(std::move(value)) {}
  Cell(absl::Time time);  // RFC 3339
  Cell(absl::Duration duration) : value_(duration) {}

  const Variant& value() const { return value_; }
  friend bool operator==(const Cell&, const Cell&) = default;

 private:
  Variant value_;
};

enum class Shown : std::uint8_t {
  kAlways,
  kWide,  // in tables only with -o wide
  kJson,  // in JSON only
};

struct Column {
  std::string key;     // the JSON key: never renamed
  std::string header;  // "SOFTWARE"
  Shown shown = Shown::kAlways;
  std::size_t width = 0;  // at least so wide; for streams, which cannot look ahead
};
using Columns = std::vector<Column>;

struct Row {
  std::string name;         // what -o name prints
  std::vector<Cell> cells;  // as many as columns
};

enum class Shape : std::uint8_t {
  kList,    // JSON: {"<items>": [{...}, ...], facts...}
  kRecord,  // exactly one row; JSON: {...}
};

struct Rows {
  Shape shape = Shape::kList;
  std::string items;  // the JSON key of a list: "nodes"
  Columns columns;
  std::vector<Row> rows;
  std::vector<std::pair<std::string, Cell>> facts;  // of the list as a whole: its position
  ExitCode exit_code = ExitCode::kOk;               // kProblemsFound of `check`
};

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_ROWS_H_
