#ifndef OMNINODE_COMMON_RPC_TRANSPORT_SERVER_H_
#define OMNINODE_COMMON_RPC_TRANSPORT_SERVER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

namespace grpc {
class Server;
class ServerCredentials;
class Service;
}  // namespace grpc

namespace omninode::rpc {

// What a listener bears before it refuses.
struct ServerLimits {
  int max_receive_message_bytes = 256 * 1024;
  int max_metadata_bytes = 8 * 1024;
  int max_concurrent_streams = 100;  // per connection
  int max_threads = 32;              // of synchronous handlers; beyond: RESOURCE_EXHAUSTED
  // Of connections and messages on their way. gRPC looks at a message's length only when all of it
  // has arrived; beyond this it stops reading, and ends calls.
  std::size_t max_memory_bytes = std::size_t{512} * 1024 * 1024;
  absl::Duration handshake_timeout = absl::Seconds(5);
  absl::Duration max_connection_idle = absl::Minutes(5);
  // Forces a new handshake, and with it a fresh check of the peer's certificate.
  absl::Duration max_connection_age = absl::Minutes(30);
  absl::Duration max_connection_age_grace = absl::Seconds(30);
  absl::Duration keepalive_time = absl::Seconds(20);
  absl::Duration keepalive_timeout = absl::Seconds(5);
  absl::Duration min_ping_interval = absl::Seconds(10);
};

struct ServerOptions {
  std::string address;  // "127.0.0.1:7110", port 0: a free one; empty: LocalListener brings peers
  std::shared_ptr<grpc::ServerCredentials> credentials;  // null only without an address
  std::vector<grpc::Service*> services;                  // outlive the server
  ServerLimits limits = {};
  bool reflection = false;
};

// A running gRPC server with the health service. Thread-safe. The destructor shuts down without
// grace.
class Server final {
 public:
  // UNAVAILABLE, naming the address and the cause, when it cannot listen there.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const { return port_; }                       // 0 without an address
  const std::string& address() const { return address_; }  // with the port that was bound

  // What the health service says; serving from the start.
  void SetServing(bool serving);

  // Not serving; no new connections and calls; calls in progress have `grace` to end and are
  // cancelled then. Returns when all have ended. End streams before (StreamRegistry::EndAll), or
  // they use up the grace. Later calls return at once.
  void Shutdown(absl::Duration grace);

  grpc::Server& grpc() { return *server_; }

 private:
  Server(std::shared_ptr<grpc::ServerCredentials> credentials, std::unique_ptr<grpc::Server> server,
         std::string address, int port);

  const std::shared_ptr<grpc::ServerCredentials> credentials_;  // asked at each handshake
  const std::unique_ptr<grpc::Server> server_;
  const std::string address_;
  const int port_;
};

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_TRANSPORT_SERVER_H_
