#include "services/attestor/api/rate_limit.h"

#include <gtest/gtest.h>

namespace omninode::attestor {
namespace {

const MonotonicTime kStart = MonotonicTime::SinceBoot(absl::Hours(1));

void Fail(RateLimit& limit, const std::string& address, int times, MonotonicTime now) {
  for (int i = 0; i < times; ++i) limit.Failed(address, now);
}

TEST(RateLimit, LetsAnUnknownAddressIn) {
  const RateLimit limit;
  EXPECT_EQ(limit.Wait("ipv4:10.0.0.7", kStart), std::nullopt);
}

TEST(RateLimit, BearsTheBurstAndNotOneMore) {
  RateLimit limit;
  Fail(limit, "a", RateLimit::kBurst - 1, kStart);
  EXPECT_EQ(limit.Wait("a", kStart), std::nullopt);
  Fail(limit, "a", 1, kStart);
  EXPECT_EQ(limit.Wait("a", kStart), absl::Seconds(1));
}

TEST(RateLimit, ThenAllowsOneFailurePerInterval) {
  RateLimit limit;
  Fail(limit, "a", RateLimit::kBurst, kStart);
  const MonotonicTime later = kStart + absl::Seconds(1);
  EXPECT_EQ(limit.Wait("a", later), std::nullopt);
  limit.Failed("a", later);
  EXPECT_EQ(limit.Wait("a", later), absl::Seconds(1));
  EXPECT_EQ(limit.Wait("a", later + absl::Milliseconds(400)), absl::Milliseconds(600));
}

TEST(RateLimit, ForgivesEverythingInTime) {
  RateLimit limit;
  Fail(limit, "a", RateLimit::kBurst, kStart);
  const MonotonicTime later = kStart + RateLimit::kBurst * RateLimit::kInterval;
  Fail(limit, "a", RateLimit::kBurst - 1, later);
  EXPECT_EQ(limit.Wait("a", later), std::nullopt);
}

TEST(RateLimit, FailuresTogetherDoNotAddUpBeyondTheBurst) {
  RateLimit limit;
  Fail(limit, "a", 100, kStart);
  EXPECT_EQ(limit.Wait("a", kStart), absl::Seconds(1));
}

TEST(RateLimit, DoesNotPunishOthers) {
  RateLimit limit;
  Fail(limit, "a", RateLimit::kBurst, kStart);
  EXPECT_EQ(limit.Wait("b", kStart), std::nullopt);
}

TEST(RateLimit, ForgetsTheForgivenFirstAndThenTheNearest) {
  RateLimit limit;
  for (std::size_t i = 0; i < RateLimit::kMaxAddresses - 1; ++i) {
    limit.Failed("address" + std::to_string(i), kStart);
  }
  Fail(limit, "persistent", RateLimit::kBurst, kStart);
  EXPECT_EQ(limit.size(), RateLimit::kMaxAddresses);

  limit.Failed("one more", kStart);
  EXPECT_EQ(limit.size(), RateLimit::kMaxAddresses);
  EXPECT_NE(limit.Wait("persistent", kStart), std::nullopt);

  limit.Failed("another", kStart + absl::Seconds(2));
  EXPECT_EQ(limit.size(), 2U);
}

TEST(AddressKey, LeavesOutThePort) {
  EXPECT_EQ(AddressKey("ipv4:10.0.0.7:41234"), "ipv4:10.0.0.7");
  EXPECT_EQ(AddressKey("ipv4:10.0.0.7:41235"), AddressKey("ipv4:10.0.0.7:41234"));
}

TEST(AddressKey, TakesTheNetworkOfAnIpv6Address) {
  const std::string key = AddressKey("ipv6:%5B2001:db8:0:1::7%5D:41234");
  EXPECT_EQ(key, "ipv6:20010db800000001");
  EXPECT_EQ(AddressKey("ipv6:[2001:db8:0:1:ffff::1]:9"), key);
  EXPECT_NE(AddressKey("ipv6:[2001:db8:0:2::7]:41234"), key);
}

TEST(AddressKey, KeepsWhatItCannotRead) {
  EXPECT_EQ(AddressKey("unix:"), "unix:");
  EXPECT_EQ(AddressKey("ipv6:%5Bfe80::1%25eth0%5D:1"), "ipv6:fe80::1%25eth0");
  EXPECT_EQ(AddressKey(""), "");
}

}  // namespace
}  // namespace omninode::attestor
