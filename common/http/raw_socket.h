#ifndef OMNINODE_COMMON_HTTP_RAW_SOCKET_H_
#define OMNINODE_COMMON_HTTP_RAW_SOCKET_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace omninode::http {

// For tests: bytes over loopback TCP, to say what a proper client or server never says. Every
// operation gives up after kPatience.
class RawSocket final {
 public:
  static constexpr int kPatienceSeconds = 10;

  static RawSocket Connect(std::uint16_t port) {
    RawSocket socket;
    const sockaddr_in address = Loopback(port);
    if (::connect(socket.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      socket.Close();
    }
    return socket;
  }
  static RawSocket Listen() {
    RawSocket socket;
    const sockaddr_in address = Loopback(0);
    ::bind(socket.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::listen(socket.fd_, 8);
    return socket;
  }

  RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  RawSocket& operator=(RawSocket&&) = delete;
  ~RawSocket() { Close(); }

  bool connected() const { return fd_ >= 0; }
  std::uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

  RawSocket Accept() const { return RawSocket(::accept(fd_, nullptr, nullptr)); }
  bool Send(std::string_view bytes) const {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  // What comes until the peer closes.
  std::string ReadAll() const {
    std::string all;
    for (std::string some = ReadSome(); !some.empty(); some = ReadSome()) all += some;
    return all;
  }
  // Empty when the peer closed.
  std::string ReadSome() const {
    char buffer[4096];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    return got <= 0 ? std::string() : std::string(buffer, static_cast<std::size_t>(got));
  }
  void Close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  RawSocket() : RawSocket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  explicit RawSocket(int fd) : fd_(fd) {
    const timeval patience{kPatienceSeconds, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }
  static sockaddr_in Loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  int fd_;
};

}  // namespace omninode::http

#endif  // OMNINODE_COMMON_HTTP_RAW_SOCKET_H_
