#ifndef OMNINODE_TOOLS_TESTBED_PROCESS_H_
#define OMNINODE_TOOLS_TESTBED_PROCESS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <sys/types.h>

#include "common/config/file_descriptor.h"
#include "common/runtime/ready_file.h"
#include "tools/testbed/wait.h"

namespace omninode::testbed {

// How a process ended: one of the two is set.
struct ExitState {
  std::optional<int> code;
  std::optional<int> signal;

  bool ok() const { return code == 0; }
  std::string ToString() const;  // "exit code 1", "signal 9 (Killed)"
  friend bool operator==(const ExitState&, const ExitState&) = default;
};

// A program of this suite that runs as a process of its own.
//
// It is in its own process group, so that Ctrl-C reaches only who started it. It is killed when the
// thread that started it ends, and what it started is killed when its own end is noticed: nothing
// is left running, whatever happens to us. Variables
// OMNINODE_* of our own environment are not passed on.
//
// Not thread-safe. The destructor kills and reaps. REQUIRES: the starting thread lives longer.
class Process final {
 public:
  struct Options {
    std::string name;               // for messages: "registry"
    std::vector<std::string> argv;  // the first is the program's path
    std::map<std::string, std::string> env = {};
    std::string stdout_path;  // both are appended to
    std::string stderr_path;
  };

  // NOT_FOUND or what else the kernel says when the program cannot be executed.
  static absl::StatusOr<std::unique_ptr<Process>> Start(Options options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  const std::string& name() const { return options_.name; }
  bool running();

  // Waits for the ready file of this very process (common/runtime/ready_file.h). An error with the
  // last log lines when it ends before, or `timeout` passes.
  absl::StatusOr<runtime::ReadyInfo> WaitReady(const std::string& path, absl::Duration timeout);

  // NOT_FOUND when it has ended.
  absl::Status Signal(int signal);
  // DEADLINE_EXCEEDED, with the last log lines, while it runs.
  absl::StatusOr<ExitState> WaitExit(absl::Duration timeout);
  // SIGKILL, and waits for the end. Nothing happens when it has ended.
  ExitState Kill();
  // SIGTERM, then WaitExit: what does not end by itself is an error, and still runs.
  absl::StatusOr<ExitState> StopGracefully(absl::Duration timeout);

  // The last `count` lines of what it wrote to stderr.
  std::string LastLogLines(std::size_t count = 15) const;

 private:
  Process(Options options, pid_t pid, config::FileDescriptor pidfd)
      : options_(std::move(options)), pid_(pid), pidfd_(std::move(pidfd)) {}

  // Whether it has ended; waits until `deadline` for that or, if given, for input on `other`.
  bool PollExit(const Deadline& deadline, int other = -1);
  // REQUIRES: it has ended, or was killed.
  const ExitState& Reap();
  absl::Status Failure(absl::StatusCode code, std::string_view what) const;

  const Options options_;
  const pid_t pid_;
  const config::FileDescriptor pidfd_;
  std::optional<ExitState> exit_;
};

// The last `count` lines of a text.
std::string LastLines(std::string_view text, std::size_t count);
// The last bytes of a file, at most 64 KiB; empty when it cannot be read.
std::string FileEnd(const std::string& path);

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_PROCESS_H_
