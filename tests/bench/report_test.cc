#include "tests/bench/report.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace omninode::bench {
namespace {

Report Example() {
  return {.scenario = "R1",
          .figure = 5123.4567,
          .unit = "registrations/s",
          .latency = {10.5, 20.25, 30},
          .cpu_us_per_op = 150.5,
          .fraction_of_ceiling = 0.21,
          .conditions = {.seconds = 10,
                         .in_flight = 100,
                         .nodes = 1000,
                         .algorithm = "p256",
                         .operations = 51234,
                         .errors = 2,
                         .ceiling = 24000,
                         .ceiling_unit = "verifications/s",
                         .cpus = 2,
                         .versions = {{"grpc", "1.51.1"}}},
          .runs = {{{"in_flight", 1}, {"p95_ms", 0.5}}, {{"in_flight", 100}, {"p95_ms", 20.25}}},
          .more = {{"first_per_s", 2500.5}}};
}

TEST(ReportTest, TheJsonIsOneObjectWithTheKeysThatScriptsRead) {
  const auto json = nlohmann::json::parse(ToJson(Example()));
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["scenario"], "R1");
  EXPECT_EQ(json["figure"], 5123.457);
  EXPECT_EQ(json["unit"], "registrations/s");
  EXPECT_EQ(json["p50_ms"], 10.5);
  EXPECT_EQ(json["p95_ms"], 20.25);
  EXPECT_EQ(json["p99_ms"], 30);
  EXPECT_EQ(json["cpu_us_per_op"], 150.5);
  EXPECT_EQ(json["fraction_of_ceiling"], 0.21);
  EXPECT_EQ(json["seconds"], 10);
  EXPECT_EQ(json["in_flight"], 100);
  EXPECT_EQ(json["watchers"], 0);
  EXPECT_EQ(json["nodes"], 1000);
  EXPECT_EQ(json["algorithm"], "p256");
  EXPECT_EQ(json["operations"], 51234);
  EXPECT_EQ(json["errors"], 2);
  EXPECT_EQ(json["ceiling"], 24000);
  EXPECT_EQ(json["ceiling_unit"], "verifications/s");
  EXPECT_EQ(json["cpus"], 2);
  EXPECT_EQ(json["versions"]["grpc"], "1.51.1");
  EXPECT_EQ(json["first_per_s"], 2500.5);
  ASSERT_EQ(json["runs"].size(), 2u);
  EXPECT_EQ(json["runs"][0]["in_flight"], 1);
  EXPECT_EQ(json["runs"][1]["p95_ms"], 20.25);
}

TEST(ReportTest, TheTableHasARowPerRunAndEndsWithTheFigure) {
  const std::string table = ToTable(Example());
  EXPECT_EQ(std::ranges::count(table, '\n'), 5) << table;
  EXPECT_NE(table.find("in_flight   p95_ms\n        1      0.5\n      100     20.2\n"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("first_per_s: 2500\n"), std::string::npos) << table;
  EXPECT_NE(table.find("R1: 5123 registrations/s (p256; P50 10.5"), std::string::npos) << table;
}

TEST(ReportTest, NamesWhatItWasMeasuredWith) {
  for (const auto& [name, version] : Versions()) EXPECT_FALSE(version.empty()) << name;
}

}  // namespace
}  // namespace omninode::bench
