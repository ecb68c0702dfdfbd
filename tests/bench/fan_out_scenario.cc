#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "common/base/status.h"
#include "omninode/registry/v1/registry_service.pb.h"
#include "tests/bench/ceilings.h"
#include "tests/bench/event_loop.h"
#include "tests/bench/process_usage.h"
#include "tests/bench/scenarios.h"
#include "tests/bench/watch_crowd.h"

namespace omninode::bench {
namespace {

// Slow enough that one change is over before the next one is due.
constexpr absl::Duration kEvery = absl::Milliseconds(100);
constexpr std::size_t kWarmUp = 10;  // changes that are not counted
constexpr absl::Duration kLastAnswer = absl::Seconds(20);
constexpr int kCeilingRounds = 11;

// The one who changes something: a call at a time on a connection of its own.
class Writer final : public Waiter {
 public:
  Writer(EventLoop& loop, std::shared_ptr<grpc::Channel> channel)
      : loop_(loop), stub_(std::move(channel)) {}

  bool busy() const { return reader_ != nullptr; }
  const absl::Status& status() const { return status_; }
  std::uint64_t answered_version() const { return version_; }

  void Send(const std::string& request) {
    context_.emplace();
    reader_ =
        stub_.PrepareUnaryCall(&*context_, kRegisterMethod, MessageOver(request), loop_.queue());
    reader_->StartCall();
    reader_->Finish(&response_, &outcome_, static_cast<Waiter*>(this));
  }

  void OnComplete(bool /*ok*/) override {
    reader_.reset();
    registry::v1::RegisterResponse answer;
    grpc::Slice slice;
    if (!outcome_.ok()) {
      status_ =
          Error(absl::StatusCode::kInternal, "a registration failed: {}", outcome_.error_message());
    } else if (!response_.DumpToSingleSlice(&slice).ok() ||
               !answer.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) {
      status_ = absl::InternalError("an answer that cannot be read");
    } else {
      version_ = answer.position().version();
    }
  }

 private:
  EventLoop& loop_;
  grpc::GenericStub stub_;
  std::optional<grpc::ClientContext> context_;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader_;
  grpc::ByteBuffer response_;
  grpc::Status outcome_;
  absl::Status status_;
  std::uint64_t version_ = 0;
};

class FanOutScenario final {
 public:
  FanOutScenario(const Setting& setting, Network& network)
      : setting_(setting), network_(network), loop_(network.clock()) {
    report_.scenario = "W1";
    report_.unit = "ms";
    report_.conditions.in_flight = 1;
    report_.conditions.nodes = 1;
    report_.conditions.algorithm = crypto::NameOf(setting.arguments.algorithm);
    report_.conditions.ceiling_unit = "ms";
    report_.conditions.cpus = CpuCount();
    report_.conditions.versions = Versions();
  }

