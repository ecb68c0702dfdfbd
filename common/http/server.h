#ifndef OMNINODE_COMMON_HTTP_SERVER_H_
#define OMNINODE_COMMON_HTTP_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/http/response.h"

namespace omninode::http {

inline constexpr std::size_t kMaxConnections = 32;
inline constexpr std::uint32_t kMaxHeaderBytes = 8 * 1024;
inline constexpr absl::Duration kRequestTimeout = absl::Seconds(5);

// Makes the response to GET of one path; the query is not looked at. Runs on the server's thread.
using Handler = std::function<Response()>;
using Handlers = std::map<std::string, Handler, std::less<>>;

// A small HTTP/1.1 server. GET and HEAD of a known path are answered by its handler; else 404, 405
// (another method), 431 (header above kMaxHeaderBytes), 400 (not HTTP, or a body). A connection
// beyond kMaxConnections is closed at once; one that takes longer than the request timeout to
// send a request or to take the answer is closed.
//
// Thread-safe. The destructor stops it. Handlers must outlive it.
class Server final {
 public:
  struct Options {
    std::string host = "127.0.0.1";  // a numeric address
    std::uint16_t port = 0;          // 0: a free one
    absl::Duration request_timeout = kRequestTimeout;
  };

  // Listens when it returns. UNAVAILABLE when the port is taken, INVALID_ARGUMENT for an address
  // that is none of this host's.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Options& options, Handlers handlers);

  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  std::size_t connections() const;

  // Listens no more, drops idle connections, finishes answers in progress (each within the request
  // timeout) and joins the thread. Again: nothing.
  void Stop();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace omninode::http

#endif  // OMNINODE_COMMON_HTTP_SERVER_H_
