#include "tools/omnictl/readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/telemetry/health.h"

namespace omninode::omnictl {
namespace {

using ::testing::ElementsAre;

TEST(ReadinessTest, ReadsWhatOurServicesWrite) {
  telemetry::Health health;
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  health.Set("store", telemetry::HealthState::kOk, "", now);
  health.Set("trust", telemetry::HealthState::kFailed, "no word from \"bootstrap\"", now);
  const auto readiness = ParseReadiness(health.Json());
  ASSERT_TRUE(readiness.ok()) << readiness.status();
  EXPECT_FALSE(readiness->ready);
  EXPECT_THAT(readiness->conditions,
              ElementsAre(Condition{"store", "ok", ""},
                          Condition{"trust", "failed", "no word from \"bootstrap\""}));
}

TEST(ReadinessTest, RefusesWhatIsSomethingElse) {
  for (const std::string_view text :
       {"", "ok", "[]", "{}", R"({"ready":1,"conditions":[]})", R"({"ready":true})",
        R"({"ready":true,"conditions":{}})", R"({"ready":true,"conditions":[1]})",
        R"({"ready":true,"conditions":[{"name":"x"}]})", "<html></html>"}) {
    EXPECT_EQ(ReasonOf(ParseReadiness(text).status()), Reason::kMsgMalformed) << text;
  }
}

std::string WithConditions(std::size_t count) {
  std::string json = R"({"ready":true,"conditions":[)";
  for (std::size_t i = 0; i < count; ++i) {
    json += fmt::format(R"({}{{"name":"c{}","state":"ok"}})", i > 0 ? "," : "", i);
  }
  return json + "]}";
}

TEST(ReadinessTest, BoundsTheConditions) {
  EXPECT_TRUE(ParseReadiness(WithConditions(kMaxConditions)).ok());
  EXPECT_FALSE(ParseReadiness(WithConditions(kMaxConditions + 1)).ok());
}

}  // namespace
}  // namespace omninode::omnictl
