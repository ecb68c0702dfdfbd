#include "tools/testbed/metric_samples.h"

#include <cmath>

#include <gtest/gtest.h>

#include "common/base/status.h"

namespace omninode::testbed {
namespace {

constexpr char kText[] = R"(# HELP omninode_reject_total Rejections.
# TYPE omninode_reject_total counter
omninode_reject_total{service="registry",rpc="a",reason="SIG_INVALID"} 2
omninode_reject_total{service="registry",rpc="b",reason="SIG_INVALID"} 3
omninode_reject_total{service="registry",rpc="b",reason="STALE_SEQUENCE"} 1
omninode_registry_leases 12.5
omninode_rpc_seconds_bucket{le="+Inf"} 4 1700000000000
)";

TEST(MetricSamplesTest, AddsUpWhatHasTheLabels) {
  const auto samples = ParseSamples(kText);
  ASSERT_TRUE(samples.ok()) << samples.status();
  EXPECT_EQ(samples->size(), 5u);
  EXPECT_EQ(SumOf(*samples, "omninode_reject_total"), 6);
  EXPECT_EQ(SumOf(*samples, "omninode_reject_total", {{"reason", "SIG_INVALID"}}), 5);
  EXPECT_EQ(SumOf(*samples, "omninode_reject_total", {{"reason", "SIG_INVALID"}, {"rpc", "a"}}), 2);
  EXPECT_EQ(SumOf(*samples, "omninode_reject_total", {{"reason", "OTHER"}}), 0);
  EXPECT_EQ(SumOf(*samples, "omninode_registry_leases"), 12.5);
  EXPECT_EQ(SumOf(*samples, "omninode_rpc_seconds_bucket", {{"le", "+Inf"}}), 4);
  EXPECT_EQ(SumOf(*samples, "omninode_registry"), 0);
}

TEST(MetricSamplesTest, ReadsEscapesAndInfinity) {
  const auto samples = ParseSamples("m{a=\"x\\\"y\\\\z\\nw\",b=\"\"} +Inf\n");
  ASSERT_TRUE(samples.ok()) << samples.status();
  EXPECT_EQ(samples->front().labels.at("a"), "x\"y\\z\nw");
  EXPECT_EQ(samples->front().labels.at("b"), "");
  EXPECT_TRUE(std::isinf(samples->front().value));
}

TEST(MetricSamplesTest, NamesTheLineThatIsNoSample) {
  for (const char* line : {"m", "m x", "{a=\"b\"} 1", "m{a=b} 1", "m{a=\"b} 1", "m{=\"b\"} 1"}) {
    const auto samples = ParseSamples(std::string("ok 1\n") + line + "\n");
    ASSERT_FALSE(samples.ok()) << line;
    EXPECT_EQ(Message(samples.status()), std::string("line 2 is not a sample: ") + line);
  }
}

}  // namespace
}  // namespace omninode::testbed
