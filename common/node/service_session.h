#ifndef OMNINODE_COMMON_NODE_SERVICE_SESSION_H_
#define OMNINODE_COMMON_NODE_SERVICE_SESSION_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "common/node/node_session.h"

namespace omninode::node {

// A service of the suite as it registers itself.
struct ServiceSelf {
  NetworkId network;
  std::vector<std::string> registry_addresses;
  std::string version;
  // "grpc" and "admin" as host:port; an empty one is left out.
  std::string grpc_address;
  std::string admin_address;
};

// Registers the holder of `svids`, whose SPIFFE ID is /service/<name>/<instance>, as what it is:
// the node <instance> of type <name> in namespace "system". Runs in the background and gates
// nothing. ROLE_REQUIRED when it is no service, ARGUMENT_INVALID when there is no registry address.
// What is referred to outlives the session.
absl::StatusOr<std::unique_ptr<NodeSession>> RegisterService(ServiceSelf self, const Clock& clock,
                                                             identity::SvidSource& svids,
                                                             const identity::TrustSource& trust,
                                                             telemetry::Logger& logger);

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_SERVICE_SESSION_H_
