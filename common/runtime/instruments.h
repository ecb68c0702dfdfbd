#ifndef OMNINODE_COMMON_RUNTIME_INSTRUMENTS_H_
#define OMNINODE_COMMON_RUNTIME_INSTRUMENTS_H_

#include <memory>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/config/option.h"
#include "common/config/values.h"
#include "common/runtime/service.h"
#include "common/telemetry/health.h"
#include "common/telemetry/log.h"
#include "common/telemetry/log_sink.h"
#include "common/telemetry/metrics.h"
#include "common/telemetry/security_event.h"
#include "common/time/clock.h"

namespace omninode::runtime {

// The options of every service: admin.listen, log.level, log.file, log.security_file, ready_file.
std::vector<config::Option> StandardOptions(const ServiceInfo& info);

// Every family that a service's /metrics may show, for the process and for the reference.
std::vector<telemetry::MetricDefinition> AllMetrics(const ServiceInfo& info);

// Logs, metrics and health of one process, as its configuration wants them. Its parts are
// thread-safe; it outlives everything that uses them.
class Instruments final {
 public:
  // Fails when a log file cannot be opened or `info` declares a metric twice.
  static absl::StatusOr<std::unique_ptr<Instruments>> Create(const ServiceInfo& info,
                                                             const config::Values& values,
                                                             const Clock& clock);

  telemetry::Logger& logger() { return logger_; }
  telemetry::SecurityLog& security() { return security_; }
  telemetry::Metrics& metrics() { return metrics_; }
  telemetry::Health& health() { return health_; }

  // After log rotation; the old files go on being written when a new one cannot be opened.
  absl::Status ReopenLogs();
  // For every few seconds: suppressed security events whose time has come, lost log lines.
  void Tick(absl::Time now);
  // Before the end: all suppressed security events.
  void Flush();

 private:
  using Sink = std::unique_ptr<telemetry::LogSink>;
  Instruments(const ServiceInfo& info, const config::Values& values, const Clock& clock, Sink log,
              Sink security);

  telemetry::LogSink& security_sink() { return security_sink_ ? *security_sink_ : *log_sink_; }

  const Sink log_sink_;
  const Sink security_sink_;  // null: security events go to the log
  telemetry::Metrics metrics_;
  telemetry::Health health_;
  telemetry::Logger logger_;
  telemetry::Logger security_logger_;
  telemetry::SecurityLog security_;
};

}  // namespace omninode::runtime

#endif  // OMNINODE_COMMON_RUNTIME_INSTRUMENTS_H_
