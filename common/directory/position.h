#ifndef OMNINODE_COMMON_DIRECTORY_POSITION_H_
#define OMNINODE_COMMON_DIRECTORY_POSITION_H_

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

namespace omninode::directory {

// A point in the history of one namespace. Versions are dense within an incarnation and begin with
// 1; the incarnation rises when history was lost (namespace created again, store restored), so the
// positions of one namespace are totally ordered. Version 0 is the state before the first change.
struct Position {
  std::uint64_t incarnation = 0;
  std::uint64_t version = 0;

  // "<incarnation>:<version>", decimal, without sign, blank or leading zero: one position has one
  // spelling. ARGUMENT_INVALID for anything else.
  static absl::StatusOr<Position> Parse(std::string_view text);
  std::string ToString() const;

  friend bool operator==(const Position&, const Position&) = default;
  friend auto operator<=>(const Position&, const Position&) = default;
};

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_POSITION_H_
