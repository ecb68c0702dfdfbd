#include "tools/testbed/port.h"

#include <set>

#include <gtest/gtest.h>

namespace omninode::testbed {
namespace {

TEST(PortPoolTest, NeverGivesAPortTwiceWhileItIsClaimed) {
  PortPool a;
  PortPool b;
  std::set<std::uint16_t> ports;
  for (int i = 0; i < 200; ++i) {
    const auto port = (i % 2 == 0 ? a : b).Take();
    ASSERT_TRUE(port.ok()) << port.status();
    EXPECT_TRUE(ports.insert(*port).second) << *port;
  }
}

TEST(PortPoolTest, StaysBelowThePortsOfOutgoingConnections) {
  PortPool pool;
  const auto port = pool.Take();
  ASSERT_TRUE(port.ok()) << port.status();
  EXPECT_GE(*port, PortPool::kFirst);
  EXPECT_LT(*port, std::max<int>(FirstOutgoingPort(), PortPool::kFirst + 1000));
}

}  // namespace
}  // namespace omninode::testbed