  absl::StatusOr<Report> Run() {
    std::vector<std::size_t> levels = {100, 1'000};
    if (setting_.arguments.watchers.has_value()) levels = {*setting_.arguments.watchers};
    OMNI_ASSIGN_OR_RETURN(auto signers, network_.MakeSigners(0, 1));
    signers_ = std::make_unique<Signers>(std::move(signers));
    writer_.emplace(loop_, network_.AgentChannels(1).front());
    const std::size_t changes =
        static_cast<std::size_t>(setting_.arguments.duration / kEvery) + kWarmUp;
    for (const std::size_t watchers : levels) {
      OMNI_ASSIGN_OR_RETURN(requests_, Sign(changes + 1));
      OMNI_RETURN_IF_ERROR(Register(requests_.front()));
      OMNI_RETURN_IF_ERROR(Measure(watchers));
    }
    return std::move(report_);
  }

 private:
  // One change: when it was due, and what is known of it.
  struct Change {
    MonotonicTime due;
    bool counted = false;
  };

  absl::StatusOr<std::vector<std::string>> Sign(std::size_t count) {
    return signers_->Sign(count, network_.TakeSequences(count), network_.clock().Now());
  }

  absl::Status Register(const std::string& request) {
    writer_->Send(request);
    while (writer_->busy()) OMNI_RETURN_IF_ERROR(Step(nullptr, Now() + kEvery));
    return writer_->status();
  }

  MonotonicTime Now() const { return network_.clock().Monotonic(); }

  absl::Status Step(const WatchCrowd* crowd, MonotonicTime until) {
    loop_.Step(until);
    if (setting_.interrupted()) return absl::CancelledError("interrupted");
    OMNI_RETURN_IF_ERROR(writer_->status());
    return crowd == nullptr ? absl::OkStatus() : crowd->status();
  }

  absl::Status Measure(std::size_t watchers) {
    setting_.progress(fmt::format("{} watchers: opening", watchers));
    OMNI_ASSIGN_OR_RETURN(
        const auto crowd,
        WatchCrowd::Open(loop_, network_.clock(),
                         {.channels = network_.AdminChannels(Network::kConnections),
                          .ns = Network::kNamespace,
                          .watchers = watchers,
                          .interrupted = setting_.interrupted}));
    Latencies to_last;
    crowd->OnComplete([&](std::uint64_t version, MonotonicTime at) {
      const auto change = waiting_.find(version);
      if (change == waiting_.end()) return;
      if (change->second.counted) to_last.Add(at - change->second.due);
      waiting_.erase(change);
    });
    setting_.progress(fmt::format("{} watchers: measuring", watchers));
    Latencies to_answer;
    absl::Duration cpu;
    const MonotonicTime began = Now();
    OMNI_RETURN_IF_ERROR(Drive(*crowd, to_answer, &cpu));
    const absl::Duration took = Now() - began;
    OMNI_ASSIGN_OR_RETURN(const absl::Duration floor,
                          LoopbackTime(watchers, crowd->largest_diff(), kCeilingRounds));
    Record(watchers, to_last, to_answer, cpu, floor, took, crowd->largest_diff());
    return absl::OkStatus();
  }

  // A change every kEvery, whether those before were answered or not: one that is late makes the
  // next one late too, and both are counted from when they were due.
  absl::Status Drive(WatchCrowd& crowd, Latencies& to_answer, absl::Duration* cpu) {
    absl::Duration cpu_before;
    std::uint64_t version = writer_->answered_version();
    const MonotonicTime began = Now();
    for (std::size_t i = 1; i < requests_.size(); ++i) {
      const MonotonicTime due = began + kEvery * static_cast<double>(i);
      const bool counted = i > kWarmUp;
      while (Now() < due || writer_->busy()) OMNI_RETURN_IF_ERROR(Step(&crowd, due));
      if (i == kWarmUp + 1) {
        OMNI_ASSIGN_OR_RETURN(cpu_before, CpuTimeOf(network_.registry_pid()));
      }
      // Nobody else writes here, so the version is known before the answer, which the first
      // watchers may overtake.
      waiting_.emplace(++version, Change{due, counted});
      writer_->Send(requests_[i]);
      while (writer_->busy()) OMNI_RETURN_IF_ERROR(Step(&crowd, Now() + kEvery));
      if (counted) to_answer.Add(Now() - due);
      if (writer_->answered_version() != version) {
        return Error(absl::StatusCode::kInternal, "version {} was answered, expected {}",
                     writer_->answered_version(), version);
      }
    }
    const MonotonicTime deadline = Now() + kLastAnswer;
    while (!waiting_.empty() && Now() < deadline) {
      OMNI_RETURN_IF_ERROR(Step(&crowd, Now() + kEvery));
    }
    OMNI_ASSIGN_OR_RETURN(const absl::Duration cpu_after, CpuTimeOf(network_.registry_pid()));
    *cpu = cpu_after - cpu_before;
    if (waiting_.empty()) return absl::OkStatus();
    return Error(absl::StatusCode::kDeadlineExceeded, "{} changes did not reach every watcher",
                 waiting_.size());
  }

  void Record(std::size_t watchers, const Latencies& to_last, const Latencies& to_answer,
              absl::Duration cpu, absl::Duration floor, absl::Duration took,
              std::size_t message_bytes) {
    const auto messages = static_cast<double>(watchers * to_last.count());
    report_.latency = to_last.Summary();
    report_.figure = report_.latency.p95_ms;
    report_.cpu_us_per_op = absl::ToDoubleMicroseconds(cpu) / messages;
    Conditions& conditions = report_.conditions;
    conditions.ceiling = absl::ToDoubleMilliseconds(floor);
    report_.fraction_of_ceiling = conditions.ceiling / report_.latency.p50_ms;
    conditions.seconds = absl::ToDoubleSeconds(took);
    conditions.watchers = watchers;
    conditions.operations = to_last.count();
    const Percentiles answer = to_answer.Summary();
    report_.runs.push_back({{"watchers", static_cast<double>(watchers)},
                            {"changes", static_cast<double>(to_last.count())},
                            {"p50_ms", report_.latency.p50_ms},
                            {"p95_ms", report_.latency.p95_ms},
                            {"p99_ms", report_.latency.p99_ms},
                            {"answer_p50_ms", answer.p50_ms},
                            {"answer_p95_ms", answer.p95_ms},
                            {"cpu_us_per_op", report_.cpu_us_per_op},
                            {"message_bytes", static_cast<double>(message_bytes)},
                            {"ceiling_ms", conditions.ceiling},
                            {"fraction_of_ceiling", report_.fraction_of_ceiling}});
  }

  const Setting& setting_;
  Network& network_;
  EventLoop loop_;
  std::optional<Writer> writer_;
  std::unique_ptr<Signers> signers_;
  std::vector<std::string> requests_;
  std::map<std::uint64_t, Change> waiting_;  // by version; not everybody has it yet
  Report report_;
};

}  // namespace

absl::StatusOr<Report> RunFanOut(const Setting& setting) {
  OMNI_ASSIGN_OR_RETURN(const auto network, Network::Start(setting));
  return FanOutScenario(setting, *network).Run();
}

}  // namespace omninode::bench
