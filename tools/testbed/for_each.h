#ifndef OMNINODE_TOOLS_TESTBED_FOR_EACH_H_
#define OMNINODE_TOOLS_TESTBED_FOR_EACH_H_

#include <cstddef>
#include <functional>

#include <absl/status/status.h>

namespace omninode::testbed {

// Calls `work` with 0 to count - 1, each once, on `threads` threads of its own, and returns when
// all are done: OK, or the first error, after which no more is begun.
absl::Status ForEach(std::size_t count, std::size_t threads,
                     const std::function<absl::Status(std::size_t)>& work);

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_FOR_EACH_H_
