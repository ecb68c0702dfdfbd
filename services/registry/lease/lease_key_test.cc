#include "services/registry/lease/lease_key.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "common/crypto/hmac.h"

namespace omninode::registry {
namespace {

directory::NodeRef Ref(std::string_view ns, std::string_view id) {
  return {NamespaceName::Parse(ns).value(), NodeId::Parse(id).value()};
}

const std::string kSecret(32, 's');

TEST(LeaseKeyTest, IsHkdfOverTheDocumentedInfo) {
  using namespace std::string_literals;
  const std::string info = "\x00\x11omninode-lease-v1\x00\x01"s + "a\x00\x02"s + "n1"s +
                           "\x00\x00\x00\x00\x00\x00\x00\x07"s +
                           "\x00\x00\x00\x00\x00\x00\x20\x03"s;
  EXPECT_EQ(LeaseKey(kSecret, Ref("a", "n1"), 7, LeaseHandle(2, 3)),
            crypto::HkdfSha256(kSecret, "", info, 32));
}

TEST(LeaseKeyTest, HasThirtyTwoBytes) {
  EXPECT_EQ(LeaseKey(kSecret, Ref("a", "n1"), 1, LeaseHandle(1, 0)).size(), kLeaseKeyBytes);
}

TEST(LeaseKeyTest, EveryInputMakesAnotherKey) {
  const std::set<std::string> keys = {
      LeaseKey(kSecret, Ref("a", "n1"), 1, LeaseHandle(1, 0)),
      LeaseKey(std::string(32, 't'), Ref("a", "n1"), 1, LeaseHandle(1, 0)),
      LeaseKey(kSecret, Ref("b", "n1"), 1, LeaseHandle(1, 0)),
      LeaseKey(kSecret, Ref("a", "n2"), 1, LeaseHandle(1, 0)),
      LeaseKey(kSecret, Ref("a", "n1"), 2, LeaseHandle(1, 0)),
      LeaseKey(kSecret, Ref("a", "n1"), 1, LeaseHandle(1, 1)),
  };
  EXPECT_EQ(keys.size(), 6u);
}

TEST(LeaseKeyTest, NoByteMovesFromNamespaceToId) {
  EXPECT_NE(LeaseKey(kSecret, Ref("ab", "c"), 1, LeaseHandle(1, 0)),
            LeaseKey(kSecret, Ref("a", "bc"), 1, LeaseHandle(1, 0)));
}

}  // namespace
}  // namespace omninode::registry
