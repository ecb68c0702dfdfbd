#ifndef OMNINODE_TESTS_INTEGRATION_BAD_INPUT_SHELL_H_
#define OMNINODE_TESTS_INTEGRATION_BAD_INPUT_SHELL_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "tools/testbed/process.h"

namespace omninode::bad_input {

// How a command line ended.
struct Outcome {
  int code = -1;  // 128 + its number after a signal
  std::string out;
  std::string err;
};

// Runs command lines as a user types them: by /bin/sh, in a folder, with the suite's programs in
// PATH and variables. Each has files of its own there for what it writes. Not thread-safe.
class Shell final {
 public:
  struct Options {
    std::string dir;  // is there
    std::string bin_dir;
    std::map<std::string, std::string> variables = {};
  };
  explicit Shell(Options options) : options_(std::move(options)) {}

  // To its end. DEADLINE_EXCEEDED when it still runs after `timeout`; it is killed then.
  absl::StatusOr<Outcome> Run(const std::string& command, absl::Duration timeout);

  // In the background: a process that Finish waits for.
  struct Started {
    std::unique_ptr<testbed::Process> process;
    std::string out_path;
    std::string err_path;
  };
  absl::StatusOr<Started> Start(const std::string& command);
  // OK when its standard output or error has `text`, now or within `timeout`.
  static absl::Status WaitForText(const Started& started, std::string_view text,
                                  absl::Duration timeout);
  static absl::StatusOr<Outcome> Finish(Started& started, absl::Duration timeout);

  const std::string& dir() const { return options_.dir; }

 private:
  const Options options_;
  int count_ = 0;
};

// The whole of a file; empty when it cannot be read.
std::string ReadAll(const std::string& path);

// The lines of `err` that are not of the log, which is JSON.
std::vector<std::string> PlainLines(std::string_view err);

}  // namespace omninode::bad_input

#endif  // OMNINODE_TESTS_INTEGRATION_BAD_INPUT_SHELL_H_
