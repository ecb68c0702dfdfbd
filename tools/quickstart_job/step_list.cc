#include "tools/quickstart_job/step_list.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/base/status.h"
#include "tools/testbed/wait.h"

namespace omninode::quickstart {
namespace {

constexpr std::size_t kNameWidth = 58;

void Print(std::FILE* out, std::string_view text) {
  fmt::print(out, "{}\n", text);
  std::fflush(out);  // people watch, also through a pipe
}

}  // namespace

std::string StepReport::LastLine() const {
  return fmt::format("quickstart: {} of {} steps ok", ok, all);
}

std::string StepLine(std::size_t number, std::size_t all, const std::string& name, bool ok,
                     absl::Duration elapsed) {
  const std::size_t dots = name.size() < kNameWidth ? kNameWidth - name.size() : 1;
  return fmt::format("[{:>2}/{}] {} {} {:<6} {:6.2f} s", number, all, name, std::string(dots, '.'),
                     ok ? "ok" : "FAILED", absl::ToDoubleSeconds(elapsed));
}

StepReport RunSteps(const std::vector<Step>& steps, const RunOptions& options) {
  StepReport report{.ok = options.first - 1, .all = options.all};
  for (const Step& step : steps) {
    if (options.interrupted && options.interrupted()) {
      report.interrupted = true;
      return report;
    }
    const testbed::StepClock clock;
    const absl::Status status = step.run();
    Print(options.out,
          StepLine(report.ok + 1, report.all, step.name, status.ok(), clock.elapsed()));
    if (!status.ok()) {
      Print(options.out, fmt::format("\nstep \"{}\" failed: {}\n", step.name, Message(status)));
      if (options.explain) Print(options.out, options.explain());
      return report;
    }
    ++report.ok;
  }
  return report;
}

}  // namespace omninode::quickstart
