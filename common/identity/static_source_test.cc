#include "common/identity/static_source.h"

#include <vector>

#include <gtest/gtest.h>

#include "common/identity/testing/test_authority.h"

namespace omninode::identity {
namespace {

X509SvidPtr Share(X509Svid svid) { return std::make_shared<const X509Svid>(std::move(svid)); }

TEST(StaticSourceTest, IsEmptyUntilSet) {
  const TestAuthority authority("td");
  StaticSvidSource source;
  EXPECT_EQ(source.Current(), nullptr);
  const X509SvidPtr svid = Share(authority.Issue("/a"));
  source.Set(svid);
  EXPECT_EQ(source.Current(), svid);
  EXPECT_EQ(StaticSvidSource(svid).Current(), svid);
}

TEST(StaticSourceTest, SubscribersHearOfEveryLaterValue) {
  const TestAuthority authority("td");
  StaticTrustSource source(authority.Trust(1));
  std::vector<std::uint64_t> heard;
  Subscription subscription = source.Subscribe([&](const TrustStatePtr& trust) {
    EXPECT_EQ(source.Current(), trust);
    heard.push_back(trust->sequence);
  });
  source.Set(authority.Trust(2));
  source.Set(authority.Trust(3));
  subscription.Reset();
  source.Set(authority.Trust(4));
  EXPECT_EQ(heard, (std::vector<std::uint64_t>{2, 3}));
}

TEST(StaticSourceTest, IsUsableThroughItsInterface) {
  const TestAuthority authority("td");
  StaticTrustSource source;
  TrustSource& interface = source;
  int calls = 0;
  const Subscription subscription = interface.Subscribe([&](const TrustStatePtr&) { ++calls; });
  source.Set(authority.Trust());
  EXPECT_EQ(calls, 1);
  EXPECT_NE(interface.Current(), nullptr);
}

}  // namespace
}  // namespace omninode::identity
