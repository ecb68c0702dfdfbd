#include "common/directory/health.h"

#include <gtest/gtest.h>

namespace omninode::directory {
namespace {

TEST(HealthTest, ParsesEveryNameItGives) {
  for (const Health health : {Health::kServing, Health::kDegraded, Health::kNotServing}) {
    EXPECT_EQ(ParseHealth(NameOf(health)), health);
  }
  EXPECT_EQ(NameOf(Health::kNotServing), "not_serving");
}

TEST(HealthTest, KnowsNoOtherName) {
  EXPECT_EQ(ParseHealth("SERVING"), std::nullopt);
  EXPECT_EQ(ParseHealth(""), std::nullopt);
}

}  // namespace
}  // namespace omninode::directory
