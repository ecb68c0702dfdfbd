#ifndef OMNINODE_COMMON_CONCURRENCY_THREAD_NAME_H_
#define OMNINODE_COMMON_CONCURRENCY_THREAD_NAME_H_

#include <string_view>

namespace omninode {

// Names the calling thread for `top -H` and debuggers; the kernel keeps 15 bytes.
void SetThreadName(std::string_view name);

}  // namespace omninode

#endif  // OMNINODE_COMMON_CONCURRENCY_THREAD_NAME_H_
