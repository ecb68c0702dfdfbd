#ifndef OMNINODE_TOOLS_TESTBED_PORT_H_
#define OMNINODE_TOOLS_TESTBED_PORT_H_

#include <cstdint>
#include <vector>

#include <absl/status/statusor.h>

#include "common/config/file_descriptor.h"

namespace omninode::testbed {

// Free ports of 127.0.0.1 for services that others must know before they start, and that keep their
// port over a restart. Taken from below the range that the kernel gives to outgoing connections,
// so that none of those can be in the way later. No two pools of one machine give the same port
// while both live, in whatever processes.
//
// Not thread-safe. Claims end with the pool, also when the process is killed.
class PortPool final {
 public:
  static constexpr std::uint16_t kFirst = 15000;
  static constexpr int kMaxTries = 4096;

  // UNAVAILABLE when none is found in kMaxTries.
  absl::StatusOr<std::uint16_t> Take();

 private:
  std::vector<config::FileDescriptor> claims_;
};

// The first port that the kernel gives to outgoing connections; 32768 when it does not say.
std::uint16_t FirstOutgoingPort();

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_PORT_H_
