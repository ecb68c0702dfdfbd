#ifndef OMNINODE_SERVICES_ATTESTOR_ATTESTOR_SERVER_H_
#define OMNINODE_SERVICES_ATTESTOR_ATTESTOR_SERVER_H_

#include <memory>

#include <absl/status/statusor.h>

#include "common/runtime/service.h"

namespace omninode::attestor {

// What omninode-attestor is to its process: name, options, metrics, limits.
runtime::ServiceInfo AttestorInfo();

// The composition root: joins the network with its identity folder and opens the door. See
// runtime::ServiceFactory.
absl::StatusOr<std::unique_ptr<runtime::Service>> MakeAttestor(
    const runtime::ServiceContext& context);

}  // namespace omninode::attestor

#endif  // OMNINODE_SERVICES_ATTESTOR_ATTESTOR_SERVER_H_
