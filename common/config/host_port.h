#ifndef OMNINODE_COMMON_CONFIG_HOST_PORT_H_
#define OMNINODE_COMMON_CONFIG_HOST_PORT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <absl/status/statusor.h>

namespace omninode::config {

// An address to listen on or to call: "127.0.0.1:7110", "[::1]:7110", "registry.example:7110".
// Immutable value.
class HostPort final {
 public:
  // ARGUMENT_INVALID with an example, for a missing host or port, an IPv6 address without brackets,
  // or characters that no host has. Port 0 asks for a free one.
  static absl::StatusOr<HostPort> Parse(std::string_view text);

  // The same host with another port: what a port 0 became.
  HostPort WithPort(std::uint16_t port) const { return HostPort(host_, port); }

  const std::string& host() const { return host_; }  // without brackets
  std::uint16_t port() const { return port_; }
  std::string ToString() const;

  friend bool operator==(const HostPort&, const HostPort&) = default;

 private:
  HostPort(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}
  std::string host_;
  std::uint16_t port_;
};

}  // namespace omninode::config

#endif  // OMNINODE_COMMON_CONFIG_HOST_PORT_H_
