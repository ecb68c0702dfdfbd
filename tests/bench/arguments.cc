#include "tests/bench/arguments.h"

#include <algorithm>
#include <map>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::bench {
namespace {

constexpr std::string_view kHelp =
    R"(usage: omninode_bench SCENARIO [options]

Starts a network of its own with the programs beside it, measures, and stops it again.

scenarios
  R1   registrations over mTLS, one per call, durable; at 1, 32 and 100 in flight
  W1   fan-out of one change to 100 and to 1,000 open watches
  G1   memory, disk and restart time with 10,000 and 100,000 nodes

options
  --seconds N      length of each measurement (10); G1 takes as long as loading takes
  --algorithm A    key of the nodes that sign: p256 (default), rsa2048, ed25519
  --in-flight N    R1: only this many unanswered registrations at once, 1 to 512
  --watchers N     W1: only this many open watches, 1 to 5000
  --nodes N        R1: nodes that take turns (1000); G1: only this many nodes
  --json           one JSON object on standard output instead of a table
  --help           this text

examples
  omninode_bench R1
  omninode_bench R1 --in-flight 100 --algorithm rsa2048 --json
  omninode_bench W1 --watchers 1000 --seconds 30
  omninode_bench G1 --nodes 10000

what the figures mean
  R1   figure: accepted registrations per second at the most in flight. Every one changes the
       node's description, so each is a new version, committed and synced before the answer.
       Percentiles: from sending to the answer, closed loop. cpu_us_per_op: of the registry.
       Ceiling: what all CPUs together could do if they only verified the signature of these
       envelopes: CPUs * 1e6 / (us of one verification, measured in the same run on one thread).
  W1   figure: P95 of the time from the moment at which the write was due to be sent until the LAST
       watcher has the diff; the write itself is included. cpu_us_per_op: of the registry, per
       watcher and message. Ceiling: the time in which one thread passes as many messages of the
       same size through one plain loopback connection; the fraction is ceiling / median.
  G1   figure: growth of the registry's memory per node at the most nodes, in bytes, with a
       certificate and evidence of its own for each. Percentiles: of the registrations that loaded
       them, 32 in flight. Ceiling: the bytes of one node's signed envelope; the fraction is
       envelope / figure.
)";

absl::Status Invalid(std::string_view problem) {
  return Reject(Reason::kArgumentInvalid, "{}; see omninode_bench --help", problem);
}

// The value of a name in a table; an error that lists the names.
template <typename T>
absl::StatusOr<T> Named(std::string_view what, const std::string& word,
                        const std::vector<std::pair<std::string_view, T>>& table) {
  std::string names;
  for (const auto& [name, value] : table) {
    if (name == word) return value;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return Invalid(fmt::format("{} '{}' is none of {}", what, word, names));
}

absl::StatusOr<std::optional<std::size_t>> Count(std::string_view flag, const std::string& word,
                                                 std::size_t max) {
  if (word.empty()) return std::optional<std::size_t>();
  const bool digits = std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
  const std::size_t value = digits && word.size() <= 9 ? std::stoul(word) : 0;
  if (value >= 1 && value <= max) return std::optional(value);
  return Invalid(fmt::format("{} '{}' is not a number from 1 to {}", flag, word, max));
}

// The flags as they were written. CLI11 splits them; what they may be is judged here, so that all
// complaints look alike.
struct Words {
  std::string scenario;
  std::string seconds = "10";
  std::string algorithm = "p256";
  std::string watchers;
  std::string in_flight;
  std::string nodes;
  bool json = false;
  bool help = false;
};

// CLI11 reports by exceptions; none leaves this function.
absl::Status Split(std::vector<std::string> words, Words* into) {
  CLI::App app;
  app.set_help_flag("", "");
  app.add_option("scenario", into->scenario);
  app.add_option("--seconds", into->seconds);
  app.add_option("--algorithm", into->algorithm);
  app.add_option("--watchers", into->watchers);
  app.add_option("--in-flight", into->in_flight);
  app.add_option("--nodes", into->nodes);
  app.add_flag("--json", into->json);
  app.add_flag("--help,-h", into->help);
  // CLI11 wants the last first.
  std::ranges::reverse(words);
  try {
    app.parse(words);
  } catch (const CLI::Error& error) {
    std::string text = error.what();
    std::ranges::replace(text, '\n', ' ');
    return Invalid(text);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Arguments> ParseArguments(std::vector<std::string> words) {
  Words said;
  OMNI_RETURN_IF_ERROR(Split(std::move(words), &said));
  Arguments arguments;
  arguments.help = said.help;
  arguments.json = said.json;
  if (said.help) return arguments;
  if (said.scenario.empty()) return Invalid("say which scenario: R1, W1 or G1");
  using crypto::KeyAlgorithm;
  OMNI_ASSIGN_OR_RETURN(
      arguments.scenario,
      Named<Scenario>("scenario", said.scenario,
                      {{"R1", Scenario::kR1}, {"W1", Scenario::kW1}, {"G1", Scenario::kG1}}));
  OMNI_ASSIGN_OR_RETURN(arguments.algorithm,
                        Named<KeyAlgorithm>("--algorithm", said.algorithm,
                                            {{"p256", KeyAlgorithm::kP256},
                                             {"rsa2048", KeyAlgorithm::kRsa2048},
                                             {"ed25519", KeyAlgorithm::kEd25519}}));
  OMNI_ASSIGN_OR_RETURN(const auto seconds,
                        Count("--seconds", said.seconds, Arguments::kMaxSeconds));
  arguments.duration = absl::Seconds(static_cast<double>(seconds.value_or(10)));
  OMNI_ASSIGN_OR_RETURN(arguments.watchers,
                        Count("--watchers", said.watchers, Arguments::kMaxWatchers));
  OMNI_ASSIGN_OR_RETURN(arguments.in_flight,
                        Count("--in-flight", said.in_flight, Arguments::kMaxInFlight));
  OMNI_ASSIGN_OR_RETURN(arguments.nodes, Count("--nodes", said.nodes, Arguments::kMaxNodes));
  return arguments;
}

std::string HelpText() { return std::string(kHelp); }

}  // namespace omninode::bench
