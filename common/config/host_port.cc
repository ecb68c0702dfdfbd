#include "common/config/host_port.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/text.h"

namespace omninode::config {
namespace {

constexpr std::size_t kMaxHostBytes = 253;  // RFC 1035

bool IsHostByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}
bool IsIpv6Byte(char c) { return IsHostByte(c) || c == ':' || c == '%'; }

absl::Status Bad(std::string_view text, std::string_view problem) {
  return Reject(Reason::kArgumentInvalid, "'{}' {}; write host:port like 127.0.0.1:7110",
                EscapeForDisplay(text, 128), problem);
}

}  // namespace

absl::StatusOr<HostPort> HostPort::Parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return Bad(text, "has no port");
  std::string_view host = text.substr(0, colon);
  const bool is_ipv6 = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_ipv6) host = host.substr(1, host.size() - 2);
  if (host.empty()) return Bad(text, "has no host (all addresses are 0.0.0.0)");
  if (host.size() > kMaxHostBytes) return Bad(text, "has a host that is too long");
  if (!is_ipv6 && host.find(':') != std::string_view::npos) {
    return Bad(text, "needs brackets around an IPv6 address, like [::1]:7110");
  }
  if (!std::ranges::all_of(host, is_ipv6 ? IsIpv6Byte : IsHostByte)) {
    return Bad(text, "has a character that no host has");
  }
  const auto port = ParseUint64(text.substr(colon + 1));
  if (!port || *port > std::numeric_limits<std::uint16_t>::max()) {
    return Bad(text, "has no port between 0 and 65535");
  }
  return HostPort(std::string(host), static_cast<std::uint16_t>(*port));
}

std::string HostPort::ToString() const {
  const bool is_ipv6 = host_.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", host_, port_) : fmt::format("{}:{}", host_, port_);
}

}  // namespace omninode::config
