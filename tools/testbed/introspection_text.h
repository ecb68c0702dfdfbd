#ifndef OMNINODE_TOOLS_TESTBED_INTROSPECTION_TEXT_H_
#define OMNINODE_TOOLS_TESTBED_INTROSPECTION_TEXT_H_

#include <string>

#include "common/directory/introspection.h"

namespace omninode::testbed {

// The description as JSON, as `omnictl node run --introspection` reads it. Pure.
std::string ToIntrospectionFile(const directory::Introspection& node);

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_INTROSPECTION_TEXT_H_
