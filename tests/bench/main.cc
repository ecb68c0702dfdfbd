// Measures the suite on this machine. See `omninode_bench --help`.

#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/base/exit_code.h"
#include "common/base/status.h"
#include "common/runtime/signals.h"
#include "tests/bench/arguments.h"
#include "tests/bench/report.h"
#include "tests/bench/scenarios.h"

namespace {

using omninode::ExitCode;
using omninode::bench::Report;
using omninode::bench::Scenario;
using omninode::bench::Setting;

int Fail(const absl::Status& status) {
  fmt::print(stderr, "omninode_bench: {}\n", omninode::Message(status));
  return static_cast<int>(omninode::ExitCodeFor(status));
}

std::string OwnFolder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
}

absl::StatusOr<Report> Run(const Setting& setting) {
  switch (setting.arguments.scenario) {
    case Scenario::kR1:
      return omninode::bench::RunRegister(setting);
    case Scenario::kW1:
      return omninode::bench::RunFanOut(setting);
    case Scenario::kG1:
      return omninode::bench::RunGrowth(setting);
  }
  return absl::InternalError("no such scenario");
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = omninode::bench::ParseArguments({argv + 1, argv + argc});
  if (!arguments.ok()) return Fail(arguments.status());
  if (arguments->help) {
    fmt::print("{}", omninode::bench::HelpText());
    return static_cast<int>(ExitCode::kOk);
  }
  // Before any thread: at a Ctrl-C what was started is stopped first.
  omninode::runtime::BlockSignals();
  const auto signals = omninode::runtime::SignalWaiter::Create();
  if (!signals.ok()) return Fail(signals.status());
  const auto report =
      Run({.arguments = *arguments,
           .bin_dir = OwnFolder(),
           .interrupted = [&] { return (*signals)->StopPending(); },
           .progress = [](const std::string& line) { fmt::print(stderr, "bench: {}\n", line); }});
  if (!report.ok()) return Fail(report.status());
  fmt::print("{}", arguments->json ? omninode::bench::ToJson(*report) + "\n"
                                   : omninode::bench::ToTable(*report));
  return static_cast<int>(ExitCode::kOk);
}
