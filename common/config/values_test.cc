#include "common/config/values.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/exit_code.h"
#include "common/base/status.h"

namespace omninode::config {
namespace {

Schema TestSchema() {
  auto schema = Schema::Create(
      "registry", "s",
      {StringOption("name", "n", "h"), BoolOption("on", true, "h"),
       UintOption("size", 3, 1, 9, "h"),
       DurationOption("ttl", absl::Seconds(30), absl::Seconds(1), absl::Hours(1), "h"),
       AddressOption("listen", "127.0.0.1:0", "h"), AddressOption("peer", "", "h"),
       ListOption("tags", {"a", "b"}, 4, "h"), Secret(StringOption("password", "", "h")),
       Required(PathOption("data_dir", "", "h"))});
  EXPECT_TRUE(schema.ok()) << schema.status();
  return *std::move(schema);
}

TEST(Values, BeginWithTheDefaults) {
  const Values values(TestSchema());
  EXPECT_EQ(values.GetString("name"), "n");
  EXPECT_TRUE(values.GetBool("on"));
  EXPECT_EQ(values.GetUint("size"), 3u);
  EXPECT_EQ(values.GetDuration("ttl"), absl::Seconds(30));
  EXPECT_EQ(values.GetAddress("listen").port(), 0);
  EXPECT_FALSE(values.Has("peer"));
  EXPECT_FALSE(values.Has("data_dir"));
  EXPECT_THAT(values.GetList("tags"), testing::ElementsAre("a", "b"));
  EXPECT_EQ(values.At("ttl").source, Source::kDefault);
}

TEST(Values, RememberWhereAValueComesFrom) {
  Values values(TestSchema());
  ASSERT_TRUE(values.Set("ttl", {{"5s"}}, Source::kFile, "registry.yaml:7").ok());
  EXPECT_EQ(values.GetDuration("ttl"), absl::Seconds(5));
  EXPECT_EQ(values.At("ttl").origin, "registry.yaml:7");
  const absl::Status status = values.Problem("ttl", "is shorter than the beat");
  EXPECT_EQ(Message(status), "registry.yaml:7: ttl: is shorter than the beat");
  EXPECT_EQ(ExitCodeFor(status), ExitCode::kConfiguration);

  ASSERT_TRUE(values.Set("ttl", {{"6s"}}, Source::kFlag, "--ttl").ok());
  EXPECT_EQ(ExitCodeFor(values.Problem("ttl", "x")), ExitCode::kUsage);
  EXPECT_EQ(Message(values.Problem("ttl", "x")), "--ttl: x");
}

TEST(Values, KeepTheOldValueWhenTheNewOneIsBad) {
  Values values(TestSchema());
  EXPECT_FALSE(values.Set("size", {{"10"}}, Source::kFlag, "--size").ok());
  EXPECT_EQ(values.GetUint("size"), 3u);
  EXPECT_EQ(values.At("size").source, Source::kDefault);
}

// T54.
TEST(Values, DoNotRepeatABadSecret) {
  Values values(TestSchema());
  const absl::Status status = values.Set("password", {{"canary", "x"}}, Source::kFile, "f:1");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.ToString().find("canary"), std::string::npos);
}

TEST(ValuesDeathTest, AbortOnMistakesOfTheCode) {
  const Values values(TestSchema());
  EXPECT_DEATH(values.GetString("nmae"), "check");
  EXPECT_DEATH(values.GetUint("name"), "check");
  EXPECT_DEATH(values.GetAddress("peer"), "check");
}

}  // namespace
}  // namespace omninode::config
