#include "tests/integration/bad_input/shell.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "common/base/status.h"
#include "common/base/text.h"
#include "tools/testbed/wait.h"

namespace omninode::bad_input {

absl::StatusOr<Shell::Started> Shell::Start(const std::string& command) {
  const int number = ++count_;
  Started started{.out_path = fmt::format("{}/{}.out", options_.dir, number),
                  .err_path = fmt::format("{}/{}.err", options_.dir, number)};
  auto env = options_.variables;
  env["PATH"] = options_.bin_dir + ":/usr/sbin:/usr/bin:/sbin:/bin";
  OMNI_ASSIGN_OR_RETURN(
      started.process,
      testbed::Process::Start(
          {.name = command,
           .argv = {"/bin/sh", "-e", "-c", fmt::format("cd {}\n{}", options_.dir, command)},
           .env = std::move(env),
           .stdout_path = started.out_path,
           .stderr_path = started.err_path}));
  return started;
}

absl::Status Shell::WaitForText(const Started& started, std::string_view text,
                                absl::Duration timeout) {
  return testbed::Eventually(timeout, [&]() -> absl::Status {
    for (const std::string* path : {&started.out_path, &started.err_path}) {
      if (ReadAll(*path).find(text) != std::string::npos) return absl::OkStatus();
    }
    return Error(absl::StatusCode::kNotFound, "'{}' is not in:\n{}{}", text,
                 ReadAll(started.out_path), ReadAll(started.err_path));
  });
}

absl::StatusOr<Outcome> Shell::Finish(Started& started, absl::Duration timeout) {
  const auto exit = started.process->WaitExit(timeout);
  if (!exit.ok()) {
    started.process->Kill();
    return exit.status();
  }
  return Outcome{exit->code.value_or(128 + exit->signal.value_or(0)), ReadAll(started.out_path),
                 ReadAll(started.err_path)};
}

absl::StatusOr<Outcome> Shell::Run(const std::string& command, absl::Duration timeout) {
  OMNI_ASSIGN_OR_RETURN(Started started, Start(command));
  return Finish(started, timeout);
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> PlainLines(std::string_view err) {
  std::vector<std::string> lines;
  for (const std::string_view line : Split(err, '\n')) {
    if (!line.empty() && line.front() != '{') lines.emplace_back(line);
  }
  return lines;
}

}  // namespace omninode::bad_input
