#include "common/http/server.h"

#include <atomic>
#include <optional>
#include <set>
#include <string_view>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include "common/base/encoding.h"
#include "common/base/status.h"
#include "common/concurrency/thread_name.h"

namespace omninode::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using boost::system::error_code;
using Tcp = asio::ip::tcp;
using Reply = bhttp::response<bhttp::string_body>;

// How long to wait before the next accept when the process is out of descriptors.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

class Session;

// What the sessions share. Used on the server's thread only, but for the two atomics.
struct Shared {
  Handlers handlers;
  std::chrono::nanoseconds timeout;
  std::set<Session*> sessions;
  bool stopping = false;
  std::atomic<std::size_t> connections{0};
};

// One connection: read a header, answer, again. Keeps itself alive by the operation it waits for.
class Session final : public std::enable_shared_from_this<Session> {
 public:
  Session(Tcp::socket socket, Shared& shared) : stream_(std::move(socket)), shared_(shared) {
    shared_.sessions.insert(this);
    shared_.connections = shared_.sessions.size();
  }
  ~Session() {
    shared_.sessions.erase(this);
    shared_.connections = shared_.sessions.size();
  }

  void Read() {
    parser_.emplace();
    parser_->header_limit(kMaxHeaderBytes);
    reading_ = true;
    stream_.expires_after(shared_.timeout);
    bhttp::async_read_header(stream_, buffer_, *parser_,
                             [self = shared_from_this()](error_code error, std::size_t size) {
                               self->reading_ = false;
                               self->OnHeader(error, size);
                             });
  }

  // An answer in progress goes out first.
  void Stop() {
    if (reading_) stream_.close();
  }

 private:
  void OnHeader(error_code error, std::size_t size) {
    // Beast counts the limit from the end of the request line.
    if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow ||
        size > kMaxHeaderBytes) {
      return Answer({431, "text/plain", "header too large\n"}, false);
    }
    if (error.category() == make_error_code(bhttp::error::bad_version).category() &&
        error != bhttp::error::end_of_stream) {
      return Answer({400, "text/plain", "not HTTP/1.1\n"}, false);
    }
    if (error) return;  // closed, timed out or stopped

    const auto& request = parser_->get();
    is_head_ = request.method() == bhttp::verb::head;
    if (!is_head_ && request.method() != bhttp::verb::get) {
      return Answer({405, "text/plain", "only GET and HEAD\n"}, false);
    }
    if (!parser_->is_done()) {
      return Answer({400, "text/plain", "a request with a body is not served here\n"}, false);
    }
    const std::string_view target(request.target().data(), request.target().size());
    const auto handler = shared_.handlers.find(target.substr(0, target.find('?')));
    if (handler == shared_.handlers.end()) {
      return Answer({404, "text/plain", "no such path\n"}, request.keep_alive());
    }
    Answer(handler->second(), request.keep_alive());
  }

  void Answer(Response response, bool keep_alive) {
    const bool again = keep_alive && !shared_.stopping;
    reply_.emplace(static_cast<bhttp::status>(response.status), 11);
    reply_->set(bhttp::field::content_type, response.content_type);
    reply_->set(bhttp::field::cache_control, "no-store");
    reply_->set("X-Content-Type-Options", "nosniff");
    if (response.status == 405) reply_->set(bhttp::field::allow, "GET, HEAD");
    reply_->keep_alive(again);
    reply_->body() = std::move(response.body);
    reply_->prepare_payload();
    if (is_head_) reply_->body().clear();  // after the length of what GET would give was set
    stream_.expires_after(shared_.timeout);
    bhttp::async_write(stream_, *reply_,
                       [self = shared_from_this(), again](error_code error, std::size_t) {
                         self->OnWritten(error, again);
                       });
  }

  void OnWritten(error_code error, bool again) {
    if (error) return;
    if (again && !shared_.stopping) return Read();
    stream_.socket().shutdown(Tcp::socket::shutdown_send, error);
    Drain();
  }

  // Reads what the peer still sends until it closes: closing with unread bytes would reset the
  // connection, and the peer might never see the answer. Bounded by the timeout.
  void Drain() {
    if (shared_.stopping) return;
    reading_ = true;
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(kMaxHeaderBytes),
                            [self = shared_from_this()](error_code error, std::size_t) {
                              self->reading_ = false;
                              if (!error) self->Drain();
                            });
  }

  beast::tcp_stream stream_;
  Shared& shared_;
  beast::flat_buffer buffer_{2 * kMaxHeaderBytes};
  std::optional<bhttp::request_parser<bhttp::empty_body>> parser_;
  std::optional<Reply> reply_;
  bool is_head_ = false;
  bool reading_ = false;
};

}  // namespace

class Server::Impl {
 public:
  Impl(Handlers handlers, absl::Duration timeout) : acceptor_(io_), pause_(io_) {
    shared_.handlers = std::move(handlers);
    shared_.timeout = absl::ToChronoNanoseconds(timeout);
  }
  ~Impl() { Stop(); }

  absl::Status Listen(const Options& options) {
    error_code error;
    const auto address = asio::ip::make_address(options.host, error);
    if (error) {
      return Error(absl::StatusCode::kInvalidArgument, "'{}' is not a numeric address",
                   EscapeForDisplay(options.host, 64));
    }
    const Tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      const bool foreign = error == asio::error::address_family_not_supported ||
                           error == boost::system::errc::address_not_available;
      return Error(foreign ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kUnavailable,
                   "cannot listen on {}:{}: {}; choose another address or stop what uses it",
                   options.host, options.port, error.message());
    }
    port_ = acceptor_.local_endpoint(error).port();
    return absl::OkStatus();
  }

  void Run() {
    Accept();
    thread_ = std::thread([this] {
      SetThreadName("admin-http");
      io_.run();
    });
  }

  void Stop() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] {
      shared_.stopping = true;
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
      for (Session* session : shared_.sessions) session->Stop();
    });
    thread_.join();
  }

  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return shared_.connections; }

 private:
  void Accept() {
    acceptor_.async_accept([this](error_code error, Tcp::socket socket) {
      if (shared_.stopping) return;
      if (error) return AcceptLater();
      // One too many is closed by going out of scope here.
      if (shared_.sessions.size() < kMaxConnections) {
        std::make_shared<Session>(std::move(socket), shared_)->Read();
      }
      Accept();
    });
  }

  void AcceptLater() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](error_code error) {
      if (!error && !shared_.stopping) Accept();
    });
  }

  Shared shared_;  // before io_: sessions still waiting are destroyed with it
  asio::io_context io_{1};
  Tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Options& options, Handlers handlers) {
  auto impl = std::make_unique<Impl>(std::move(handlers), options.request_timeout);
  OMNI_RETURN_IF_ERROR(impl->Listen(options));
  impl->Run();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const { return impl_->port(); }
std::size_t Server::connections() const { return impl_->connections(); }
void Server::Stop() { impl_->Stop(); }

}  // namespace omninode::http
