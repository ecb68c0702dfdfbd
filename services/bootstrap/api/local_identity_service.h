#ifndef OMNINODE_SERVICES_BOOTSTRAP_API_LOCAL_IDENTITY_SERVICE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_API_LOCAL_IDENTITY_SERVICE_H_

#include <memory>

#include "common/rpc/serve/guard.h"
#include "common/telemetry/log.h"
#include "services/bootstrap/api/network_map.h"
#include "services/bootstrap/desk/identity_desk.h"

namespace grpc {
class Service;
}

namespace omninode::bootstrap {

// What the RPCs of LocalIdentityService work with. All references outlive the server.
struct LocalIdentityServiceDeps {
  rpc::Guard& guard;
  IdentityDesk& desk;
  const NetworkMapSource& network;
  telemetry::Logger& logger;
};

// LocalIdentityService of the API, for the server behind the admin Unix socket and no other.
std::unique_ptr<grpc::Service> MakeLocalIdentityService(LocalIdentityServiceDeps deps);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_API_LOCAL_IDENTITY_SERVICE_H_
