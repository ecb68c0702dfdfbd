#ifndef OMNINODE_COMMON_RPC_SERVE_LOCAL_LISTENER_H_
#define OMNINODE_COMMON_RPC_SERVE_LOCAL_LISTENER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <thread>

#include <absl/status/statusor.h>

#include "common/rpc/serve/local_peer.h"

namespace grpc {
class Server;
}
namespace omninode::telemetry {
class Logger;
}

namespace omninode::rpc {

// The admin Unix socket: accepts connections of this user and of root, asks the kernel who they
// are, and hands them to a gRPC server. Everybody else is closed and logged.
//
// Owns a thread and the socket file. The server, the table and the logger outlive it; stop it
// before the server is shut down.
class LocalListener final {
 public:
  static constexpr std::size_t kMaxPathBytes = 107;  // sun_path with its NUL

  // Makes the folder of `path` (0700) if it is missing. KEY_FILE_MODE when others can enter it;
  // UNAVAILABLE when somebody listens there or the socket cannot be made. A socket file that
  // nobody listens on is replaced.
  static absl::StatusOr<std::unique_ptr<LocalListener>> Listen(const std::string& path,
                                                               grpc::Server& server,
                                                               LocalPeerTable& table,
                                                               telemetry::Logger& logger);
  ~LocalListener();
  LocalListener(const LocalListener&) = delete;
  LocalListener& operator=(const LocalListener&) = delete;

  // Whether a process of `uid` may come in when we run as `own`.
  static bool Admits(uid_t uid, uid_t own) { return uid == own || uid == 0; }

 private:
  LocalListener(std::string path, int listen_fd, int stop_fd, grpc::Server& server,
                LocalPeerTable& table, telemetry::Logger& logger);
  void Run();
  void Accept();

  const std::string path_;
  const int listen_fd_;
  const int stop_fd_;  // an eventfd that ends the thread
  grpc::Server& server_;
  LocalPeerTable& table_;
  telemetry::Logger& logger_;
  std::thread thread_;  // last: starts when everything above is there
};

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_SERVE_LOCAL_LISTENER_H_
