#include "common/runtime/signals.h"

#include <cerrno>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/base/check.h"

namespace omninode::runtime {
namespace {

sigset_t SetOf(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

}  // namespace

void BlockSignals() {
  const sigset_t set = SetOf({SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGXFSZ});
  OMNI_CHECK(::pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
}

absl::StatusOr<std::unique_ptr<SignalWaiter>> SignalWaiter::Create() {
  // SIGPIPE and SIGXFSZ stay blocked and unread: a write to a closed socket, or to a file beyond a
  // limit of its size, then just fails.
  const sigset_t set = SetOf({SIGTERM, SIGINT, SIGHUP});
  config::FileDescriptor signals(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.valid()) return config::ErrnoStatus(errno, "cannot wait for signals");
  config::FileDescriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return config::ErrnoStatus(errno, "cannot wait for signals");
  return std::unique_ptr<SignalWaiter>(new SignalWaiter(std::move(signals), std::move(wake)));
}

StopRequest SignalWaiter::Wait(const std::function<void()>& on_hangup) {
  while (true) {
    if (auto requested = Requested()) return *std::move(requested);
    pollfd sources[] = {{signals_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    ::poll(sources, 2, -1);
    signalfd_siginfo info{};
    if (::read(signals_.get(), &info, sizeof info) != sizeof info) continue;
    if (info.ssi_signo == SIGHUP) {
      on_hangup();
    } else {
      return {info.ssi_signo == SIGTERM ? "SIGTERM" : "SIGINT", absl::OkStatus()};
    }
  }
}

void SignalWaiter::RequestStop(absl::Status status) {
  MutexLock lock(mutex_);
  if (requested_.has_value()) return;
  requested_ = StopRequest{"request", std::move(status)};
  // Under the lock, so that Wait cannot return, and its caller destroy this, in between. Does not
  // block and cannot fail: the counter is at most one.
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = ::write(wake_.get(), &one, sizeof one);
}

bool SignalWaiter::StopPending() const {
  sigset_t pending;
  sigemptyset(&pending);
  ::sigpending(&pending);
  return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1 ||
         Requested().has_value();
}

std::optional<StopRequest> SignalWaiter::Requested() const {
  MutexLock lock(mutex_);
  return requested_;
}

}  // namespace omninode::runtime
