#ifndef OMNINODE_SERVICES_ATTESTOR_API_ATTESTATION_SERVICE_H_
#define OMNINODE_SERVICES_ATTESTOR_API_ATTESTATION_SERVICE_H_

#include <functional>
#include <memory>

#include <absl/status/status.h>

#include "common/rpc/serve/guard.h"
#include "common/rpc/stream/stream_registry.h"
#include "common/time/clock.h"
#include "services/attestor/api/bootstrap_client.h"
#include "services/attestor/api/rate_limit.h"

namespace grpc {
class Service;
}

namespace omninode::attestor {

// How long a newcomer may take for both steps.
inline constexpr absl::Duration kAttestationLife = absl::Seconds(10);

// What AttestationService works with. All references outlive the server and the client, whose
// answers may come when the server is gone.
struct AttestationServiceDeps {
  rpc::Guard& guard;
  rpc::StreamRegistry& streams;
  const Clock& clock;
  BootstrapClient& bootstrap;
  RateLimit& failures;
  // Told how each call of bootstrap ended, before the newcomer is. Any thread; must not block.
  std::function<void(const absl::Status&)> on_upstream = {};
};

// AttestationService of the API.
std::unique_ptr<grpc::Service> MakeAttestationService(AttestationServiceDeps deps);

}  // namespace omninode::attestor

#endif  // OMNINODE_SERVICES_ATTESTOR_API_ATTESTATION_SERVICE_H_
