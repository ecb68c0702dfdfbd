#include "common/runtime/admin_endpoint.h"

#include "common/base/status.h"

namespace omninode::runtime {
namespace {

constexpr char kReadyMetric[] = "omninode_ready";

http::Response Readiness(telemetry::Health& health) {
  return {health.Ready() ? 200u : 503u, "application/json", health.Json() + "\n"};
}

}  // namespace

std::vector<telemetry::MetricDefinition> AdminEndpoint::Definitions() {
  return {{kReadyMetric, telemetry::MetricType::kGauge,
           "1 when /readyz says ready, else 0; alert when it stays 0.", "1"}};
}

absl::StatusOr<std::unique_ptr<AdminEndpoint>> AdminEndpoint::Start(const config::HostPort& listen,
                                                                    telemetry::Metrics& metrics,
                                                                    telemetry::Health& health) {
  telemetry::Gauge ready = metrics.GetGauge(kReadyMetric);
  http::Handlers handlers;
  handlers["/livez"] = [] { return http::Response{.body = "ok\n"}; };
  handlers["/readyz"] = [&health] { return Readiness(health); };
  handlers["/metrics"] = [&metrics, &health, ready]() mutable {
    ready.Set(health.Ready() ? 1 : 0);
    return http::Response{200, std::string(telemetry::Metrics::kContentType), metrics.Render()};
  };
  auto server =
      http::Server::Start({.host = listen.host(), .port = listen.port()}, std::move(handlers));
  if (!server.ok()) return Annotate(server.status(), "admin endpoint");
  return std::unique_ptr<AdminEndpoint>(new AdminEndpoint(listen, *std::move(server)));
}

std::string AdminEndpoint::address() const { return listen_.WithPort(server_->port()).ToString(); }

}  // namespace omninode::runtime
