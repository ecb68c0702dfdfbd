#include "tools/testbed/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>

#include <poll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/status.h"
#include "tools/testbed/flat_json.h"
#include "tools/testbed/spawn.h"

namespace omninode::testbed {
namespace {

constexpr std::size_t kMaxFileEnd = 64 * 1024;

// By number, because <sys/pidfd.h> of glibc 2.36 cannot be used from C++: it lacks extern "C".
int PidfdOpen(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }
bool PidfdSendSignal(const config::FileDescriptor& pidfd, int signal) {
  return ::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0) == 0;
}

// The ready file's content if it is that of process `pid`: a killed predecessor leaves its own.
std::optional<runtime::ReadyInfo> ReadReadyFile(const std::string& path, pid_t pid) {
  const auto object = ParseFlatJson(FileEnd(path));
  if (!object.ok() || ValueOf(*object, "pid") != std::to_string(pid)) return std::nullopt;
  return runtime::ReadyInfo{pid, ValueOf(*object, "grpc"), ValueOf(*object, "admin")};
}

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

void Drain(int inotify) {
  std::array<char, 4096> buffer;
  while (::read(inotify, buffer.data(), buffer.size()) > 0) {
  }
}

}  // namespace

std::string ExitState::ToString() const {
  if (code.has_value()) return fmt::format("exit code {}", *code);
  if (signal.has_value()) return fmt::format("signal {} ({})", *signal, ::strsignal(*signal));
  return "unknown";
}

absl::StatusOr<std::unique_ptr<Process>> Process::Start(Options options) {
  OMNI_ASSIGN_OR_RETURN(const pid_t pid,
                        Spawn(options.argv, options.env, options.stdout_path, options.stderr_path));
  config::FileDescriptor pidfd(PidfdOpen(pid));
  if (!pidfd.valid()) {
    const int error = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return config::ErrnoStatus(error, "pidfd_open");
  }
  return std::unique_ptr<Process>(new Process(std::move(options), pid, std::move(pidfd)));
}

Process::~Process() { Kill(); }

bool Process::running() { return !PollExit(Deadline::In(absl::ZeroDuration())); }

bool Process::PollExit(const Deadline& deadline, int other) {
  if (exit_.has_value()) return true;
  // poll(2) ignores a negative descriptor.
  std::array<pollfd, 2> waits = {{{pidfd_.get(), POLLIN, 0}, {other, POLLIN, 0}}};
  while (::poll(waits.data(), waits.size(), deadline.left_ms()) < 0 && errno == EINTR) {
  }
  return waits[0].revents != 0;
}

const ExitState& Process::Reap() {
  if (exit_.has_value()) return *exit_;
  // What it started goes with it. Before it is reaped, because then its group's number is free for
  // others; an error means that there is nobody else in the group.
  ::kill(-pid_, SIGKILL);
  int status = 0;
  pid_t reaped = -1;
  do {
    reaped = ::waitpid(pid_, &status, 0);
  } while (reaped < 0 && errno == EINTR);
  OMNI_CHECK(reaped == pid_);  // it is our child, and nobody else waits for it
  exit_ = WIFEXITED(status) ? ExitState{WEXITSTATUS(status), std::nullopt}
                            : ExitState{std::nullopt, WTERMSIG(status)};
  return *exit_;
}

absl::Status Process::Failure(absl::StatusCode code, std::string_view what) const {
  const std::string lines = LastLogLines();
  return Error(code, "{} (process {}) {}{}{}", options_.name, pid_, what,
               lines.empty() ? "; it wrote nothing to " : "; the last it said:\n",
               lines.empty() ? options_.stderr_path : lines);
}

absl::StatusOr<runtime::ReadyInfo> Process::WaitReady(const std::string& path,
                                                      absl::Duration timeout) {
  const Deadline deadline = Deadline::In(timeout);
  const config::FileDescriptor inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify.valid() || ::inotify_add_watch(inotify.get(), FolderOf(path).c_str(),
                                              IN_MOVED_TO | IN_CLOSE_WRITE) < 0) {
    return config::ErrnoStatus(errno, fmt::format("cannot watch for {}", path));
  }
  while (true) {
    // Read after the watch began, so that a file that appears in between is not missed.
    Drain(inotify.get());
    if (const auto ready = ReadReadyFile(path, pid_); ready.has_value()) return *ready;
    if (PollExit(deadline, inotify.get())) {
      return Failure(absl::StatusCode::kUnavailable,
                     fmt::format("ended with {} before it was ready", Reap().ToString()));
    }
    if (deadline.passed()) {
      return Failure(absl::StatusCode::kDeadlineExceeded,
                     fmt::format("was not ready within {}", absl::FormatDuration(timeout)));
    }
  }
}

absl::Status Process::Signal(int signal) {
  if (exit_.has_value() || !PidfdSendSignal(pidfd_, signal)) {
    return Error(absl::StatusCode::kNotFound, "{} (process {}) has ended", options_.name, pid_);
  }
  return absl::OkStatus();
}

absl::StatusOr<ExitState> Process::WaitExit(absl::Duration timeout) {
  if (PollExit(Deadline::In(timeout))) return Reap();
  return Failure(absl::StatusCode::kDeadlineExceeded,
                 fmt::format("still runs after {}", absl::FormatDuration(timeout)));
}

ExitState Process::Kill() {
  if (!exit_.has_value()) PidfdSendSignal(pidfd_, SIGKILL);
  return Reap();
}

absl::StatusOr<ExitState> Process::StopGracefully(absl::Duration timeout) {
  // It may have ended a moment ago: WaitExit says how.
  Signal(SIGTERM).IgnoreError();
  return WaitExit(timeout);
}

std::string Process::LastLogLines(std::size_t count) const {
  return LastLines(FileEnd(options_.stderr_path), count);
}

std::string LastLines(std::string_view text, std::size_t count) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::size_t begin = text.size();
  for (; begin > 0; --begin) {
    if (text[begin - 1] == '\n' && --count == 0) break;
  }
  return std::string(text.substr(begin));
}

std::string FileEnd(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return "";
  const auto size = static_cast<std::size_t>(std::max<std::streamoff>(file.tellg(), 0));
  const std::size_t wanted = std::min(size, kMaxFileEnd);
  std::string text(wanted, '\0');
  file.seekg(static_cast<std::streamoff>(size - wanted));
  file.read(text.data(), static_cast<std::streamsize>(wanted));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace omninode::testbed
