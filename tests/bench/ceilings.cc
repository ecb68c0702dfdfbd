#include "tests/bench/ceilings.h"

#include <cerrno>
#include <string>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "common/base/status.h"
#include "common/config/file_descriptor.h"
#include "tests/bench/latencies.h"
#include "tools/testbed/wait.h"

namespace omninode::bench {
namespace {

using config::FileDescriptor;

absl::Status SocketError() { return config::ErrnoStatus(errno, "loopback socket"); }

struct SocketPair {
  FileDescriptor sender;
  FileDescriptor receiver;
};

absl::StatusOr<SocketPair> Connect() {
  const FileDescriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (!listener.valid() || ::bind(listener.get(), any, size) != 0 ||
      ::listen(listener.get(), 1) != 0 || ::getsockname(listener.get(), any, &size) != 0) {
    return SocketError();
  }
  FileDescriptor sender(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!sender.valid() || ::connect(sender.get(), any, size) != 0) return SocketError();
  FileDescriptor receiver(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const int on = 1;
  if (!receiver.valid() ||
      ::setsockopt(sender.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0) {
    return SocketError();
  }
  return SocketPair{std::move(sender), std::move(receiver)};
}

absl::Status PassOne(const SocketPair& pair, std::string& buffer) {
  if (::send(pair.sender.get(), buffer.data(), buffer.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(buffer.size())) {
    return SocketError();
  }
  if (::recv(pair.receiver.get(), buffer.data(), buffer.size(), MSG_WAITALL) !=
      static_cast<ssize_t>(buffer.size())) {
    return SocketError();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<absl::Duration> VerifyTime(const crypto::PrivateKey& key, std::string_view message,
                                          absl::Duration length) {
  constexpr int kAtOnce = 16;
  const auto algorithm = crypto::SignatureAlgorithmFor(key.algorithm());
  const std::string signature = key.Sign(message);
  const testbed::StepClock clock;
  int done = 0;
  do {
    for (int i = 0; i < kAtOnce; ++i) {
      OMNI_RETURN_IF_ERROR(key.public_key().Verify(algorithm, message, signature));
    }
    done += kAtOnce;
  } while (clock.elapsed() < length);
  return clock.elapsed() / done;
}

absl::StatusOr<absl::Duration> LoopbackTime(std::size_t messages, std::size_t bytes, int rounds) {
  OMNI_ASSIGN_OR_RETURN(const SocketPair pair, Connect());
  std::string buffer(bytes, 'x');
  Latencies times;
  for (int round = 0; round < rounds; ++round) {
    const testbed::StepClock clock;
    for (std::size_t i = 0; i < messages; ++i) OMNI_RETURN_IF_ERROR(PassOne(pair, buffer));
    times.Add(clock.elapsed());
  }
  return times.Percentile(50);
}

}  // namespace omninode::bench
