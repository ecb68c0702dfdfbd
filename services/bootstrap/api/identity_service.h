#ifndef OMNINODE_SERVICES_BOOTSTRAP_API_IDENTITY_SERVICE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_API_IDENTITY_SERVICE_H_

#include <memory>

#include "common/rpc/serve/guard.h"
#include "common/telemetry/log.h"
#include "services/bootstrap/api/network_map.h"
#include "services/bootstrap/desk/identity_desk.h"

namespace grpc {
class Service;
}

namespace omninode::bootstrap {

// What the RPCs of IdentityService work with. All references outlive the server.
struct IdentityServiceDeps {
  rpc::Guard& guard;
  IdentityDesk& desk;
  const NetworkMapSource& network;
  telemetry::Logger& logger;
};

// IdentityService of the API: attestations and renewals.
std::unique_ptr<grpc::Service> MakeIdentityService(IdentityServiceDeps deps);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_API_IDENTITY_SERVICE_H_
