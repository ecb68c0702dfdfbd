#ifndef OMNINODE_SERVICES_ATTESTOR_API_RATE_LIMIT_H_
#define OMNINODE_SERVICES_ATTESTOR_API_RATE_LIMIT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "common/time/monotonic_time.h"

namespace omninode::attestor {

// Slows down whoever guesses tokens: an address may fail kBurst times, then once per kInterval.
// Success costs nothing, so a rack that joins at once from behind one address is not held up.
// Thread-safe; time is an argument. When the table is full, the address that is nearest to being
// forgiven is forgotten: an attacker with many addresses only ever helps himself by one failure.
class RateLimit final {
 public:
  static constexpr int kBurst = 20;
  static constexpr absl::Duration kInterval = absl::Seconds(1);
  static constexpr std::size_t kMaxAddresses = 4096;

  // How long the address has to wait before it may try again; nullopt: it may.
  std::optional<absl::Duration> Wait(const std::string& address, MonotonicTime now) const;
  // It has failed.
  void Failed(const std::string& address, MonotonicTime now);

  std::size_t size() const;

 private:
  void MakeRoom(MonotonicTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  // When all failures of an address are forgiven; each adds kInterval.
  std::unordered_map<std::string, MonotonicTime> forgiven_at_ ABSL_GUARDED_BY(mutex_);
};

// What counts as one address of "ipv4:10.0.0.7:41234" or "ipv6:%5B2001:db8::1%5D:41234", as gRPC
// names peers: the host without its port, and of IPv6 the /64 network, because one customer
// commonly has all of it. Anything else counts as it is. Pure.
std::string AddressKey(std::string_view grpc_peer);

}  // namespace omninode::attestor

#endif  // OMNINODE_SERVICES_ATTESTOR_API_RATE_LIMIT_H_
