#ifndef OMNINODE_SERVICES_BOOTSTRAP_API_AUTHORITY_SERVICE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_API_AUTHORITY_SERVICE_H_

#include <memory>

#include "common/rpc/serve/guard.h"
#include "common/telemetry/log.h"
#include "services/bootstrap/desk/revocation_desk.h"

namespace grpc {
class Service;
}

namespace omninode::bootstrap {

// What the RPCs of AuthorityService work with. All references outlive the server.
struct AuthorityServiceDeps {
  rpc::Guard& guard;
  RevocationDesk& desk;
  telemetry::Logger& logger;
};

// AuthorityService of the API: revocations and bans.
std::unique_ptr<grpc::Service> MakeAuthorityService(AuthorityServiceDeps deps);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_API_AUTHORITY_SERVICE_H_
