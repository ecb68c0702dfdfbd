#include "tools/omnictl/rows.h"

#include "common/base/text.h"

namespace omninode::omnictl {

Cell::Cell(absl::Time time) : value_(omninode::FormatTime(time)) {}
Cell::Cell(absl::Duration duration) : value_(absl::FormatDuration(duration)) {}

}  // namespace omninode::omnictl
