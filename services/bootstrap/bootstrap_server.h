#ifndef OMNINODE_SERVICES_BOOTSTRAP_BOOTSTRAP_SERVER_H_
#define OMNINODE_SERVICES_BOOTSTRAP_BOOTSTRAP_SERVER_H_

#include <memory>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/runtime/service.h"

namespace omninode::bootstrap {

// What omninode-bootstrap is to its process: name, verbs, options, metrics.
runtime::ServiceInfo BootstrapInfo();

// The composition root: opens the network of data_dir and serves it. See runtime::ServiceFactory.
absl::StatusOr<std::unique_ptr<runtime::Service>> MakeBootstrap(
    const runtime::ServiceContext& context);

// The verb `init`: makes a new network and says on standard output what to do next.
absl::Status InitNetwork(const runtime::ServiceContext& context);

// Where the admin Unix socket is: admin_socket, or admin.sock in data_dir.
std::string AdminSocketPath(const config::Values& config);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_BOOTSTRAP_SERVER_H_
