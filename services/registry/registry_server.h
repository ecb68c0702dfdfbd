#ifndef OMNINODE_SERVICES_REGISTRY_REGISTRY_SERVER_H_
#define OMNINODE_SERVICES_REGISTRY_REGISTRY_SERVER_H_

#include <memory>

#include <absl/status/statusor.h>

#include "common/runtime/service.h"

namespace omninode::registry {

// What omninode-registry is to its process: name, options, metrics.
runtime::ServiceInfo RegistryInfo();

// The composition root: joins the network, opens the store, and puts the rooms together. See
// runtime::ServiceFactory.
absl::StatusOr<std::unique_ptr<runtime::Service>> MakeRegistry(
    const runtime::ServiceContext& context);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_REGISTRY_SERVER_H_
