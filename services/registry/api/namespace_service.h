#ifndef OMNINODE_SERVICES_REGISTRY_API_NAMESPACE_SERVICE_H_
#define OMNINODE_SERVICES_REGISTRY_API_NAMESPACE_SERVICE_H_

#include <memory>

#include "common/rpc/serve/guard.h"
#include "services/registry/api/intake.h"
#include "services/registry/api/page_tokens.h"
#include "services/registry/topology/topology_table.h"

namespace grpc {
class Service;
}

namespace omninode::registry {

// What the RPCs of NamespaceService work with. All references outlive the server.
struct NamespaceServiceDeps {
  rpc::Guard& guard;
  const Intake& intake;
  const TopologyTable& table;
  const PageTokens& pages;
};

// NamespaceService of the API.
std::unique_ptr<grpc::Service> MakeNamespaceService(NamespaceServiceDeps deps);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_API_NAMESPACE_SERVICE_H_
