#include "common/runtime/service_main.h"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <utility>

#include <unistd.h>

#include "common/base/exit_code.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/concurrency/periodic_task.h"
#include "common/config/load.h"
#include "common/config/reports.h"
#include "common/runtime/admin_endpoint.h"
#include "common/runtime/instruments.h"
#include "common/runtime/ready_file.h"
#include "common/runtime/signals.h"
#include "common/runtime/version.h"

namespace omninode::runtime {
namespace {

using telemetry::HealthState;

constexpr absl::Duration kTickInterval = absl::Seconds(5);
constexpr char kLifecycle[] = "service";  // the health condition of starting and stopping
constexpr char kRunVerb[] = "run";

std::optional<std::string> FromEnvironment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

void Print(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

// One line, whatever the message holds.
void PrintError(const ServiceInfo& info, const absl::Status& status) {
  std::string line = fmt::format("omninode-{}: {}", info.name, Message(status));
  for (char& c : line) {
    if (static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  Print(stderr, line + "\n");
}

absl::StatusOr<config::Schema> MakeSchema(const ServiceInfo& info) {
  std::vector<config::Option> options = info.options;
  for (config::Option& option : StandardOptions(info)) options.push_back(std::move(option));
  std::vector<config::Verb> verbs;
  if (!info.verbs.empty()) verbs.push_back({kRunVerb, "serve until stopped"});
  for (const ServiceVerb& each : info.verbs) verbs.push_back(each.verb);
  return config::Schema::Create(info.name, info.summary, std::move(options), std::move(verbs));
}

absl::StatusOr<std::string> ReferencePage(const ServiceInfo& info, const config::Schema& schema) {
  // Declared as for running, because there is one family more than was asked for.
  telemetry::Metrics metrics;
  OMNI_RETURN_IF_ERROR(metrics.Declare(AllMetrics(info)));
  return fmt::format("{}\n### Metrics\n\n{}", config::ReferenceMarkdown(schema),
                     telemetry::MetricsMarkdown(metrics.Definitions()));
}

// Starts, waits and stops.
class Process {
 public:
  Process(const config::Values& values, Instruments& instruments, const Clock& clock,
          SignalWaiter& signals)
      : values_(values), instruments_(instruments), clock_(clock), signals_(signals) {}

  ServiceContext Context(std::string admin_address = "") {
    return {values_,
            clock_,
            instruments_.logger(),
            instruments_.security(),
            instruments_.metrics(),
            instruments_.health(),
            [this](absl::Status status) { signals_.RequestStop(std::move(status)); },
            [this] { return signals_.StopPending(); },
            std::move(admin_address)};
  }

  absl::Status Serve(const ServiceFactory& factory) {
    ReadyFile::Clear(values_.GetString("ready_file"));
    SetLifecycle(HealthState::kFailed, "starting");
    const PeriodicTask ticker("telemetry", [this] {
      instruments_.Tick(clock_.Now());
      return kTickInterval;
    });
    OMNI_ASSIGN_OR_RETURN(const auto admin,
                          AdminEndpoint::Start(values_.GetAddress("admin.listen"),
                                               instruments_.metrics(), instruments_.health()));
    const ServiceContext context = Context(admin->address());
    const auto service = factory(context);
    absl::Status status = service.ok() ? (*service)->Start() : service.status();
    if (absl::IsCancelled(status) && signals_.StopPending()) return absl::OkStatus();
    OMNI_RETURN_IF_ERROR(status);
    status = RunStarted(**service, admin->address());
    SetLifecycle(HealthState::kFailed, "stopping");
    (*service)->Stop();
    instruments_.logger().Info("stopped");
    return status;
  }

 private:
  absl::Status RunStarted(Service& service, const std::string& admin_address) {
    SetLifecycle(HealthState::kOk, "");
    OMNI_ASSIGN_OR_RETURN(const ReadyFile ready,
                          ReadyFile::Write(values_.GetString("ready_file"),
                                           {::getpid(), service.address(), admin_address}));
    instruments_.logger().Info("ready", {{"version", Version()},
                                         {"pid", ::getpid()},
                                         {"grpc", service.address()},
                                         {"admin", admin_address}});
    StopRequest request = signals_.Wait([&] { Reload(service); });
    instruments_.logger().Info("stopping", {{"cause", request.cause}});
    return std::move(request.status);
  }

  void Reload(Service& service) {
    const absl::Status status = instruments_.ReopenLogs();
    if (!status.ok()) {
      instruments_.logger().Error("log_reopen_failed", {{"message", Message(status)}});
    }
    instruments_.logger().Info("reload", {{"cause", "SIGHUP"}});
    service.Reload();
  }

  void SetLifecycle(HealthState state, std::string_view detail) {
    instruments_.health().Set(kLifecycle, state, detail, clock_.Now());
  }

  const config::Values& values_;
  Instruments& instruments_;
  const Clock& clock_;
  SignalWaiter& signals_;
};

absl::Status RunVerb(const ServiceInfo& info, const config::Loaded& loaded,
                     const ServiceFactory& factory) {
  OMNI_RETURN_IF_ERROR(ApplyProcessLimits(info.limits));
  const SystemClock clock;
  OMNI_ASSIGN_OR_RETURN(const auto signals, SignalWaiter::Create());
  OMNI_ASSIGN_OR_RETURN(const auto instruments, Instruments::Create(info, loaded.values, clock));
  Process process(loaded.values, *instruments, clock, *signals);
  absl::Status status;
  for (const ServiceVerb& each : info.verbs) {
    if (each.verb.name == loaded.verb) status = each.action(process.Context());
  }
  const bool serves = loaded.verb.empty() || loaded.verb == kRunVerb;
  if (serves) status = process.Serve(factory);
  // Whoever types a verb reads the error line and needs no log line before it.
  if (!status.ok() && (serves || loaded.values.Has("log.file"))) {
    const auto reason = ReasonOf(status);
    instruments->logger().Error(
        "failed", {{"reason", reason ? NameOf(*reason) : ""}, {"message", Message(status)}});
  }
  instruments->Flush();
  return status;
}

absl::Status Run(const ServiceInfo& info, std::span<const char* const> args,
                 const ServiceFactory& factory) {
  OMNI_ASSIGN_OR_RETURN(const config::Schema schema, MakeSchema(info));
  OMNI_ASSIGN_OR_RETURN(const config::Loaded loaded, config::Load(schema, args, FromEnvironment));
  switch (loaded.mode) {
    case config::Mode::kHelp:
      Print(stdout, config::HelpText(schema));
      return absl::OkStatus();
    case config::Mode::kVersion:
      Print(stdout, fmt::format("{} {}\n", schema.program(), Version()));
      return absl::OkStatus();
    case config::Mode::kReference: {
      OMNI_ASSIGN_OR_RETURN(const std::string page, ReferencePage(info, schema));
      Print(stdout, page);
      return absl::OkStatus();
    }
    case config::Mode::kCheckConfig:
    case config::Mode::kRun:
      break;
  }
  if (info.check) OMNI_RETURN_IF_ERROR(info.check(loaded.values));
  if (loaded.mode == config::Mode::kCheckConfig) {
    Print(stdout, config::EffectiveText(schema, loaded.values));
    return absl::OkStatus();
  }
  return RunVerb(info, loaded, factory);
}

}  // namespace

int RunService(const ServiceInfo& info, int argc, const char* const* argv,
               const ServiceFactory& factory) {
  BlockSignals();
  const std::span<const char* const> all(argv, static_cast<std::size_t>(argc));
  const absl::Status status = Run(info, all.subspan(all.empty() ? 0 : 1), factory);
  if (!status.ok()) PrintError(info, status);
  return static_cast<int>(ExitCodeFor(status));
}

}  // namespace omninode::runtime
