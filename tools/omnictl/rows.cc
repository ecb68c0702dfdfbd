#include "tools/omnictl/rows.h"

#include "common/base/text.h"

namespace omninode::omnictl {

Cell::Cell(absl::Time time) : value_(omninode::FormatTime(time)) {}

}  // namespace omninode::omnictl
