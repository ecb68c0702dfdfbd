#include "tests/bench/report.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>
#include <sys/utsname.h>

#include "common/runtime/version.h"

namespace omninode::bench {
namespace {

using Json = nlohmann::ordered_json;

// Three digits after the point are below what can be repeated.
double Rounded(double value) { return std::round(value * 1000) / 1000; }

Json ToObject(const Row& row) {
  Json object = Json::object();
  for (const auto& [name, value] : row) object[name] = Rounded(value);
  return object;
}

std::string Shown(double value) {
  if (value == std::floor(value) || std::abs(value) >= 1000) return fmt::format("{:.0f}", value);
  return fmt::format("{:.3g}", value);
}

}  // namespace

std::string ToJson(const Report& report) {
  const Conditions& conditions = report.conditions;
  Json json = {{"scenario", report.scenario},
               {"figure", Rounded(report.figure)},
               {"unit", report.unit},
               {"p50_ms", Rounded(report.latency.p50_ms)},
               {"p95_ms", Rounded(report.latency.p95_ms)},
               {"p99_ms", Rounded(report.latency.p99_ms)},
               {"cpu_us_per_op", Rounded(report.cpu_us_per_op)},
               {"fraction_of_ceiling", Rounded(report.fraction_of_ceiling)},
               {"seconds", Rounded(conditions.seconds)},
               {"in_flight", conditions.in_flight},
               {"watchers", conditions.watchers},
               {"nodes", conditions.nodes},
               {"algorithm", conditions.algorithm},
               {"operations", conditions.operations},
               {"errors", conditions.errors},
               {"ceiling", Rounded(conditions.ceiling)},
               {"ceiling_unit", conditions.ceiling_unit},
               {"cpus", conditions.cpus}};
  Json versions = Json::object();
  for (const auto& [name, version] : conditions.versions) versions[name] = version;
  json["versions"] = std::move(versions);
  for (const auto& [name, value] : report.more) json[name] = Rounded(value);
  json["runs"] = Json::array();
  for (const Row& run : report.runs) json["runs"].push_back(ToObject(run));
  return json.dump(2, ' ', /*ensure_ascii=*/true);
}

std::string ToTable(const Report& report) {
  std::string text;
  std::vector<std::vector<std::string>> lines;
  for (const Row& run : report.runs) {
    std::vector<std::string> names;
    std::vector<std::string> values;
    for (const auto& [name, value] : run) {
      names.push_back(name);
      values.push_back(Shown(value));
    }
    if (lines.empty()) lines.push_back(std::move(names));
    lines.push_back(std::move(values));
  }
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::size_t width = std::max(lines.front()[i].size(), std::size_t{7});
      text += fmt::format("{}{:>{}}", i == 0 ? "" : "  ", line[i], width);
    }
    text += '\n';
  }
  for (const auto& [name, value] : report.more) text += fmt::format("{}: {}\n", name, Shown(value));
  const Conditions& conditions = report.conditions;
  text += fmt::format(
      "{}: {} {} ({}; P50 {} P95 {} P99 {} ms; {} us CPU per operation; {:.3f} of the ceiling of "
      "{} "
      "{}; {} errors; {} CPUs)\n",
      report.scenario, Shown(report.figure), report.unit, conditions.algorithm,
      Shown(report.latency.p50_ms), Shown(report.latency.p95_ms), Shown(report.latency.p99_ms),
      Shown(report.cpu_us_per_op), report.fraction_of_ceiling, Shown(conditions.ceiling),
      conditions.ceiling_unit, conditions.errors, conditions.cpus);
  return text;
}

std::vector<std::pair<std::string, std::string>> Versions() {
  utsname machine = {};
  ::uname(&machine);
#if defined(OMNINODE_SANITIZED)
  const char* build = "sanitizers";
#elif defined(NDEBUG)
  const char* build = "release";
#else
  const char* build = "debug";
#endif
  return {{"omninode", std::string(runtime::Version())},
          {"grpc", grpc::Version()},
          {"compiler", fmt::format("gcc {}.{}", __GNUC__, __GNUC_MINOR__)},
          {"build", build},
          {"kernel", machine.release}};
}

}  // namespace omninode::bench
