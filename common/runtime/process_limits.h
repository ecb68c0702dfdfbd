#ifndef OMNINODE_COMMON_RUNTIME_PROCESS_LIMITS_H_
#define OMNINODE_COMMON_RUNTIME_PROCESS_LIMITS_H_

#include <cstdint>

#include <absl/status/status.h>

namespace omninode::runtime {

// What a process takes from the machine at most. 0 leaves the limit as it is.
struct ProcessLimits {
  std::uint64_t data_bytes = 0;  // heap and private memory (RLIMIT_DATA); not under sanitizers
  std::uint64_t open_files = 64 * 1024;  // raised or lowered to this, within the hard limit
};

// Applies them, and what every process with keys in memory does: no core dumps, not readable by a
// debugger of the same user (not under sanitizers, which are one), new files for this user only.
// Call it once at the start. INTERNAL when the kernel refuses.
absl::Status ApplyProcessLimits(const ProcessLimits& limits);

}  // namespace omninode::runtime

#endif  // OMNINODE_COMMON_RUNTIME_PROCESS_LIMITS_H_
