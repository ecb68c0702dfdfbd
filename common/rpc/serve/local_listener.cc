#include "common/rpc/serve/local_listener.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/server_posix.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/concurrency/thread_name.h"
#include "common/telemetry/log.h"

namespace omninode::rpc {
namespace {

absl::Status SystemError(std::string_view what, const std::string& path) {
  return Error(absl::StatusCode::kUnavailable, "{} {}: {}", what, path, std::strerror(errno));
}

absl::Status CheckFolder(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path();
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return SystemError("cannot make the folder", folder);
  }
  struct stat info = {};
  if (::lstat(folder.c_str(), &info) != 0) return SystemError("cannot look at", folder);
  if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & 0077) != 0) {
    return Reject(Reason::kKeyFileMode, "{} must be a folder of this user with mode 0700", folder);
  }
  return absl::OkStatus();
}

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// A file left by a process that was killed is removed; a socket in use is left alone.
absl::Status RemoveStale(const std::string& path, const sockaddr_un& address) {
  struct stat info = {};
  if (::lstat(path.c_str(), &info) != 0) return absl::OkStatus();
  if (!S_ISSOCK(info.st_mode)) {
    return Error(absl::StatusCode::kUnavailable, "{} exists and is not a socket", path);
  }
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return SystemError("cannot make a socket for", path);
  const int result = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int error = result == 0 ? 0 : errno;
  ::close(probe);
  if (error == 0) {
    return Error(absl::StatusCode::kUnavailable, "another process listens on {}", path);
  }
  if (error == ECONNREFUSED) ::unlink(path.c_str());
  return absl::OkStatus();
}

absl::StatusOr<int> OpenSocket(const std::string& path) {
  const sockaddr_un address = AddressOf(path);
  OMNI_RETURN_IF_ERROR(RemoveStale(path, address));
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return SystemError("cannot make a socket for", path);
  const bool listening =
      ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      ::chmod(path.c_str(), 0600) == 0 && ::listen(fd, 16) == 0;
  if (listening) return fd;
  absl::Status error = SystemError("cannot listen on", path);
  ::close(fd);
  return error;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LocalListener>> LocalListener::Listen(const std::string& path,
                                                                     grpc::Server& server,
                                                                     LocalPeerTable& table,
                                                                     telemetry::Logger& logger) {
  if (path.empty() || path.size() > kMaxPathBytes) {
    return Error(absl::StatusCode::kUnavailable, "the path of a Unix socket has 1 to {} bytes: {}",
                 kMaxPathBytes, path);
  }
  OMNI_RETURN_IF_ERROR(CheckFolder(path));
  OMNI_ASSIGN_OR_RETURN(const int listen_fd, OpenSocket(path));
  const int stop_fd = ::eventfd(0, EFD_CLOEXEC);
  return std::unique_ptr<LocalListener>(
      new LocalListener(path, listen_fd, stop_fd, server, table, logger));
}

LocalListener::LocalListener(std::string path, int listen_fd, int stop_fd, grpc::Server& server,
                             LocalPeerTable& table, telemetry::Logger& logger)
    : path_(std::move(path)),
      listen_fd_(listen_fd),
      stop_fd_(stop_fd),
      server_(server),
      table_(table),
      logger_(logger),
      thread_([this] { Run(); }) {}

LocalListener::~LocalListener() {
  const std::uint64_t one = 1;
  while (::write(stop_fd_, &one, sizeof(one)) < 0 && errno == EINTR) {
  }
  thread_.join();
  ::unlink(path_.c_str());
  ::close(listen_fd_);
  ::close(stop_fd_);
}

void LocalListener::Run() {
  SetThreadName("omni-local");
  std::array<pollfd, 2> fds = {{{listen_fd_, POLLIN, 0}, {stop_fd_, POLLIN, 0}}};
  for (;;) {
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
    if ((fds[1].revents & POLLIN) != 0) return;
    if ((fds[0].revents & POLLIN) != 0) Accept();
  }
}

void LocalListener::Accept() {
  const int fd = ::accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) {
    if (errno != EMFILE && errno != ENFILE) return;
    // Out of descriptors: the connection stays queued, and asking at once again would spin.
    logger_.Error("local_accept_failed", {{"error", std::string_view(std::strerror(errno))}});
    ::poll(nullptr, 0, 100);
    return;
  }
  ucred credentials = {};
  socklen_t size = sizeof(credentials);
  const bool known = ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0;
  if (!known || !Admits(credentials.uid, ::geteuid())) {
    logger_.Warning("local_peer_refused", {{"uid", credentials.uid}, {"pid", credentials.pid}});
    ::close(fd);
    return;
  }
  table_.Accepted(fd, {credentials.pid, credentials.uid});
  grpc::AddInsecureChannelFromFd(&server_, fd);  // owns fd now
}

}  // namespace omninode::rpc
