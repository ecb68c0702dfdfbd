#include "tests/integration/rejections/witness.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "common/base/check.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/telemetry/security_event.h"
#include "tests/integration/rejections/calls.h"
#include "tools/testbed/wait.h"

namespace omninode::rejections {
namespace {

using testbed::FlatJson;
using testbed::ServiceProcess;
using testbed::ValueOf;

constexpr std::string_view kRejects = "omninode_reject_total";
constexpr std::string_view kCalls = "omninode_rpc_total";

std::string CodeName(grpc::StatusCode code) {
  return absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
}

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines = Split(text, '\n');
  std::erase(lines, "");
  return lines;
}

// The security events of the row among the lines of a log. Every line must be JSON, and no line may
// hold what a terminal would obey.
std::vector<FlatJson> EventsOf(const Row& row, std::string_view log) {
  std::vector<FlatJson> events;
  for (const std::string_view line : LinesOf(log)) {
    EXPECT_TRUE(std::ranges::none_of(line, [](unsigned char c) { return c < ' ' || c == 0x7f; }))
        << line;
    const auto json = testbed::ParseFlatJson(line);
    EXPECT_TRUE(json.ok()) << "not JSON: " << line;
    if (json.ok() && ValueOf(*json, "event") == "reject" &&
        ValueOf(*json, "reason") == row.metric->reason &&
        ValueOf(*json, "rpc") == row.metric->rpc) {
      events.push_back(*json);
    }
  }
  return events;
}

// What a service logs of one reason and peer at once; the rest it only counts.
int LinesDue(const Row& row) {
  return std::min(row.count, static_cast<int>(telemetry::SecurityLog::kBurst));
}

void CheckPeer(const FlatJson& event, const Outcome& outcome) {
  const std::string id = ValueOf(event, "peer_spiffe_id");
  if (outcome.peer.starts_with("spiffe://")) {
    EXPECT_EQ(id, outcome.peer);
    return;
  }
  // What it says to be, or nothing.
  EXPECT_TRUE(id.empty() || id == outcome.claimed) << id;
  EXPECT_TRUE(ValueOf(event, "source_address").starts_with(outcome.peer + ":"))
      << ValueOf(event, "source_address") << " is not " << outcome.peer;
}

}  // namespace

Witness::Witness(World& world) : world_(world) {
  for (ServiceProcess* service : world_.services()) {
    Before& before = before_[service->name()];
    before.pid = service->pid();
    before.samples = SamplesOf(*service);
    before.log_bytes = LogSince(*service).size();
  }
}

void Witness::Check(const Row& row, const Outcome& outcome) {
  CheckSecrets(outcome);
  if (row.at_start()) return CheckProgram(row, outcome);
  CheckAnswer(row, outcome);
  CheckCounters(row, outcome.refused_before);
  if (!row.transport_only.empty()) return CheckUntouched(row);
  if (!row.accepted()) CheckLog(row, outcome);
}

void Witness::CheckAnswer(const Row& row, const Outcome& outcome) const {
  EXPECT_EQ(CodeName(outcome.status.error_code()), row.status) << outcome.status.error_message();
  EXPECT_EQ(outcome.within, row.within);
  if (!row.within.empty()) return;
  EXPECT_EQ(DetailOf(outcome.status).reason, row.reason) << outcome.status.error_message();
}

// Exactly what the row says was counted, and nothing else of that service.
void Witness::CheckCounters(const Row& row, int refused_before) {
  for (const ServiceProcess* service : world_.services()) {
    // What comes through the attestor is counted behind it too.
    if (row.metric.has_value() && row.metric->service != service->name()) continue;
    EXPECT_EQ(Delta(*service, kRejects, {}),
              row.metric.has_value() ? row.count + refused_before : 0)
        << service->name();
  }
  if (!row.metric.has_value()) return;
  EXPECT_EQ(Delta(ServiceOf(row.metric->service), kRejects,
                  {{"service", row.metric->service},
                   {"rpc", row.metric->rpc},
                   {"reason", row.metric->reason}}),
            row.count);
}

