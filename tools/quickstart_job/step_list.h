#ifndef OMNINODE_TOOLS_QUICKSTART_JOB_STEP_LIST_H_
#define OMNINODE_TOOLS_QUICKSTART_JOB_STEP_LIST_H_

#include <cstddef>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/time/time.h>

namespace omninode::quickstart {

// One thing that is done and checked.
struct Step {
  std::string name;
  std::function<absl::Status()> run;
};

// What became of a list of steps.
struct StepReport {
  std::size_t ok = 0;
  std::size_t all = 0;
  bool interrupted = false;

  bool passed() const { return ok == all; }
  // "quickstart: 14 of 14 steps ok"
  std::string LastLine() const;
};

// "[ 3/14] registry ready ........................ ok      0.42 s", the outcome being "ok" or
// "FAILED". Pure.
std::string StepLine(std::size_t number, std::size_t all, const std::string& name, bool ok,
                     absl::Duration elapsed);

// Runs the steps in order up to the first that fails, and prints each with outcome and time; after
// a failure its message and what `explain` says. `interrupted` is asked before each step.
// Numbering begins at `first` and counts to `all`.
struct RunOptions {
  std::size_t first = 1;
  std::size_t all = 0;
  std::function<std::string()> explain;
  std::function<bool()> interrupted;
  std::FILE* out = stdout;
};
StepReport RunSteps(const std::vector<Step>& steps, const RunOptions& options);

}  // namespace omninode::quickstart

#endif  // OMNINODE_TOOLS_QUICKSTART_JOB_STEP_LIST_H_
