#include "services/attestor/api/rate_limit.h"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

#include "common/base/encoding.h"

namespace omninode::attestor {
namespace {

constexpr std::size_t kNetworkBytes = 8;  // of a /64

// The host of "[2001:db8::1]:41234", also when the brackets are percent-encoded.
std::string_view Ipv6Host(std::string_view text) {
  for (const std::string_view open : {"%5B", "["}) {
    if (text.starts_with(open)) text.remove_prefix(open.size());
  }
  return text.substr(0, std::min(text.find("%5D"), text.find(']')));
}

}  // namespace

std::optional<absl::Duration> RateLimit::Wait(const std::string& address, MonotonicTime now) const {
  MutexLock lock(mutex_);
  const auto found = forgiven_at_.find(address);
  if (found == forgiven_at_.end()) return std::nullopt;
  const absl::Duration wait = found->second - now - (kBurst - 1) * kInterval;
  if (wait <= absl::ZeroDuration()) return std::nullopt;
  return wait;
}

void RateLimit::Failed(const std::string& address, MonotonicTime now) {
  MutexLock lock(mutex_);
  if (!forgiven_at_.contains(address)) MakeRoom(now);
  MonotonicTime& forgiven = forgiven_at_[address];
  // Failures of attempts that were under way together do not add up beyond the burst.
  forgiven = std::min(std::max(forgiven, now) + kInterval, now + kBurst * kInterval);
}

std::size_t RateLimit::size() const {
  MutexLock lock(mutex_);
  return forgiven_at_.size();
}

void RateLimit::MakeRoom(MonotonicTime now) {
  if (forgiven_at_.size() < kMaxAddresses) return;
  std::erase_if(forgiven_at_, [&](const auto& each) { return each.second <= now; });
  if (forgiven_at_.size() < kMaxAddresses) return;
  forgiven_at_.erase(
      std::min_element(forgiven_at_.begin(), forgiven_at_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; }));
}

std::string AddressKey(std::string_view grpc_peer) {
  constexpr std::string_view kIpv4 = "ipv4:";
  constexpr std::string_view kIpv6 = "ipv6:";
  if (grpc_peer.starts_with(kIpv4)) {
    return std::string(grpc_peer.substr(0, grpc_peer.rfind(':')));
  }
  if (!grpc_peer.starts_with(kIpv6)) return std::string(grpc_peer);
  const std::string host(Ipv6Host(grpc_peer.substr(kIpv6.size())));
  std::array<char, sizeof(in6_addr)> address{};
  if (inet_pton(AF_INET6, host.c_str(), address.data()) != 1) return "ipv6:" + host;
  return "ipv6:" + HexEncode({address.data(), kNetworkBytes});
}

}  // namespace omninode::attestor
