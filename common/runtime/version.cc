#include "common/runtime/version.h"

namespace omninode::runtime {

std::string_view Version() { return OMNINODE_VERSION; }

}  // namespace omninode::runtime
