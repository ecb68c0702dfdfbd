#include "tools/testbed/port.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/base/status.h"
#include "common/crypto/random.h"

namespace omninode::testbed {
namespace {

constexpr std::uint16_t kUsualFirstOutgoing = 32768;

// Says to other pools that the port is taken, by a name in the abstract socket namespace: it can be
// bound once, and goes with the process. Invalid when somebody else has it.
config::FileDescriptor Claim(std::uint16_t port) {
  config::FileDescriptor claim(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!claim.valid()) return claim;
  const std::string name = fmt::format("omninode-testbed-port-{}", port);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::bind(claim.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    return config::FileDescriptor(-1);
  }
  return claim;
}

bool CanListen(std::uint16_t port) {
  const config::FileDescriptor probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return probe.valid() &&
         ::bind(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
         ::listen(probe.get(), 1) == 0;
}

}  // namespace

std::uint16_t FirstOutgoingPort() {
  std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
  std::uint16_t first = 0;
  return file >> first ? first : kUsualFirstOutgoing;
}

absl::StatusOr<std::uint16_t> PortPool::Take() {
  // At least a few hundred ports, also where the kernel's range was widened down to 1024.
  const int end = std::max<int>(FirstOutgoingPort(), kFirst + 1000);
  const auto count = static_cast<std::uint64_t>(end - kFirst);
  for (int i = 0; i < kMaxTries; ++i) {
    const auto port = static_cast<std::uint16_t>(kFirst + crypto::RandomUint64() % count);
    config::FileDescriptor claim = Claim(port);
    if (!claim.valid() || !CanListen(port)) continue;
    claims_.push_back(std::move(claim));
    return port;
  }
  return Error(absl::StatusCode::kUnavailable, "no free port between {} and {}", kFirst, end);
}

}  // namespace omninode::testbed
