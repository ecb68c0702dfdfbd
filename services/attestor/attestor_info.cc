#include "common/enrollment/membership_metrics.h"
#include "common/rpc/serve/guard.h"
#include "common/rpc/serve/roles_table.h"
#include "services/attestor/attestor_server.h"

namespace omninode::attestor {

runtime::ServiceInfo AttestorInfo() {
  runtime::ServiceInfo info;
  info.name = "attestor";
  info.summary = "the door for newcomers: relays their evidence to the bootstrap service";
  info.admin_port = 8100;
  info.options = {
      config::Required(config::PathOption("identity_dir", "",
                                          "identity folder, from `omnictl identity issue --out`")),
      config::AddressOption("listen", "127.0.0.1:7100", "where to serve gRPC; port 0: a free one"),
      config::StringOption("advertise", "",
                           "host:port under which others reach it; empty: where it listens"),
      config::BoolOption("reflection", false,
                         "describe the API to anyone, here without a certificate"),
      config::DurationOption("trust.max_age", absl::Seconds(10), absl::Seconds(2), absl::Hours(1),
                             "without word from bootstrap for so long, it is not ready"),
      config::UintOption("max_attestations", 512, 1, 10'000,
                         "attestations under way together; more are shed"),
  };
  info.metrics = rpc::Guard::Definitions();
  for (auto& each : enrollment::MembershipMetricDefinitions()) info.metrics.push_back(each);
  info.rpcs = rpc::RpcNames();
  // Whoever finds a way to make it grow ends this process, not the machine.
  info.limits = {.data_bytes = 256ULL * 1024 * 1024, .open_files = 4096};
  return info;
}

}  // namespace omninode::attestor
