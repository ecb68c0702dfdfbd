#include <algorithm>
#include <csignal>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "tests/bench/process_usage.h"
#include "tests/bench/scenarios.h"
#include "tests/bench/unary_load.h"
#include "tools/testbed/wait.h"

namespace omninode::bench {
namespace {

constexpr std::size_t kInFlight = 32;
constexpr std::size_t kChunk = 5'000;  // nodes whose identities are in our memory at once

class GrowthScenario final {
 public:
  GrowthScenario(const Setting& setting, Network& network) : setting_(setting), network_(network) {
    report_.scenario = "G1";
    report_.unit = "bytes/node";
    report_.conditions.in_flight = kInFlight;
    report_.conditions.algorithm = crypto::NameOf(setting.arguments.algorithm);
    report_.conditions.ceiling_unit = "bytes/node";
    report_.conditions.cpus = CpuCount();
    report_.conditions.versions = Versions();
  }

  absl::StatusOr<Report> Run() {
    std::vector<std::size_t> sizes = {10'000, 100'000};
    if (setting_.arguments.nodes.has_value()) sizes = {*setting_.arguments.nodes};
    OMNI_ASSIGN_OR_RETURN(empty_memory_, ResidentBytesOf(network_.registry_pid()));
    OMNI_ASSIGN_OR_RETURN(empty_disk_, DiskBytesOf(network_.registry_data_dir()));
    const testbed::StepClock clock;
    for (const std::size_t size : sizes) OMNI_RETURN_IF_ERROR(Measure(size));
    report_.conditions.seconds = absl::ToDoubleSeconds(clock.elapsed());
    if (sizes.size() > 1) {
      report_.more.emplace_back("memory_slope", LogLogSlope(memory_));
      report_.more.emplace_back("disk_slope", LogLogSlope(disk_));
      report_.more.emplace_back("restart_slope", LogLogSlope(restart_));
    }
    return std::move(report_);
  }

 private:
  absl::Status Measure(std::size_t nodes) {
    latencies_ = Latencies();
    cpu_ = absl::ZeroDuration();
    const std::size_t before = loaded_;
    while (loaded_ < nodes) OMNI_RETURN_IF_ERROR(LoadChunk(nodes));
    OMNI_ASSIGN_OR_RETURN(const std::uint64_t memory, ResidentBytesOf(network_.registry_pid()));
    OMNI_ASSIGN_OR_RETURN(const std::uint64_t disk, DiskBytesOf(network_.registry_data_dir()));
    setting_.progress(fmt::format("{} nodes: killing the registry and starting it again", nodes));
    const testbed::StepClock clock;
    OMNI_RETURN_IF_ERROR(network_.cluster().RestartRegistry(SIGKILL));
    const absl::Duration restart = clock.elapsed();
    OMNI_ASSIGN_OR_RETURN(const std::uint64_t restored, ResidentBytesOf(network_.registry_pid()));
    OMNI_RETURN_IF_ERROR(CheckAllThere());
    Record(nodes, memory, disk, restored, restart, nodes - before);
    return absl::OkStatus();
  }

  // The next nodes, but no more than `nodes` in all.
  absl::Status LoadChunk(std::size_t nodes) {
    const std::size_t count = std::min(kChunk, nodes - loaded_);
    setting_.progress(fmt::format("loading nodes {} to {}", loaded_ + 1, loaded_ + count));
    OMNI_ASSIGN_OR_RETURN(const Signers signers, network_.MakeSigners(loaded_, count));
    OMNI_ASSIGN_OR_RETURN(const auto requests, signers.Sign(count, network_.TakeSequences(count),
                                                            network_.clock().Now()));
    if (setting_.interrupted()) return absl::CancelledError("interrupted");
    OMNI_ASSIGN_OR_RETURN(const absl::Duration before, CpuTimeOf(network_.registry_pid()));
    OMNI_ASSIGN_OR_RETURN(UnaryOutcome outcome,
                          RunUnaryLoad({.method = kRegisterMethod,
                                        .channels = network_.AgentChannels(Network::kConnections),
                                        .in_flight = kInFlight,
                                        .interrupted = setting_.interrupted},
                                       requests, network_.clock()));
    OMNI_ASSIGN_OR_RETURN(const absl::Duration after, CpuTimeOf(network_.registry_pid()));
    if (outcome.failed > 0) {
      return Error(absl::StatusCode::kInternal, "{} of {} nodes could not register: {}",
                   outcome.failed, count, outcome.first_failure);
    }
    cpu_ += after - before;
    latencies_.Append(outcome.latencies);
    envelope_bytes_ = requests.front().size();
    loaded_ += count;
    return absl::OkStatus();
  }

  absl::Status CheckAllThere() {
    OMNI_ASSIGN_OR_RETURN(const auto ns, NamespaceName::Parse(Network::kNamespace));
    OMNI_ASSIGN_OR_RETURN(const auto record,
                          network_.cluster().admin().registry().GetNamespace(ns));
    if (record.nodes == loaded_) return absl::OkStatus();
    return Error(absl::StatusCode::kDataLoss, "{} nodes after the restart, there were {}",
                 record.nodes, loaded_);
  }

  void Record(std::size_t nodes, std::uint64_t memory, std::uint64_t disk, std::uint64_t restored,
              absl::Duration restart, std::size_t registered) {
    const auto per_node = [nodes](std::uint64_t bytes, std::uint64_t empty) {
      return static_cast<double>(bytes > empty ? bytes - empty : 0) / static_cast<double>(nodes);
    };
    report_.figure = per_node(memory, empty_memory_);
    report_.latency = latencies_.Summary();
    report_.cpu_us_per_op = absl::ToDoubleMicroseconds(cpu_) /
                            static_cast<double>(std::max<std::size_t>(registered, 1));
    Conditions& conditions = report_.conditions;
    conditions.nodes = nodes;
    conditions.operations = nodes;
    conditions.ceiling = static_cast<double>(envelope_bytes_);
    report_.fraction_of_ceiling = report_.figure > 0 ? conditions.ceiling / report_.figure : 0;
    const double restart_ms = absl::ToDoubleMilliseconds(restart);
    const double disk_per_node = per_node(disk, empty_disk_);
    report_.runs.push_back({{"nodes", static_cast<double>(nodes)},
                            {"memory_per_node", report_.figure},
                            {"restored_per_node", per_node(restored, empty_memory_)},
                            {"disk_per_node", disk_per_node},
                            {"restart_ms", restart_ms},
                            {"cpu_us_per_op", report_.cpu_us_per_op},
                            {"p95_ms", report_.latency.p95_ms}});
    const auto x = static_cast<double>(nodes);
    memory_.emplace_back(x, std::max(report_.figure, 1.0) * x);
    disk_.emplace_back(x, std::max(disk_per_node, 1.0) * x);
    restart_.emplace_back(x, restart_ms);
  }

  using Points = std::vector<std::pair<double, double>>;

  const Setting& setting_;
  Network& network_;
  std::uint64_t empty_memory_ = 0;
  std::uint64_t empty_disk_ = 0;
  std::size_t loaded_ = 0;
  std::size_t envelope_bytes_ = 0;
  Latencies latencies_;
  absl::Duration cpu_;
  Points memory_;
  Points disk_;
  Points restart_;
  Report report_;
};

}  // namespace

absl::StatusOr<Report> RunGrowth(const Setting& setting) {
  OMNI_ASSIGN_OR_RETURN(const auto network, Network::Start(setting));
  return GrowthScenario(setting, *network).Run();
}

}  // namespace omninode::bench
