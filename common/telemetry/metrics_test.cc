#include "common/telemetry/metrics.h"

#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace omninode::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<MetricDefinition> TestDefinitions() {
  return {
      {"omninode_x_total", MetricType::kCounter, "Xs.", "1", {{"kind", {"a", "b"}}}},
      {"omninode_open_total", MetricType::kCounter, "Opens.", "1", {{"namespace", {}}}},
      {"omninode_size_bytes", MetricType::kGauge, "Size.", "bytes"},
      {"omninode_wait_seconds", MetricType::kHistogram, "Waits.", "seconds", {}, {0.1, 1}},
  };
}

class MetricsTest : public testing::Test {
 protected:
  MetricsTest() { EXPECT_TRUE(metrics_.Declare(TestDefinitions()).ok()); }
  Metrics metrics_;
};

TEST_F(MetricsTest, RendersCountersGaugesAndHistograms) {
  metrics_.GetCounter("omninode_x_total", {"a"}).Increment();
  metrics_.GetCounter("omninode_x_total", {"a"}).Increment(2);
  metrics_.GetGauge("omninode_size_bytes").Set(10);
  metrics_.GetGauge("omninode_size_bytes").Add(-3);
  metrics_.GetHistogram("omninode_wait_seconds").Observe(0.5);
  const std::string text = metrics_.Render();
  EXPECT_THAT(text, HasSubstr("# HELP omninode_x_total Xs.\n# TYPE omninode_x_total counter\n"
                              "omninode_x_total{kind=\"a\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("omninode_size_bytes 7\n"));
  EXPECT_THAT(text, HasSubstr("omninode_wait_seconds_bucket{le=\"0.1\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("omninode_wait_seconds_bucket{le=\"1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("omninode_wait_seconds_count 1\n"));
}

TEST_F(MetricsTest, DropsAndCountsAValueOutsideTheClosedList) {
  metrics_.GetCounter("omninode_x_total", {"c"}).Increment();
  const std::string text = metrics_.Render();
  EXPECT_THAT(text, Not(HasSubstr("kind=\"c\"")));
  EXPECT_THAT(text,
              HasSubstr("omninode_metric_series_dropped_total{family=\"omninode_x_total\"} 1"));
}

TEST_F(MetricsTest, HoldsAsManySeriesAsTheBoundAndNoMore) {
  for (std::size_t i = 0; i < kMaxSeriesPerFamily; ++i) {
    metrics_.GetCounter("omninode_open_total", {std::to_string(i)}).Increment();
  }
  EXPECT_THAT(metrics_.Render(), Not(HasSubstr("omninode_metric_series_dropped_total{")));
  metrics_.GetCounter("omninode_open_total", {"one more"}).Increment();
  const std::string text = metrics_.Render();
  EXPECT_THAT(text, Not(HasSubstr("one more")));
  EXPECT_THAT(text, HasSubstr("dropped_total{family=\"omninode_open_total\"} 1"));

  // Those inside go on counting.
  metrics_.GetCounter("omninode_open_total", {"0"}).Increment();
  EXPECT_THAT(metrics_.Render(), HasSubstr("omninode_open_total{namespace=\"0\"} 2\n"));
}

TEST_F(MetricsTest, EscapesLabelValues) {
  metrics_.GetCounter("omninode_open_total", {"a\"\n\\"}).Increment();
  EXPECT_THAT(metrics_.Render(), HasSubstr(R"(namespace="a\"\n\\")"));
}

TEST_F(MetricsTest, RefusesAFamilyThatIsTakenOrNotValid) {
  const auto again = TestDefinitions();
  EXPECT_EQ(metrics_.Declare(again).code(), absl::StatusCode::kAlreadyExists);
  const MetricDefinition bad{"x", MetricType::kGauge, "X.", "1"};
  EXPECT_EQ(metrics_.Declare(std::span(&bad, 1)).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(MetricsTest, ListsWhatWasDeclared) {
  std::vector<std::string> names;
  for (const auto& definition : metrics_.Definitions()) names.push_back(definition.name);
  EXPECT_THAT(names, testing::ElementsAre("omninode_metric_series_dropped_total",
                                          "omninode_x_total", "omninode_open_total",
                                          "omninode_size_bytes", "omninode_wait_seconds"));
}

TEST_F(MetricsTest, CountsFromManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Counter counter = metrics_.GetCounter("omninode_x_total", {"b"});
      for (int i = 0; i < 1000; ++i) counter.Increment();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(metrics_.Render(), HasSubstr("omninode_x_total{kind=\"b\"} 4000\n"));
}

TEST(MetricHandles, DoNothingWhenDefaultConstructed) {
  Counter().Increment();
  Gauge().Set(1);
  Gauge().Add(1);
  Histogram().Observe(1);
}

using MetricsDeathTest = MetricsTest;

TEST_F(MetricsDeathTest, AbortsOnMistakesOfTheCode) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(metrics_.GetCounter("omninode_unknown_total"), "check");
  EXPECT_DEATH(metrics_.GetGauge("omninode_x_total", {"a"}), "check");
  EXPECT_DEATH(metrics_.GetCounter("omninode_x_total"), "check");
}

}  // namespace
}  // namespace omninode::telemetry
