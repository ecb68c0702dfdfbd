// The main job of the suite on this machine. tools/quickstart builds everything and starts it.
//
//   omninode_quickstart [--once] --bin DIR --state DIR

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "common/base/status.h"
#include "common/runtime/signals.h"
#include "tools/quickstart_job/job.h"
#include "tools/quickstart_job/run_folder.h"
#include "tools/quickstart_job/step_list.h"

namespace {

using omninode::Message;
using omninode::quickstart::Job;
using omninode::quickstart::RunFolder;
using omninode::quickstart::RunSteps;
using omninode::quickstart::StepReport;

constexpr int kFailed = 1;
constexpr int kUsage = 64;

struct Arguments {
  bool once = false;
  std::string bin_dir;
  std::string state_dir;
};

std::optional<Arguments> ParseArguments(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--once") {
      arguments.once = true;
    } else if (word == "--bin" && i + 1 < argc) {
      arguments.bin_dir = argv[++i];
    } else if (word == "--state" && i + 1 < argc) {
      arguments.state_dir = argv[++i];
    } else {
      return std::nullopt;
    }
  }
  if (arguments.bin_dir.empty() || arguments.state_dir.empty()) return std::nullopt;
  return arguments;
}

// Everything up to the point where the network can be looked at, and the end. Whatever happens in
// between, the job's processes go with the job.
StepReport RunJob(Job& job, const Arguments& arguments, omninode::runtime::SignalWaiter& signals) {
  const auto steps = job.Steps();
  const auto close = job.CloseSteps();
  const auto explain = [&job] { return job.Explain(); };
  StepReport report =
      RunSteps(steps, {.all = steps.size() + close.size(), .explain = explain, .interrupted = [&] {
                         return signals.StopPending();
                       }});
  if (report.ok < steps.size()) return report;
  if (!arguments.once) {
    fmt::print("{}", job.Hints());
    std::fflush(stdout);
    // A terminal that is closed is a Ctrl-C too.
    signals.Wait([&signals] { signals.RequestStop(absl::OkStatus()); });
  }
  return RunSteps(close, {.first = report.ok + 1, .all = report.all, .explain = explain});
}

int Run(const Arguments& arguments) {
  const auto signals = omninode::runtime::SignalWaiter::Create();
  auto folder = RunFolder::Make(arguments.state_dir);
  if (!signals.ok() || !folder.ok()) {
    fmt::print(stderr, "quickstart: {}\n",
               Message(signals.ok() ? folder.status() : signals.status()));
    return kFailed;
  }
  StepReport report;
  {
    Job job({.bin_dir = arguments.bin_dir, .state_dir = folder->path()});
    report = RunJob(job, arguments, **signals);
  }
  if (report.passed()) {
    if (const auto marked = folder->MarkPassed(); !marked.ok()) {
      fmt::print(stderr, "quickstart: {}\n", Message(marked));
    }
  } else {
    fmt::print("{}; logs and state: {}\n",
               report.interrupted ? "interrupted, everything was stopped" : "it failed",
               folder->path());
  }
  fmt::print("{}\n", report.LastLine());
  return report.passed() ? 0 : kFailed;
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = ParseArguments(argc, argv);
  if (!arguments.has_value()) {
    fmt::print(stderr, "usage: omninode_quickstart [--once] --bin DIR --state DIR\n");
    return kUsage;
  }
  // Before any thread: a Ctrl-C is taken when the step at hand is done.
  omninode::runtime::BlockSignals();
  return Run(*arguments);
}
