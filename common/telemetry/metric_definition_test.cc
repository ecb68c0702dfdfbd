#include "common/telemetry/metric_definition.h"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/status.h"

namespace omninode::telemetry {
namespace {

MetricDefinition Good() {
  return {"omninode_lease_expired_total",
          MetricType::kCounter,
          "Leases that ran out.",
          "1",
          {{"cause", {"silent", "revoked"}}}};
}

MetricDefinition GoodHistogram() {
  return {"omninode_commit_seconds", MetricType::kHistogram, "Commits.", "seconds", {}, {0.1, 1}};
}

TEST(MetricDefinition, AcceptsWellFormedOnes) {
  EXPECT_TRUE(Validate(Good()).ok());
  EXPECT_TRUE(Validate(GoodHistogram()).ok());
}

TEST(MetricDefinition, RefusesEachBrokenRuleByName) {
  struct Case {
    std::string what;
    std::function<void(MetricDefinition&)> breaks;
  };
  const std::vector<Case> cases = {
      {"foreign prefix", [](auto& d) { d.name = "lease_expired_total"; }},
      {"upper case", [](auto& d) { d.name = "omninode_Lease_total"; }},
      {"counter without _total", [](auto& d) { d.name = "omninode_lease_expired"; }},
      {"gauge with _total", [](auto& d) { d.type = MetricType::kGauge; }},
      {"unit not in the name", [](auto& d) { d.unit = "bytes"; }},
      {"no unit", [](auto& d) { d.unit = ""; }},
      {"no help", [](auto& d) { d.help = ""; }},
      {"label with a dash", [](auto& d) { d.labels[0].name = "the-cause"; }},
      {"label without a name", [](auto& d) { d.labels[0].name = ""; }},
      {"reserved label", [](auto& d) { d.labels[0].name = "__name"; }},
      {"label of histograms", [](auto& d) { d.labels[0].name = "le"; }},
      {"label twice", [](auto& d) { d.labels.push_back(d.labels[0]); }},
      {"counter with buckets", [](auto& d) { d.buckets = {1}; }},
  };
  for (const Case& each : cases) {
    MetricDefinition definition = Good();
    each.breaks(definition);
    const absl::Status status = Validate(definition);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << each.what;
    EXPECT_NE(Message(status).find(definition.name), std::string_view::npos) << status;
  }
}

TEST(MetricDefinition, RefusesBucketsThatDoNotAscend) {
  MetricDefinition definition = GoodHistogram();
  definition.buckets = {1, 1};
  EXPECT_FALSE(Validate(definition).ok());
  definition.buckets = {};
  EXPECT_FALSE(Validate(definition).ok());
}

TEST(MetricDefinition, MakesTheReferenceTable) {
  const std::vector<MetricDefinition> definitions = {Good(), GoodHistogram()};
  EXPECT_EQ(MetricsMarkdown(definitions),
            "| metric | type | unit | labels | meaning |\n|---|---|---|---|---|\n"
            "| `omninode_lease_expired_total` | counter | 1 | `cause` (silent, revoked) | Leases "
            "that ran out. |\n"
            "| `omninode_commit_seconds` | histogram | seconds |  | Commits. |\n");
}

TEST(MetricDefinition, ShowsNoListOfValuesThatIsLongOrSaysNothing) {
  MetricDefinition definition = Good();
  const auto Shows = [&](std::size_t values) {
    definition.labels = {{"x", std::vector<std::string>(values, "value")}};
    return MetricsMarkdown(std::span(&definition, 1)).find("value") != std::string::npos;
  };
  EXPECT_FALSE(Shows(1));
  EXPECT_TRUE(Shows(2));
  EXPECT_TRUE(Shows(12));
  EXPECT_FALSE(Shows(13));
}

TEST(MetricDefinition, EscapesWhatWouldEndATableCell) {
  MetricDefinition definition = Good();
  definition.help = "this | that";
  EXPECT_NE(MetricsMarkdown(std::span(&definition, 1)).find("this \\| that"), std::string::npos);
}

}  // namespace
}  // namespace omninode::telemetry
