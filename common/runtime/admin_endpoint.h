#ifndef OMNINODE_COMMON_RUNTIME_ADMIN_ENDPOINT_H_
#define OMNINODE_COMMON_RUNTIME_ADMIN_ENDPOINT_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "common/config/host_port.h"
#include "common/http/server.h"
#include "common/telemetry/health.h"
#include "common/telemetry/metrics.h"

namespace omninode::runtime {

// The admin HTTP port: /livez (200 while the process lives), /readyz (200 or 503, with the reasons
// as JSON), /metrics (Prometheus text). No authentication: it is meant for the same host or pod.
// Thread-safe; metrics and health outlive it.
class AdminEndpoint final {
 public:
  // The families that /metrics keeps up to date itself.
  static std::vector<telemetry::MetricDefinition> Definitions();

  // UNAVAILABLE when the port is in use. REQUIRES: Definitions() are declared in `metrics`.
  static absl::StatusOr<std::unique_ptr<AdminEndpoint>> Start(const config::HostPort& listen,
                                                              telemetry::Metrics& metrics,
                                                              telemetry::Health& health);

  std::string address() const;  // with the real port

 private:
  AdminEndpoint(config::HostPort listen, std::unique_ptr<http::Server> server)
      : listen_(std::move(listen)), server_(std::move(server)) {}
  const config::HostPort listen_;
  const std::unique_ptr<http::Server> server_;
};

}  // namespace omninode::runtime

#endif  // OMNINODE_COMMON_RUNTIME_ADMIN_ENDPOINT_H_
