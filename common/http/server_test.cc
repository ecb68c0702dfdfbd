#include "common/http/server.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/status.h"
#include "common/http/raw_socket.h"

namespace omninode::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr char kClose[] = "Connection: close\r\n\r\n";

class ServerTest : public testing::Test {
 protected:
  void Start(absl::Duration timeout = kRequestTimeout) {
    Handlers handlers = {
        {"/hello", [] { return Response{.body = "hi\n"}; }},
        {"/down",
         [] {
           return Response{503, "application/json", "{}"};
         }},
        {"/big", [] { return Response{.body = std::string(16 << 20, 'x')}; }},
    };
    auto server = Server::Start({.request_timeout = timeout}, std::move(handlers));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  // The whole answer to one request on a connection of its own.
  std::string Ask(std::string_view request) {
    const auto socket = RawSocket::Connect(server_->port());
    EXPECT_TRUE(socket.connected());
    EXPECT_TRUE(socket.Send(request));
    return socket.ReadAll();
  }
  std::string Ask(std::string_view method, std::string_view target) {
    return Ask(fmt::format("{} {} HTTP/1.1\r\nHost: x\r\n{}", method, target, kClose));
  }

  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersGetByPathAndIgnoresTheQuery) {
  Start();
  const std::string answer = Ask("GET", "/hello?x=1");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhi\n"));
}

TEST_F(ServerTest, PassesOnTheHandlersStatusAndType) {
  Start();
  const std::string answer = Ask("GET", "/down");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/json\r\n"));
}

TEST_F(ServerTest, AnswersHeadWithTheLengthButWithoutTheBody) {
  Start();
  const std::string answer = Ask("HEAD", "/hello");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(ServerTest, Refuses404ForOtherPaths) {
  Start();
  EXPECT_THAT(Ask("GET", "/"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Ask("GET", "/hello/"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Ask("GET", "/../hello"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(ServerTest, Refuses405ForOtherMethodsAndSaysWhichWork) {
  Start();
  const std::string answer = Ask("POST", "/hello");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(ServerTest, RefusesABodyBeforeItIsSent) {
  Start();
  EXPECT_THAT(Ask("GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Ask("GET /hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(ServerTest, Refuses400ForWhatIsNotHttp) {
  Start();
  EXPECT_THAT(Ask("\x16\x03\x01 hello tls\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST_F(ServerTest, TakesAHeaderAsLongAsTheBoundAndNoLonger) {
  Start();
  const std::string begin = "GET /hello HTTP/1.1\r\nX: ";
  const std::string end = std::string("\r\n") + kClose;
  const std::string padding(kMaxHeaderBytes - begin.size() - end.size(), 'x');
  EXPECT_THAT(Ask(begin + padding + end), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Ask(begin + padding + "x" + end), StartsWith("HTTP/1.1 431 "));
}

TEST_F(ServerTest, AnswersSeveralRequestsOnOneConnection) {
  Start();
  const auto socket = RawSocket::Connect(server_->port());
  ASSERT_TRUE(socket.Send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_THAT(socket.ReadSome(), EndsWith("hi\n"));
  // Two in one packet.
  ASSERT_TRUE(socket.Send("GET /down HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\n" +
                          std::string(kClose)));
  const std::string rest = socket.ReadAll();
  EXPECT_THAT(rest, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(rest, EndsWith("hi\n"));
}

TEST_F(ServerTest, ClosesAConnectionThatSaysNothingInTime) {
  Start(absl::Milliseconds(50));
  const auto socket = RawSocket::Connect(server_->port());
  ASSERT_TRUE(socket.Send("GET /hel"));
  EXPECT_THAT(socket.ReadAll(), IsEmpty());
}

TEST_F(ServerTest, ClosesAConnectionThatDoesNotTakeItsAnswer) {
  Start(absl::Milliseconds(50));
  const auto socket = RawSocket::Connect(server_->port());
  ASSERT_TRUE(socket.Send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n"));
  while (server_->connections() == 0) std::this_thread::yield();
  while (server_->connections() != 0) std::this_thread::yield();
  EXPECT_LT(socket.ReadAll().size(), std::size_t{16} << 20);
}

TEST_F(ServerTest, HoldsAsManyConnectionsAsTheBoundAndNoMore) {
  Start();
  std::vector<RawSocket> sockets;
  for (std::size_t i = 0; i < kMaxConnections; ++i) {
    sockets.push_back(RawSocket::Connect(server_->port()));
    // An answer proves that the connection was taken, and it stays open.
    ASSERT_TRUE(sockets.back().Send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"));
    ASSERT_THAT(sockets.back().ReadSome(), HasSubstr("200 OK"));
  }
  EXPECT_EQ(server_->connections(), kMaxConnections);
  EXPECT_THAT(RawSocket::Connect(server_->port()).ReadAll(), IsEmpty());

  sockets.pop_back();
  while (server_->connections() == kMaxConnections) std::this_thread::yield();
  EXPECT_THAT(Ask("GET", "/hello"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, StopClosesIdleConnectionsAndTheListener) {
  Start();
  const std::uint16_t port = server_->port();
  const auto idle = RawSocket::Connect(port);
  ASSERT_TRUE(idle.Send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"));
  ASSERT_THAT(idle.ReadSome(), HasSubstr("200 OK"));
  server_->Stop();
  EXPECT_THAT(idle.ReadAll(), IsEmpty());
  EXPECT_FALSE(RawSocket::Connect(port).connected());
  server_->Stop();
}

TEST(Server, StopFinishesAnAnswerInProgress) {
  std::atomic<bool> entered = false;
  std::atomic<bool> stopping = false;
  Handlers handlers = {{"/slow", [&] {
                          entered = true;
                          while (!stopping) std::this_thread::yield();
                          return Response{.body = "done\n"};
                        }}};
  auto server = Server::Start({}, std::move(handlers));
  ASSERT_TRUE(server.ok()) << server.status();
  const auto socket = RawSocket::Connect((*server)->port());
  ASSERT_TRUE(socket.Send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"));
  while (!entered) std::this_thread::yield();
  std::thread stopper([&] {
    stopping = true;
    (*server)->Stop();
  });
  EXPECT_THAT(socket.ReadAll(), EndsWith("done\n"));
  stopper.join();
}

TEST(Server, SaysWhenThePortIsTaken) {
  auto first = Server::Start({}, {});
  ASSERT_TRUE(first.ok());
  const auto second = Server::Start({.port = (*first)->port()}, {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(Message(second.status())),
              HasSubstr(fmt::format("127.0.0.1:{}", (*first)->port())));
}

TEST(Server, RefusesAnAddressThatIsNoneOfThisHost) {
  EXPECT_EQ(Server::Start({.host = "admin.example"}, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Server::Start({.host = "192.0.2.1"}, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace omninode::http
