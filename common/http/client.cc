#include "common/http/client.h"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include "common/base/encoding.h"
#include "common/base/status.h"

namespace omninode::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

// Runs one asynchronous operation to its end; the stream's deadline ends it, if nothing else does.
class Operation {
 public:
  explicit Operation(asio::io_context& io) : io_(io) {}

  auto Handler() {
    return [this](error_code result, auto&&...) { result_ = result; };
  }
  error_code Run() {
    io_.restart();
    io_.run();
    return result_;
  }

 private:
  asio::io_context& io_;
  error_code result_;
};

absl::Status Failed(const std::string& where, std::string_view what, error_code error) {
  auto code = absl::StatusCode::kUnavailable;
  if (error == beast::error::timeout) {
    code = absl::StatusCode::kDeadlineExceeded;
  } else if (error == bhttp::error::body_limit) {
    code = absl::StatusCode::kResourceExhausted;
  } else if (error.category() == make_error_code(bhttp::error::bad_version).category() &&
             error != bhttp::error::end_of_stream && error != bhttp::error::partial_message) {
    code = absl::StatusCode::kInternal;
  }
  return Error(code, "{}: {}: {}", where, what, error.message());
}

}  // namespace

absl::StatusOr<Response> Get(const std::string& host, std::uint16_t port, std::string_view target,
                             absl::Duration timeout) {
  const std::string where = fmt::format("http://{}:{}", EscapeForDisplay(host, 256), port);
  asio::io_context io(1);
  error_code error;
  const auto endpoints =
      Tcp::resolver(io).resolve(host, std::to_string(port), Tcp::resolver::numeric_service, error);
  if (error) return Failed(where, "cannot find the host", error);

  beast::tcp_stream stream(io);
  stream.expires_after(absl::ToChronoNanoseconds(timeout));
  Operation connect(io);
  stream.async_connect(endpoints, connect.Handler());
  if ((error = connect.Run())) return Failed(where, "cannot connect", error);

  bhttp::request<bhttp::empty_body> request(bhttp::verb::get,
                                            beast::string_view(target.data(), target.size()), 11);
  request.set(bhttp::field::host, fmt::format("{}:{}", host, port));
  request.set(bhttp::field::connection, "close");
  Operation write(io);
  bhttp::async_write(stream, request, write.Handler());
  if ((error = write.Run())) return Failed(where, "cannot send the request", error);

  beast::flat_buffer buffer;
  bhttp::response_parser<bhttp::string_body> parser;
  parser.body_limit(kMaxResponseBytes);
  // In two steps: this Beast forgets that a declared length is above the limit when the body comes
  // with the header.
  Operation read_header(io);
  bhttp::async_read_header(stream, buffer, parser, read_header.Handler());
  if ((error = read_header.Run())) return Failed(where, "cannot read the answer", error);
  Operation read(io);
  bhttp::async_read(stream, buffer, parser, read.Handler());
  if ((error = read.Run())) return Failed(where, "cannot read the answer", error);

  auto message = parser.release();
  const auto type = message[bhttp::field::content_type];
  return Response{message.result_int(), std::string(type.data(), type.size()),
                  std::move(message.body())};
}

}  // namespace omninode::http
