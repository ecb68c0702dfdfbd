#ifndef OMNINODE_COMMON_RUNTIME_VERSION_H_
#define OMNINODE_COMMON_RUNTIME_VERSION_H_

#include <string_view>

namespace omninode::runtime {

// The version of the suite, as CMakeLists.txt states it: "0.1.0".
std::string_view Version();

}  // namespace omninode::runtime

#endif  // OMNINODE_COMMON_RUNTIME_VERSION_H_
