#ifndef OMNINODE_TOOLS_TESTBED_SERVICE_PROCESS_H_
#define OMNINODE_TOOLS_TESTBED_SERVICE_PROCESS_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "tools/testbed/flat_json.h"
#include "tools/testbed/metric_samples.h"
#include "tools/testbed/process.h"

namespace omninode::testbed {

// A program of the suite that says by --ready-file when it serves, with its files in one folder:
// <name>.log (stderr), <name>.out (stdout), <name>.ready. It can be stopped or killed and started
// again; logs go on. Not thread-safe. The destructor kills.
class ServiceProcess final {
 public:
  struct Options {
    std::string name;
    std::string program;            // path
    std::vector<std::string> args;  // without --ready-file
    std::string dir;
  };

  explicit ServiceProcess(Options options) : options_(std::move(options)) {}

  // Returns when it is ready. FAILED_PRECONDITION when it runs already; else as Process::Start and
  // Process::WaitReady.
  absl::Status Start(absl::Duration timeout);
  bool running() const { return process_ != nullptr && process_->running(); }

  absl::Status Signal(int signal);
  // SIGKILL.
  void Kill();
  // SIGTERM. INTERNAL, with the last log lines, when it does not exit with 0. Nothing happens when
  // it was not started.
  absl::Status Stop(absl::Duration timeout);

  const std::string& name() const { return options_.name; }
  // REQUIRES: Start returned OK.
  const runtime::ReadyInfo& ready() const { return ready_; }
  pid_t pid() const { return ready_.pid; }

  // What its admin port says now.
  absl::StatusOr<std::string> HttpGet(std::string_view target) const;
  absl::StatusOr<Samples> Metrics() const;

  // Everything it ever wrote, over all its lives.
  std::vector<FlatJson> LogLines() const;
  std::vector<FlatJson> OutputLines() const;
  // The last lines for people.
  std::string LastLogLines(std::size_t count = 15) const;

 private:
  std::string File(std::string_view suffix) const;

  const Options options_;
  std::unique_ptr<Process> process_;
  runtime::ReadyInfo ready_ = {};
};

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_SERVICE_PROCESS_H_
