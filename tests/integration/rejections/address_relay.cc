#include "tests/integration/rejections/address_relay.h"

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/status.h"
#include "common/config/host_port.h"

namespace omninode::rejections {
namespace {

using config::FileDescriptor;

sockaddr_in AddressOf(const std::string& host, std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

bool Bind(int fd, const std::string& host) {
  const sockaddr_in address = AddressOf(host, 0);
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

FileDescriptor NewSocket() {
  return FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

}  // namespace

absl::StatusOr<std::unique_ptr<AddressRelay>> AddressRelay::Start(std::string_view target,
                                                                  const std::string& source) {
  OMNI_ASSIGN_OR_RETURN(const auto to, config::HostPort::Parse(target));
  FileDescriptor listener = NewSocket();
  FileDescriptor stop(::eventfd(0, EFD_CLOEXEC));
  sockaddr_in bound = {};
  socklen_t size = sizeof(bound);
  if (!listener.valid() || !stop.valid() || !Bind(listener.get(), "127.0.0.1") ||
      ::listen(listener.get(), SOMAXCONN) != 0 ||
      ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return config::ErrnoStatus(errno, "relay");
  }
  return std::unique_ptr<AddressRelay>(
      new AddressRelay(std::move(listener), std::move(stop),
                       fmt::format("127.0.0.1:{}", ntohs(bound.sin_port)), source, to.port()));
}

AddressRelay::AddressRelay(FileDescriptor listener, FileDescriptor stop, std::string address,
                           std::string source, std::uint16_t target_port)
    : listener_(std::move(listener)),
      stop_(std::move(stop)),
      address_(std::move(address)),
      source_(std::move(source)),
      target_port_(target_port),
      thread_([this] { Run(); }) {}

AddressRelay::~AddressRelay() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(stop_.get(), &one, sizeof(one));
  thread_.join();
}

void AddressRelay::Run() {
  while (true) {
    std::vector<pollfd> fds = {{stop_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (const Pair& pair : pairs_) {
      fds.push_back({pair.client.get(), POLLIN, 0});
      fds.push_back({pair.server.get(), POLLIN, 0});
    }
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
    if (fds[0].revents != 0) return;
    std::size_t at = 2;
    for (auto pair = pairs_.begin(); pair != pairs_.end(); at += 2) {
      bool alive = true;
      if (fds[at].revents != 0) alive = Carry(pair->client.get(), pair->server.get());
      if (alive && fds[at + 1].revents != 0) {
        alive = Carry(pair->server.get(), pair->client.get());
      }
      pair = alive ? std::next(pair) : pairs_.erase(pair);
    }
    if (fds[1].revents != 0) Accept();
  }
}

void AddressRelay::Accept() {
  FileDescriptor client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  FileDescriptor server = NewSocket();
  const sockaddr_in target = AddressOf("127.0.0.1", target_port_);
  if (!client.valid() || !server.valid() || !Bind(server.get(), source_) ||
      ::connect(server.get(), reinterpret_cast<const sockaddr*>(&target), sizeof(target)) != 0) {
    return;
  }
  pairs_.push_back({std::move(client), std::move(server)});
}

bool AddressRelay::Carry(int from, int to) {
  std::array<char, 16 * 1024> buffer;
  const ssize_t size = ::recv(from, buffer.data(), buffer.size(), 0);
  for (ssize_t sent = 0; sent < size;) {
    const ssize_t more =
        ::send(to, buffer.data() + sent, static_cast<std::size_t>(size - sent), MSG_NOSIGNAL);
    if (more <= 0) return false;
    sent += more;
  }
  return size > 0;
}

}  // namespace omninode::rejections
