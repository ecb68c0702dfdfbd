#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "tests/bench/ceilings.h"
#include "tests/bench/process_usage.h"
#include "tests/bench/scenarios.h"
#include "tests/bench/unary_load.h"

namespace omninode::bench {
namespace {

constexpr std::size_t kNodes = 1'000;
// So many nodes take turns for each registration in flight that no node has two under way: the
// second could overtake the first, which is refused then.
constexpr std::size_t kNodesPerFlight = 4;
constexpr std::size_t kLoadInFlight = 32;  // of the first registrations
constexpr absl::Duration kTrial = absl::Milliseconds(700);
constexpr std::size_t kMostInTrial = 20'000;
constexpr double kSpare = 1.5;  // signed for each one that the trial lets expect
constexpr absl::Duration kCeilingTime = absl::Milliseconds(300);
constexpr std::size_t kSignedBytes = 700;  // of an envelope's body, about

class RegisterScenario final {
 public:
  RegisterScenario(const Setting& setting, Network& network)
      : setting_(setting),
        network_(network),
        load_({.method = kRegisterMethod,
               .channels = network.AgentChannels(Network::kConnections),
               .interrupted = setting.interrupted}) {
    report_.scenario = "R1";
    report_.unit = "registrations/s";
    report_.conditions.algorithm = crypto::NameOf(setting.arguments.algorithm);
    report_.conditions.ceiling_unit = "verifications/s";
    report_.conditions.cpus = CpuCount();
    report_.conditions.versions = Versions();
  }

  absl::StatusOr<Report> Run() {
    std::vector<std::size_t> levels = {1, 32, 100};
    if (setting_.arguments.in_flight.has_value()) levels = {*setting_.arguments.in_flight};
    OMNI_RETURN_IF_ERROR(RegisterAll(levels.back()));
    for (const std::size_t in_flight : levels) OMNI_RETURN_IF_ERROR(Measure(in_flight));
    return std::move(report_);
  }

 private:
  // The first registration of each node: certificates that the registry has not seen.
  absl::Status RegisterAll(std::size_t most_in_flight) {
    const std::size_t nodes =
        std::max(setting_.arguments.nodes.value_or(kNodes), kNodesPerFlight * most_in_flight);
    report_.conditions.nodes = nodes;
    setting_.progress(fmt::format("registering {} nodes", nodes));
    OMNI_ASSIGN_OR_RETURN(auto signers, network_.MakeSigners(0, nodes));
    signers_ = std::make_unique<Signers>(std::move(signers));
    OMNI_ASSIGN_OR_RETURN(const auto requests, Sign(nodes));
    load_.in_flight = kLoadInFlight;
    load_.duration = absl::InfiniteDuration();
    OMNI_ASSIGN_OR_RETURN(const UnaryOutcome outcome,
                          RunUnaryLoad(load_, requests, network_.clock()));
    if (outcome.failed > 0) {
      return Error(absl::StatusCode::kInternal, "{} of {} nodes could not register: {}",
                   outcome.failed, nodes, outcome.first_failure);
    }
    report_.more.emplace_back("first_registrations_per_s", RateOf(outcome));
    return absl::OkStatus();
  }

  absl::Status Measure(std::size_t in_flight) {
    load_.in_flight = in_flight;
    load_.duration = std::min(kTrial, setting_.arguments.duration);
    OMNI_ASSIGN_OR_RETURN(std::vector<std::string> requests, Sign(kMostInTrial));
    // Also warms up what this level uses.
    OMNI_ASSIGN_OR_RETURN(const UnaryOutcome trial,
                          RunUnaryLoad(load_, requests, network_.clock()));
    const double seconds = absl::ToDoubleSeconds(setting_.arguments.duration);
    const auto wanted = static_cast<std::size_t>(RateOf(trial) * seconds * kSpare) + in_flight;
    setting_.progress(fmt::format("{} in flight: signing {} registrations", in_flight, wanted));
    OMNI_ASSIGN_OR_RETURN(requests, Sign(wanted));
    OMNI_ASSIGN_OR_RETURN(const absl::Duration verify,
                          VerifyTime(network_.mint().key(0), std::string(kSignedBytes, 'x'),
                                     std::min(kCeilingTime, setting_.arguments.duration)));
    setting_.progress(fmt::format("{} in flight: measuring", in_flight));
    load_.duration = setting_.arguments.duration;
    OMNI_ASSIGN_OR_RETURN(const absl::Duration before, CpuTimeOf(network_.registry_pid()));
    OMNI_ASSIGN_OR_RETURN(const UnaryOutcome outcome,
                          RunUnaryLoad(load_, requests, network_.clock()));
    OMNI_ASSIGN_OR_RETURN(const absl::Duration after, CpuTimeOf(network_.registry_pid()));
    return Record(in_flight, outcome, after - before, verify);
  }

  absl::Status Record(std::size_t in_flight, const UnaryOutcome& outcome, absl::Duration cpu,
                      absl::Duration verify) {
    if (outcome.succeeded == 0) {
      return Error(absl::StatusCode::kInternal, "no registration was accepted: {}",
                   outcome.first_failure);
    }
    if (outcome.failed > 0) {
      setting_.progress(fmt::format("{} failed: {}", outcome.failed, outcome.first_failure));
    }
    if (outcome.ran_out) setting_.progress("the signed registrations did not last");
    Conditions& conditions = report_.conditions;
    report_.figure = RateOf(outcome);
    report_.latency = outcome.latencies.Summary();
    report_.cpu_us_per_op =
        absl::ToDoubleMicroseconds(cpu) / static_cast<double>(outcome.succeeded);
    conditions.ceiling = CpuCount() / absl::ToDoubleSeconds(verify);
    report_.fraction_of_ceiling = report_.figure / conditions.ceiling;
    conditions.seconds = absl::ToDoubleSeconds(outcome.elapsed);
    conditions.in_flight = in_flight;
    conditions.operations = outcome.succeeded;
    conditions.errors = outcome.failed;
    report_.runs.push_back({{"in_flight", static_cast<double>(in_flight)},
                            {"registrations_per_s", report_.figure},
                            {"p50_ms", report_.latency.p50_ms},
                            {"p95_ms", report_.latency.p95_ms},
                            {"p99_ms", report_.latency.p99_ms},
                            {"cpu_us_per_op", report_.cpu_us_per_op},
                            {"verify_us", absl::ToDoubleMicroseconds(verify)},
                            {"fraction_of_ceiling", report_.fraction_of_ceiling},
                            {"errors", static_cast<double>(outcome.failed)}});
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::string>> Sign(std::size_t count) {
    return signers_->Sign(count, network_.TakeSequences(count), network_.clock().Now());
  }

  static double RateOf(const UnaryOutcome& outcome) {
    return static_cast<double>(outcome.succeeded) / absl::ToDoubleSeconds(outcome.elapsed);
  }

  const Setting& setting_;
  Network& network_;
  UnaryLoad load_;
  std::unique_ptr<Signers> signers_;
  Report report_;
};

}  // namespace

absl::StatusOr<Report> RunRegister(const Setting& setting) {
  OMNI_ASSIGN_OR_RETURN(const auto network, Network::Start(setting));
  return RegisterScenario(setting, *network).Run();
}

}  // namespace omninode::bench