void Witness::CheckLog(const Row& row, const Outcome& outcome) {
  const ServiceProcess& service = ServiceOf(row.metric->service);
  // Counted first, logged next, answered last; but the lines of a stream may come a moment later.
  testbed::WaitUntil(kSoon, [&] {
    const std::string log = LogSince(service);
    return static_cast<int>(EventsOf(row, log).size()) >= LinesDue(row);
  });
  const std::vector<FlatJson> events = EventsOf(row, LogSince(service));
  ASSERT_EQ(static_cast<int>(events.size()), LinesDue(row)) << service.LastLogLines(5);
  for (const FlatJson& event : events) {
    CheckPeer(event, outcome);
    EXPECT_EQ(ValueOf(event, "service"), row.metric->service);
    for (const auto& [field, text] : row.log) {
      EXPECT_NE(ValueOf(event, field).find(text), std::string::npos)
          << field << ": " << ValueOf(event, field);
    }
  }
}

// No call of ours has begun: every one that does is counted when it ends.
void Witness::CheckUntouched(const Row& row) {
  const ServiceProcess& service = ServiceOf(row.handler->service);
  EXPECT_EQ(Delta(service, kCalls, {{"rpc", row.handler->rpc}}), 0);
  const auto said = [&](const FlatJson& line) {
    return ValueOf(line, "event") == "library_log" &&
           std::ranges::all_of(row.log, [&](const auto& part) {
             return ValueOf(line, part.first).find(part.second) != std::string::npos;
           });
  };
  if (row.log.empty()) return;
  EXPECT_TRUE(testbed::WaitUntil(kSoon, [&] {
    return std::ranges::any_of(testbed::ParseJsonLines(LogSince(service)), said);
  })) << service.LastLogLines(5);
}

void Witness::CheckProgram(const Row& row, const Outcome& outcome) const {
  EXPECT_EQ(fmt::format("EXIT {}", outcome.exit_code.value_or(-1)), row.status)
      << outcome.program_log;
  EXPECT_NE(outcome.program_log.find(row.reason), std::string::npos) << outcome.program_log;
  for (const auto& [field, text] : row.log) {
    EXPECT_NE(outcome.program_log.find(text), std::string::npos) << outcome.program_log;
  }
}

void Witness::CheckSecrets(const Outcome& outcome) {
  for (const ServiceProcess* service : world_.services()) {
    EXPECT_EQ(world_.SecretIn(LogSince(*service)), "") << service->name();
    const auto metrics = service->HttpGet("/metrics");
    ASSERT_TRUE(metrics.ok()) << metrics.status();
    EXPECT_EQ(world_.SecretIn(*metrics), "") << service->name();
  }
  EXPECT_EQ(world_.SecretIn(outcome.status.error_message()), "");
  EXPECT_EQ(world_.SecretIn(outcome.status.error_details()), "");
  EXPECT_EQ(world_.SecretIn(outcome.program_log), "");
}

double Witness::Delta(const ServiceProcess& service, std::string_view name,
                      const std::map<std::string, std::string>& labels) {
  const Before& before = before_.find(service.name())->second;
  const double then =
      before.pid == service.pid() ? testbed::SumOf(before.samples, name, labels) : 0;
  return testbed::SumOf(SamplesOf(service), name, labels) - then;
}

testbed::Samples Witness::SamplesOf(const ServiceProcess& service) {
  auto samples = service.Metrics();
  EXPECT_TRUE(samples.ok()) << samples.status();
  return samples.ok() ? *std::move(samples) : testbed::Samples();
}

std::string Witness::LogSince(const ServiceProcess& service) const {
  std::ifstream file(fmt::format("{}/{}.log", world_.dir(), service.name()), std::ios::binary);
  const auto before = before_.find(service.name());
  if (before != before_.end()) file.seekg(static_cast<std::streamoff>(before->second.log_bytes));
  std::string text{std::istreambuf_iterator<char>(file), {}};
  // A line that is being written is not read.
  text.resize(text.rfind('\n') + 1);
  return text;
}

ServiceProcess& Witness::ServiceOf(std::string_view name) {
  const auto services = world_.services();
  const auto found =
      std::ranges::find_if(services, [&](const auto* service) { return service->name() == name; });
  OMNI_CHECK(found != services.end());
  return **found;
}

}  // namespace omninode::rejections
