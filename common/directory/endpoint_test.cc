#include "common/directory/endpoint.h"

#include <string>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/directory/test_nodes.h"

namespace omninode::directory {
namespace {

absl::StatusOr<Endpoint> Create(std::string url) {
  return Endpoint::Create(testing::Attribute("grpc"), std::move(url));
}

TEST(EndpointTest, SplitsAUrlIntoItsParts) {
  const auto endpoint = Create("grpcs://node-7.eu.example:8443/path?q=a:b@c#f").value();
  EXPECT_EQ(endpoint.scheme(), "grpcs");
  EXPECT_EQ(endpoint.host(), "node-7.eu.example");
  EXPECT_EQ(endpoint.port(), 8443);
  EXPECT_EQ(endpoint.name().value(), "grpc");
}

TEST(EndpointTest, AUrlNeedsNoPort) {
  const auto endpoint = Create("https://example.org/x:1").value();
  EXPECT_EQ(endpoint.host(), "example.org");
  EXPECT_EQ(endpoint.port(), std::nullopt);
}

TEST(EndpointTest, TakesAnIpv6AddressInBrackets) {
  const auto endpoint = Create("http://[2001:db8::1]:80").value();
  EXPECT_EQ(endpoint.host(), "2001:db8::1");
  EXPECT_EQ(endpoint.port(), 80);
  EXPECT_EQ(Create("http://[::1]").value().port(), std::nullopt);
}

TEST(EndpointTest, TakesTheBoundsOfThePort) {
  EXPECT_EQ(Create("http://h:1").value().port(), 1);
  EXPECT_EQ(Create("http://h:65535").value().port(), 65535);
}

TEST(EndpointTest, RefusesUrlsThatParsersReadDifferently) {
  for (const auto* url : {"",
                          "host",
                          "//host",
                          "http:",
                          "http:/h",
                          "http://",
                          "http:///path",
                          "http://:80",
                          "http://h:",
                          "http://h:0",
                          "http://h:65536",
                          "http://h:8a",
                          "http://h:1:2",
                          "http://h:-1",
                          "HTTP://h",
                          "1http://h",
                          "ht tp://h",
                          "+http://h",
                          "http://a b",
                          "http://h/\x7f",
                          "http://h/\n",
                          "http://h\\evil",
                          "http://h/\"x\"",
                          "http://h/{id}",
                          "http://h/<x>",
                          "http://h/a|b",
                          "http://h%2e",
                          "http://ü",
                          "http://[::1",
                          "http://[::1]x",
                          "http://[]",
                          "http://[1.2.3.4]",
                          "http://[::1%25eth0]",
                          "http://h,i",
                          "unix:///run/x.sock"}) {
    const auto endpoint = Create(url);
    ASSERT_FALSE(endpoint.ok()) << url;
    EXPECT_EQ(ReasonOf(endpoint.status()), Reason::kArgumentInvalid) << url;
  }
}

TEST(EndpointTest, RefusesUserInformationWithoutRepeatingIt) {
  for (const auto* url : {"http://user:hunter2@host", "http://hunter2@host:80/x",
                          "user:hunter2@host", "http://[::1]hunter2@host"}) {
    const auto endpoint = Create(url);
    ASSERT_FALSE(endpoint.ok()) << url;
    EXPECT_EQ(Message(endpoint.status()).find("hunter2"), std::string_view::npos) << url;
  }
}

TEST(EndpointTest, TakesAUrlAtTheBoundAndRefusesOneByteMore) {
  const std::string start = "http://h/";
  const std::string url = start + std::string(Endpoint::kMaxUrlBytes - start.size(), 'x');
  EXPECT_EQ(Create(url).value().url(), url);
  EXPECT_EQ(ReasonOf(Create(url + "x").status()), Reason::kArgumentInvalid);
}

}  // namespace
}  // namespace omninode::directory
