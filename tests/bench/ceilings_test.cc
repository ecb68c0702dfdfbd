#include "tests/bench/ceilings.h"

#include <gtest/gtest.h>

namespace omninode::bench {
namespace {

TEST(CeilingsTest, EveryAlgorithmCanBeMeasured) {
  using crypto::KeyAlgorithm;
  for (const auto algorithm :
       {KeyAlgorithm::kP256, KeyAlgorithm::kRsa2048, KeyAlgorithm::kEd25519}) {
    const auto key = crypto::PrivateKey::Generate(algorithm);
    const auto time = VerifyTime(key, "message", absl::Milliseconds(5));
    ASSERT_TRUE(time.ok()) << time.status();
    EXPECT_GT(*time, absl::Microseconds(1));
    EXPECT_LT(*time, absl::Milliseconds(100));
  }
}

TEST(CeilingsTest, MoreMessagesTakeLonger) {
  const auto one = LoopbackTime(1, 500, 5);
  const auto many = LoopbackTime(200, 500, 5);
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_TRUE(many.ok()) << many.status();
  EXPECT_GT(*many, *one);
}

}  // namespace
}  // namespace omninode::bench
