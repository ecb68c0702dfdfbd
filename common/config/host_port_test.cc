#include "common/config/host_port.h"

#include <string>

#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::config {
namespace {

TEST(HostPort, ReadsNamesAndAddressesAndWritesThemBack) {
  for (const std::string text :
       {"127.0.0.1:7110", "registry-1.omni.svc:0", "[::1]:65535", "[fe80::1%eth0]:1"}) {
    const auto address = HostPort::Parse(text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(address->ToString(), text);
  }
  EXPECT_EQ(HostPort::Parse("[::1]:7110")->host(), "::1");
  EXPECT_EQ(HostPort::Parse("a:7110")->port(), 7110);
  EXPECT_EQ(HostPort::Parse("[::1]:0")->WithPort(9).ToString(), "[::1]:9");
}

TEST(HostPort, RefusesEverythingElse) {
  for (const std::string text :
       {"", "7110", ":7110", "a:", "a:65536", "a:-1", "a:1x", "::1:7110", "[]:1", "[::1:1",
        "http://a:1", "a b:1", "a\n:1", "[::1/]:1", "a:1:2"}) {
    EXPECT_EQ(ReasonOf(HostPort::Parse(text).status()), Reason::kArgumentInvalid) << text;
  }
}

TEST(HostPort, BoundsTheHostsLength) {
  EXPECT_TRUE(HostPort::Parse(std::string(253, 'a') + ":1").ok());
  EXPECT_FALSE(HostPort::Parse(std::string(254, 'a') + ":1").ok());
}

}  // namespace
}  // namespace omninode::config
