#ifndef OMNINODE_COMMON_RUNTIME_SERVICE_H_
#define OMNINODE_COMMON_RUNTIME_SERVICE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/config/option.h"
#include "common/config/schema.h"
#include "common/config/values.h"
#include "common/runtime/process_limits.h"
#include "common/telemetry/health.h"
#include "common/telemetry/log.h"
#include "common/telemetry/metrics.h"
#include "common/telemetry/security_event.h"
#include "common/time/clock.h"

namespace omninode::runtime {

// What a service gets from its process. Everything outlives the service and is thread-safe.
struct ServiceContext {
  const config::Values& config;
  const Clock& clock;
  telemetry::Logger& logger;
  telemetry::SecurityLog& security;
  telemetry::Metrics& metrics;
  telemetry::Health& health;
  // Ends the process as SIGTERM would, for a service that cannot go on; a status that is not OK
  // becomes the error line and the exit code. Any thread.
  std::function<void(absl::Status)> request_stop;
  // True once SIGTERM or SIGINT came or a stop was requested: a factory or Start that retries asks
  // now and then, and gives up with CANCELLED, which then is no error. Any thread.
  std::function<bool()> stop_pending;
  // "127.0.0.1:8110": where this process shows its health and metrics; empty for verbs.
  std::string admin_address;
};

// A service as its process sees it: made by a factory, started once, stopped once if the start
// succeeded, destroyed. All calls come from the main thread.
class Service {
 public:
  virtual ~Service() = default;
  // Serves when it returns OK.
  virtual absl::Status Start() = 0;
  // Takes no more work, finishes what is in progress, bounded in time. /readyz is 503 already.
  virtual void Stop() = 0;
  // "127.0.0.1:7110" with the real port, after Start; empty when it listens nowhere.
  virtual std::string address() const { return ""; }
  // SIGHUP, after the log files were opened anew.
  virtual void Reload() {}
};

using ServiceFactory =
    std::function<absl::StatusOr<std::unique_ptr<Service>>(const ServiceContext&)>;

// Something else that the program can be told to do: `omninode-bootstrap init`.
struct ServiceVerb {
  config::Verb verb;
  std::function<absl::Status(const ServiceContext&)> action;
};

// A program as its main.cc declares it; one source for parsing, --help and the reference.
struct ServiceInfo {
  std::string name;     // "registry"
  std::string summary;  // one sentence
  std::uint16_t admin_port = 0;
  std::vector<config::Option> options;  // beside the standard ones
  std::vector<telemetry::MetricDefinition> metrics;
  std::vector<std::string> rpcs;  // label values of omninode_reject_total
  ProcessLimits limits;
  // Rules between options; also run by --check-config. Values::Problem makes the errors.
  std::function<absl::Status(const config::Values&)> check;
  std::vector<ServiceVerb> verbs;  // beside "run", which is the default
};

}  // namespace omninode::runtime

#endif  // OMNINODE_COMMON_RUNTIME_SERVICE_H_
