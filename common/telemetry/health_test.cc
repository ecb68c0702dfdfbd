#include "common/telemetry/health.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace omninode::telemetry {
namespace {

using nlohmann::json;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

TEST(Health, IsNotReadyBeforeAnythingIsKnown) {
  Health health;
  EXPECT_FALSE(health.Ready());
  EXPECT_EQ(health.Json(), R"({"ready":false,"conditions":[]})");
}

TEST(Health, IsReadyWhenNothingHasFailed) {
  Health health;
  health.Set("store", HealthState::kOk, "", kNow);
  health.Set("ca_life", HealthState::kWarning, "50 days left", kNow);
  EXPECT_TRUE(health.Ready());
  health.Set("store", HealthState::kFailed, "disk full", kNow);
  EXPECT_FALSE(health.Ready());
  health.Remove("store");
  EXPECT_TRUE(health.Ready());
}

TEST(Health, RemembersSinceWhenAStateHolds) {
  Health health;
  health.Set("store", HealthState::kFailed, "opening", kNow);
  health.Set("store", HealthState::kFailed, "still opening", kNow + absl::Seconds(5));
  ASSERT_EQ(health.Conditions().size(), 1u);
  EXPECT_EQ(health.Conditions()[0].since, kNow);
  EXPECT_EQ(health.Conditions()[0].detail, "still opening");
  health.Set("store", HealthState::kOk, "", kNow + absl::Seconds(6));
  EXPECT_EQ(health.Conditions()[0].since, kNow + absl::Seconds(6));
}

TEST(Health, TellsPeopleAndProgramsWhyNot) {
  Health health;
  health.Set("store", HealthState::kFailed, "cannot open \"a\"\n", kNow);
  health.Set("clock", HealthState::kOk, "", kNow);
  const json body = json::parse(health.Json());
  EXPECT_EQ(body["ready"], false);
  ASSERT_EQ(body["conditions"].size(), 2u);
  const json expected = {{"name", "store"},
                         {"state", "failed"},
                         {"ok", false},
                         {"detail", "cannot open \"a\"\n"},
                         {"since", "2027-01-15T08:00:00.000Z"}};
  EXPECT_EQ(body["conditions"][1], expected);
}

TEST(Health, CutsLongDetails) {
  Health health;
  health.Set("a", HealthState::kOk, std::string(kMaxHealthDetailBytes, 'x'), kNow);
  EXPECT_EQ(health.Conditions()[0].detail.size(), kMaxHealthDetailBytes);
  health.Set("a", HealthState::kOk, std::string(kMaxHealthDetailBytes + 1, 'x'), kNow);
  EXPECT_EQ(health.Conditions()[0].detail.size(), kMaxHealthDetailBytes);
}

TEST(Health, IsNotReadyWhenMoreConditionsExistThanItHolds) {
  Health health;
  for (std::size_t i = 0; i < kMaxHealthConditions; ++i) {
    EXPECT_TRUE(health.Set(std::to_string(i), HealthState::kOk, "", kNow));
  }
  EXPECT_TRUE(health.Ready());
  EXPECT_FALSE(health.Set("one more", HealthState::kOk, "", kNow));
  EXPECT_FALSE(health.Ready());
  EXPECT_THAT(health.Json(), testing::HasSubstr("more than 64 conditions"));
}

}  // namespace
}  // namespace omninode::telemetry
