#include "common/directory/position.h"

#include <fmt/format.h>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/text.h"

namespace omninode::directory {

absl::StatusOr<Position> Position::Parse(std::string_view text) {
  const auto colon = text.find(':');
  if (colon != std::string_view::npos) {
    const auto incarnation = ParseUint64(text.substr(0, colon));
    const auto version = ParseUint64(text.substr(colon + 1));
    if (incarnation && version) {
      const Position position{*incarnation, *version};
      if (position.ToString() == text) return position;
    }
  }
  return Reject(Reason::kArgumentInvalid, "'{}' is not a position like 1:42",
                EscapeForDisplay(text, 64));
}

std::string Position::ToString() const { return fmt::format("{}:{}", incarnation, version); }

}  // namespace omninode::directory
