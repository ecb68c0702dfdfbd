#ifndef OMNINODE_SERVICES_REGISTRY_API_REGISTRY_SERVICE_H_
#define OMNINODE_SERVICES_REGISTRY_API_REGISTRY_SERVICE_H_

#include <memory>
#include <string>

#include "common/rpc/serve/guard.h"
#include "common/rpc/stream/stream_registry.h"
#include "common/time/clock.h"
#include "services/registry/api/beat_desk.h"
#include "services/registry/api/intake.h"
#include "services/registry/api/page_tokens.h"
#include "services/registry/topology/topology_table.h"

namespace grpc {
class Service;
}

namespace omninode::registry {

// What the RPCs of RegistryService work with. All references outlive the server.
struct RegistryServiceDeps {
  rpc::Guard& guard;
  rpc::StreamRegistry& streams;
  const Clock& clock;
  const Intake& intake;
  const TopologyTable& table;
  BeatDesk& beats;
  const PageTokens& pages;
  std::string shard_secret;
};

// RegistryService of the API: glue between messages and the rooms behind. Register, Deregister and
// Heartbeat run on gRPC's callback threads and hand over; the reads are synchronous.
std::unique_ptr<grpc::Service> MakeRegistryService(RegistryServiceDeps deps);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_API_REGISTRY_SERVICE_H_
