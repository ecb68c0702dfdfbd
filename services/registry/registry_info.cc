#include "common/enrollment/membership_metrics.h"
#include "common/rpc/serve/guard.h"
#include "common/rpc/serve/roles_table.h"
#include "services/registry/registry_metrics.h"
#include "services/registry/registry_server.h"

namespace omninode::registry {

runtime::ServiceInfo RegistryInfo() {
  runtime::ServiceInfo info;
  info.name = "registry";
  info.summary = "the live directory of a network: registrations, leases, the topology stream";
  info.admin_port = 8110;
  info.options = {
      config::Required(config::PathOption(
          "data_dir", "", "folder of the database; made with mode 0700 if it is not there")),
      config::Required(config::PathOption("identity_dir", "",
                                          "identity folder, from `omnictl identity issue --out`")),
      config::AddressOption("listen", "127.0.0.1:7110", "where to serve gRPC; port 0: a free one"),
      config::StringOption("advertise", "",
                           "host:port under which others reach it; empty: where it listens"),
      config::BoolOption("reflection", false, "describe the API to anyone with a certificate"),
      config::DurationOption("admission.max_clock_skew", absl::Seconds(120), absl::Seconds(1),
                             absl::Hours(24),
                             "how far signed_at of an envelope may be from this clock"),
      config::UintOption("admission.max_in_flight", 512, 1, 100'000,
                         "registrations between arrival and answer; more are shed"),
      config::DurationOption("trust.max_age", absl::Seconds(10), absl::Seconds(2), absl::Hours(1),
                             "without word from bootstrap for so long, writes are refused"),
      config::UintOption("history.max_groups", 100'000, 1'000, 10'000'000,
                         "commit groups kept in the change log"),
      config::UintOption("lease.brake_min_nodes", 10, 1, 1'000'000,
                         "mass-expiry brake: needs so many nodes to expire within a minute"),
      config::UintOption("lease.brake_percent", 50, 1, 100,
                         "mass-expiry brake: and so many percent of the namespace"),
  };
  info.metrics = RegistryMetrics::Definitions();
  const auto add = [&info](const std::vector<telemetry::MetricDefinition>& definitions) {
    info.metrics.insert(info.metrics.end(), definitions.begin(), definitions.end());
  };
  add(CommitMetrics::Definitions());
  add(enrollment::MembershipMetricDefinitions());
  add(rpc::Guard::Definitions());
  info.rpcs = rpc::RpcNames();
  return info;
}

}  // namespace omninode::registry
