#include "common/runtime/instruments.h"

#include <iterator>
#include <utility>

#include "common/base/check.h"
#include "common/base/status.h"
#include "common/runtime/admin_endpoint.h"
#include "common/runtime/version.h"

namespace omninode::runtime {
namespace {

using telemetry::LogLevel;
using telemetry::MetricDefinition;
using telemetry::MetricType;

constexpr char kBuildInfo[] = "omninode_build_info";
constexpr char kStartTime[] = "omninode_process_start_time_seconds";
constexpr char kLinesDropped[] = "omninode_log_lines_dropped";

std::vector<MetricDefinition> ProcessMetrics() {
  return {
      {kBuildInfo,
       MetricType::kGauge,
       "Always 1; the label says which version runs.",
       "1",
       {{"version", {std::string(Version())}}}},
      {kStartTime, MetricType::kGauge, "When the process started, Unix time.", "seconds"},
      {kLinesDropped, MetricType::kGauge,
       "Log lines that could not be written since the start; above 0, the disk may be full.", "1"}};
}

LogLevel LevelOf(const config::Values& values) {
  const auto level = telemetry::ParseLogLevel(values.GetString("log.level"));
  OMNI_CHECK(level.has_value());  // the option's choices are the levels
  return *level;
}

telemetry::Logger::TimeSource NowOf(const Clock& clock) {
  return [&clock] { return clock.Now(); };
}

void Append(std::vector<MetricDefinition>* all, std::vector<MetricDefinition> some) {
  all->insert(all->end(), std::make_move_iterator(some.begin()),
              std::make_move_iterator(some.end()));
}

}  // namespace

std::vector<config::Option> StandardOptions(const ServiceInfo& info) {
  return {
      config::AddressOption("admin.listen", fmt::format("127.0.0.1:{}", info.admin_port),
                            "where /livez, /readyz and /metrics are served, unencrypted; port 0: "
                            "a free one"),
      config::EnumOption("log.level", "info", {"debug", "info", "warning", "error"},
                         "the least level that is logged"),
      config::PathOption("log.file", "", "file to append the log to; empty: stderr"),
      config::PathOption("log.security_file", "",
                         "file to append security events to; empty: they stand in the log"),
      config::PathOption("ready_file", "",
                         "file that is there while the service serves: {pid, grpc, admin} as "
                         "JSON"),
  };
}

std::vector<MetricDefinition> AllMetrics(const ServiceInfo& info) {
  std::vector<MetricDefinition> all = ProcessMetrics();
  Append(&all, AdminEndpoint::Definitions());
  Append(&all, telemetry::SecurityLog::Definitions(info.name, info.rpcs));
  Append(&all, info.metrics);
  return all;
}

absl::StatusOr<std::unique_ptr<Instruments>> Instruments::Create(const ServiceInfo& info,
                                                                 const config::Values& values,
                                                                 const Clock& clock) {
  Sink log = telemetry::MakeStderrSink();
  if (values.Has("log.file")) {
    OMNI_ASSIGN_OR_RETURN(log, telemetry::OpenFileSink(values.GetString("log.file")));
  }
  Sink security;
  if (values.Has("log.security_file")) {
    OMNI_ASSIGN_OR_RETURN(security, telemetry::OpenFileSink(values.GetString("log.security_file")));
  }
  std::unique_ptr<Instruments> instruments(
      new Instruments(info, values, clock, std::move(log), std::move(security)));
  telemetry::Metrics& metrics = instruments->metrics_;
  OMNI_RETURN_IF_ERROR(metrics.Declare(AllMetrics(info)));
  metrics.GetGauge(kBuildInfo, {Version()}).Set(1);
  metrics.GetGauge(kStartTime).Set(absl::ToDoubleSeconds(clock.Now() - absl::UnixEpoch()));
  return instruments;
}

Instruments::Instruments(const ServiceInfo& info, const config::Values& values, const Clock& clock,
                         Sink log, Sink security)
    : log_sink_(std::move(log)),
      security_sink_(std::move(security)),
      logger_(info.name, *log_sink_, NowOf(clock), LevelOf(values)),
      // An audit trail does not depend on how talkative the log is.
      security_logger_(info.name, security_sink(), NowOf(clock), LogLevel::kInfo),
      security_(security_logger_, metrics_, info.rpcs) {}

absl::Status Instruments::ReopenLogs() {
  absl::Status status = log_sink_->Reopen();
  if (security_sink_ != nullptr) status.Update(security_sink_->Reopen());
  return status;
}

void Instruments::Tick(absl::Time now) {
  security_.Flush(now);
  std::uint64_t dropped = log_sink_->dropped();
  if (security_sink_ != nullptr) dropped += security_sink_->dropped();
  metrics_.GetGauge(kLinesDropped).Set(static_cast<double>(dropped));
}

void Instruments::Flush() { security_.Flush(absl::InfiniteFuture()); }

}  // namespace omninode::runtime
