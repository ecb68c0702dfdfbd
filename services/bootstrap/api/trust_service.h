#ifndef OMNINODE_SERVICES_BOOTSTRAP_API_TRUST_SERVICE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_API_TRUST_SERVICE_H_

#include <memory>

#include "common/rpc/serve/guard.h"
#include "common/rpc/stream/stream_registry.h"
#include "common/time/clock.h"
#include "services/bootstrap/api/network_map.h"
#include "services/bootstrap/api/trust_broadcast.h"
#include "services/bootstrap/trust/acknowledgements.h"

namespace grpc {
class Service;
}

namespace omninode::bootstrap {

// What the RPCs of TrustService work with. All references outlive the server.
struct TrustServiceDeps {
  rpc::Guard& guard;
  rpc::StreamRegistry& streams;
  const Clock& clock;
  TrustBroadcast& broadcast;
  const NetworkMapSource& network;
  Acknowledgements& acknowledgements;
};

// TrustService of the API: what to trust, and who does.
std::unique_ptr<grpc::Service> MakeTrustService(TrustServiceDeps deps);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_API_TRUST_SERVICE_H_
