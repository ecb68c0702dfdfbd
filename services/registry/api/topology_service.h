#ifndef OMNINODE_SERVICES_REGISTRY_API_TOPOLOGY_SERVICE_H_
#define OMNINODE_SERVICES_REGISTRY_API_TOPOLOGY_SERVICE_H_

#include <memory>

#include "common/rpc/serve/guard.h"
#include "common/rpc/stream/stream_registry.h"
#include "common/time/clock.h"
#include "services/registry/api/page_tokens.h"
#include "services/registry/api/snapshot_pins.h"
#include "services/registry/topology/topology_table.h"
#include "services/registry/watch/watch_hub.h"

namespace grpc {
class Service;
}

namespace omninode::registry {

// What the RPCs of TopologyService work with. All references outlive the server.
struct TopologyServiceDeps {
  rpc::Guard& guard;
  rpc::StreamRegistry& streams;
  const Clock& clock;
  const TopologyTable& table;
  WatchHub& watch;
  SnapshotPins& pins;
  const PageTokens& pages;
};

// TopologyService of the API.
std::unique_ptr<grpc::Service> MakeTopologyService(TopologyServiceDeps deps);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_API_TOPOLOGY_SERVICE_H_
