#include "common/runtime/admin_endpoint.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/base/exit_code.h"
#include "common/base/status.h"
#include "common/http/client.h"

namespace omninode::runtime {
namespace {

using telemetry::HealthState;
using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class AdminEndpointTest : public testing::Test {
 protected:
  AdminEndpointTest() {
    EXPECT_TRUE(metrics_.Declare(AdminEndpoint::Definitions()).ok());
    auto endpoint =
        AdminEndpoint::Start(*config::HostPort::Parse("127.0.0.1:0"), metrics_, health_);
    EXPECT_TRUE(endpoint.ok()) << endpoint.status();
    endpoint_ = *std::move(endpoint);
  }
  http::Response Get(std::string_view target) {
    const auto address = config::HostPort::Parse(endpoint_->address());
    auto response = http::Get(address->host(), address->port(), target, absl::Seconds(10));
    EXPECT_TRUE(response.ok()) << response.status();
    return *std::move(response);
  }

  telemetry::Metrics metrics_;
  telemetry::Health health_;
  std::unique_ptr<AdminEndpoint> endpoint_;
};

TEST_F(AdminEndpointTest, LivesWithoutBeingReady) {
  EXPECT_EQ(Get("/livez").status, 200u);
  EXPECT_EQ(Get("/readyz").status, 503u);
  EXPECT_EQ(Get("/").status, 404u);
}

TEST_F(AdminEndpointTest, SaysWhyItIsNotReady) {
  health_.Set("store", HealthState::kFailed, "disk full", kNow);
  const http::Response not_ready = Get("/readyz");
  EXPECT_EQ(not_ready.status, 503u);
  EXPECT_EQ(not_ready.content_type, "application/json");
  EXPECT_EQ(nlohmann::json::parse(not_ready.body)["conditions"][0]["detail"], "disk full");
  EXPECT_THAT(Get("/metrics").body, HasSubstr("\nomninode_ready 0\n"));

  health_.Set("store", HealthState::kOk, "", kNow);
  EXPECT_EQ(Get("/readyz").status, 200u);
  const http::Response metrics = Get("/metrics");
  EXPECT_THAT(metrics.content_type, HasSubstr("version=0.0.4"));
  EXPECT_THAT(metrics.body, HasSubstr("\nomninode_ready 1\n"));
}

TEST_F(AdminEndpointTest, SaysWhenThePortIsInUse) {
  telemetry::Metrics metrics;
  ASSERT_TRUE(metrics.Declare(AdminEndpoint::Definitions()).ok());
  const auto second =
      AdminEndpoint::Start(*config::HostPort::Parse(endpoint_->address()), metrics, health_);
  EXPECT_EQ(ExitCodeFor(second.status()), ExitCode::kUnavailable);
  EXPECT_THAT(std::string(Message(second.status())), HasSubstr(endpoint_->address()));
}

}  // namespace
}  // namespace omninode::runtime
