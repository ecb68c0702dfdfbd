#include "common/rpc/serve/local_peer.h"

#include <gtest/gtest.h>

namespace omninode::rpc {
namespace {

TEST(LocalPeerTableTest, FindsWhoIsBehindAConnection) {
  LocalPeerTable table;
  table.Accepted(8, {.pid = 77, .uid = 1000});
  EXPECT_EQ(table.Find("fd:8"), (LocalPeer{.pid = 77, .uid = 1000}));
}

TEST(LocalPeerTableTest, ADescriptorUsedAgainIsTheNewProcess) {
  LocalPeerTable table;
  table.Accepted(8, {.pid = 77, .uid = 1000});
  table.Accepted(8, {.pid = 78, .uid = 0});
  EXPECT_EQ(table.Find("fd:8"), (LocalPeer{.pid = 78, .uid = 0}));
}

TEST(LocalPeerTableTest, NobodyElseIsLocal) {
  LocalPeerTable table;
  table.Accepted(8, {.pid = 77, .uid = 1000});
  for (const char* peer : {"", "fd:", "fd:9", "fd:-8", "fd:8x", "unix:", "ipv4:127.0.0.1:8",
                           "fd:18446744073709551616", " fd:8"}) {
    EXPECT_EQ(table.Find(peer), std::nullopt) << peer;
  }
}

}  // namespace
}  // namespace omninode::rpc
