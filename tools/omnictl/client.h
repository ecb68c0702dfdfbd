#ifndef OMNINODE_TOOLS_OMNICTL_CLIENT_H_
#define OMNINODE_TOOLS_OMNICTL_CLIENT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/enrollment/bootstrap_client.h"
#include "common/http/response.h"
#include "common/time/clock.h"
#include "tools/omnictl/bootstrap_admin.h"
#include "tools/omnictl/node_run.h"
#include "tools/omnictl/registry_port.h"

namespace omninode::omnictl {

// The world outside the program, as verbs see it: connections are made when they are first asked
// for. Not thread-safe. What it gives lives as long as it does.
class Client {
 public:
  virtual ~Client() = default;

  virtual const Clock& clock() const = 0;

  // Fails with what is missing, and how to get it, when there is no identity to connect with or no
  // address to connect to.
  virtual absl::StatusOr<RegistryPort*> Registry() = 0;
  virtual absl::StatusOr<BootstrapAdmin*> Bootstrap() = 0;

  // A first identity over the bootstrap service's admin socket on this machine.
  virtual absl::StatusOr<enrollment::FirstIdentity> IssueLocally(
      const std::string& socket_path, const std::string& spiffe_id,
      std::optional<absl::Duration> ttl) = 0;

  // Plain HTTP to an admin endpoint.
  virtual absl::StatusOr<http::Response> HttpGet(const std::string& host, std::uint16_t port,
                                                 std::string_view target) = 0;

  // A node in the foreground, until a signal says to stop.
  virtual absl::Status RunNode(const NodeRunOptions& options, const NodeEventSink& on_event) = 0;

  // Makes a retry of an administrator's request safe.
  virtual std::string NewRequestId() = 0;
};

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_CLIENT_H_
