#include "tools/testbed/spawn.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/status.h"
#include "common/config/file_descriptor.h"

namespace omninode::testbed {
namespace {

using config::FileDescriptor;

// Everything the child needs, made before the fork: between fork and exec of a process with
// threads nothing may allocate or lock.
struct Plan {
  const char* path;
  char* const* argv;
  char* const* envp;
  std::array<int, 3> standard;  // becomes 0, 1 and 2
  int error_pipe;
  pid_t parent;
};

[[noreturn]] void Fail(const Plan& plan) {
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(plan.error_pipe, &error, sizeof(error));
  ::_exit(127);
}

[[noreturn]] void RunChild(const Plan& plan) {
  ::setpgid(0, 0);
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) Fail(plan);
  // The parent may have ended before prctl; then the signal never comes.
  if (::getppid() != plan.parent) ::_exit(127);
  // Blocked and ignored signals are inherited through exec.
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_DFL);
  for (int fd = 0; fd < 3; ++fd) {
    if (::dup2(plan.standard[static_cast<std::size_t>(fd)], fd) < 0) Fail(plan);
  }
  // Also those that libraries opened without O_CLOEXEC.
  if (::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) Fail(plan);
  ::execve(plan.path, plan.argv, plan.envp);
  Fail(plan);
}

std::vector<std::string> Environment(const std::map<std::string, std::string>& extra) {
  std::vector<std::string> environment;
  for (char** entry = ::environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const bool replaced = extra.contains(std::string(text.substr(0, text.find('='))));
    if (!replaced && !text.starts_with("OMNINODE_")) environment.emplace_back(text);
  }
  for (const auto& [name, value] : extra) environment.push_back(fmt::format("{}={}", name, value));
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Above 2 in any case, so that dup2 onto 0, 1 and 2 never overwrites what is still needed.
absl::StatusOr<FileDescriptor> Open(const std::string& path, int flags) {
  const FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  if (!file.valid()) return config::ErrnoStatus(errno, path);
  return FileDescriptor(::fcntl(file.get(), F_DUPFD_CLOEXEC, 3));
}

}  // namespace

absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& argv,
                            const std::map<std::string, std::string>& env,
                            const std::string& stdout_path, const std::string& stderr_path) {
  if (argv.empty()) return absl::InvalidArgumentError("there is no program to start");
  OMNI_ASSIGN_OR_RETURN(const FileDescriptor in, Open("/dev/null", O_RDONLY));
  OMNI_ASSIGN_OR_RETURN(const FileDescriptor out, Open(stdout_path, O_WRONLY | O_CREAT | O_APPEND));
  OMNI_ASSIGN_OR_RETURN(const FileDescriptor err, Open(stderr_path, O_WRONLY | O_CREAT | O_APPEND));
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) return config::ErrnoStatus(errno, "pipe");
  const FileDescriptor read_end(pipe[0]);
  std::vector<std::string> arguments = argv;
  std::vector<std::string> environment = Environment(env);
  const std::vector<char*> argument_pointers = Pointers(arguments);
  const std::vector<char*> environment_pointers = Pointers(environment);
  pid_t pid = -1;
  {
    const FileDescriptor write_end(pipe[1]);
    const Plan plan = {
        argument_pointers.front(),        argument_pointers.data(), environment_pointers.data(),
        {in.get(), out.get(), err.get()}, write_end.get(),          ::getpid()};
    pid = ::fork();
    if (pid < 0) return config::ErrnoStatus(errno, "fork");
    if (pid == 0) RunChild(plan);
  }
  // Ends with exec, which closes the child's copy, or with the number of its error.
  int error = 0;
  ssize_t count = 0;
  do {
    count = ::read(read_end.get(), &error, sizeof(error));
  } while (count < 0 && errno == EINTR);
  if (count == 0) return pid;
  ::waitpid(pid, nullptr, 0);
  return config::ErrnoStatus(error, fmt::format("cannot execute {}", argv.front()));
}

}  // namespace omninode::testbed
