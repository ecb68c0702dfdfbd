#include "common/http/client.h"

#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/status.h"
#include "common/http/raw_socket.h"
#include "common/http/server.h"

namespace omninode::http {
namespace {

using testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(10);

std::unique_ptr<Server> StartServer() {
  Handlers handlers = {
      {"/readyz",
       [] {
         return Response{503, "application/json", R"({"ready":false})"};
       }},
      {"/fits", [] { return Response{.body = std::string(kMaxResponseBytes, 'x')}; }},
      {"/too_big", [] { return Response{.body = std::string(kMaxResponseBytes + 1, 'x')}; }},
  };
  auto server = Server::Start({}, std::move(handlers));
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

// A server that accepts one connection, reads something and says `answer`.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer)
      : thread_([this, answer = std::move(answer)] {
          const RawSocket connection = listener_.Accept();
          connection.ReadSome();
          connection.Send(answer);
        }) {}
  ~OneAnswer() { thread_.join(); }
  std::uint16_t port() const { return listener_.port(); }

 private:
  RawSocket listener_ = RawSocket::Listen();
  std::thread thread_;
};

TEST(Client, ReturnsAnyStatusAsResponse) {
  const auto server = StartServer();
  const auto response = Get("127.0.0.1", server->port(), "/readyz", kPatience);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 503u);
  EXPECT_EQ(response->content_type, "application/json");
  EXPECT_EQ(response->body, R"({"ready":false})");
  EXPECT_EQ(Get("127.0.0.1", server->port(), "/x", kPatience)->status, 404u);
}

TEST(Client, FindsAHostByName) {
  const auto server = StartServer();
  const auto response = Get("localhost", server->port(), "/readyz", kPatience);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 503u);
}

TEST(Client, ReadsABodyAsBigAsTheBoundAndNoBigger) {
  const auto server = StartServer();
  const auto fits = Get("127.0.0.1", server->port(), "/fits", kPatience);
  ASSERT_TRUE(fits.ok()) << fits.status();
  EXPECT_EQ(fits->body.size(), kMaxResponseBytes);
  EXPECT_EQ(Get("127.0.0.1", server->port(), "/too_big", kPatience).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(Client, SaysWhereNobodyListens) {
  const std::uint16_t port = RawSocket::Listen().port();  // free again
  const auto response = Get("127.0.0.1", port, "/", kPatience);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(Message(response.status())),
              HasSubstr(fmt::format("http://127.0.0.1:{}: cannot connect", port)));
}

TEST(Client, SaysWhenTheHostIsNotFound) {
  const auto response = Get("no such host", 1, "/", kPatience);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
}

TEST(Client, GivesUpAtTheDeadline) {
  const RawSocket silent = RawSocket::Listen();  // the kernel connects, nobody answers
  const auto response = Get("127.0.0.1", silent.port(), "/", absl::Milliseconds(50));
  EXPECT_EQ(response.status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(Client, RefusesWhatIsNotHttp) {
  const OneAnswer server("SSH-2.0-OpenSSH_9.2\r\n");
  EXPECT_EQ(Get("127.0.0.1", server.port(), "/", kPatience).status().code(),
            absl::StatusCode::kInternal);
}

TEST(Client, ReportsAConnectionThatEndsWithinTheAnswer) {
  const OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(Get("127.0.0.1", server.port(), "/", kPatience).status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace omninode::http
