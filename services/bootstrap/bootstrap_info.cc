#include "common/base/status.h"
#include "common/config/host_port.h"
#include "common/rpc/serve/guard.h"
#include "common/rpc/serve/local_listener.h"
#include "common/rpc/serve/roles_table.h"
#include "services/bootstrap/authority/authority.h"
#include "services/bootstrap/bootstrap_metrics.h"
#include "services/bootstrap/bootstrap_server.h"
#include "services/bootstrap/entry/entry.h"

namespace omninode::bootstrap {
namespace {

constexpr std::size_t kMaxRegistries = 16;

std::vector<config::Option> Options() {
  return {
      config::Required(config::PathOption(
          "data_dir", "", "folder of the authority's key and the database; `init` makes it")),
      config::StringOption("network", "", "init: the new network's id, like `prod`"),
      config::StringOption("trust_domain", "",
                           "init: the new network's trust domain, like `example.org`"),
      config::DurationOption("ca_ttl", kDefaultCaTtl, kMinCaTtl, kMaxCaTtl,
                             "init: life of the authority's certificate"),
      config::AddressOption("listen", "127.0.0.1:7101", "where to serve gRPC; port 0: a free one"),
      config::StringOption("advertise", "",
                           "host:port under which members reach it; empty: where it listens"),
      config::StringOption("instance", "bootstrap-1",
                           "this instance's name in its SPIFFE ID and in the directory"),
      config::PathOption("admin_socket", "",
                         "Unix socket for first identities, in a folder of mode 0700; empty: "
                         "admin.sock in data_dir"),
      config::StringOption("attestor_address", "127.0.0.1:7100",
                           "host:port of the attestor that token files name"),
      config::ListOption("registry_addresses", {"127.0.0.1:7110"}, kMaxRegistries,
                         "host:port of the registry's instances, as members are told"),
      config::DurationOption("svid_ttl", absl::Hours(1), kShortestSvidTtl, kMaxSvidTtl,
                             "life of SVIDs that no entry decides about"),
      config::DurationOption("min_svid_ttl", kDefaultMinSvidTtl, kShortestSvidTtl, kMaxSvidTtl,
                             "shortest life that entries and requests may ask for"),
      config::BoolOption("reflection", false, "describe the API to anyone with a certificate"),
  };
}

absl::Status CheckAddress(const config::Values& values, std::string_view key,
                          const std::string& text) {
  const auto parsed = config::HostPort::Parse(text);
  if (parsed.ok()) return absl::OkStatus();
  return values.Problem(key, Message(parsed.status()));
}

// Rules between options, and of texts that are sent to others, who could not complain here.
absl::Status Check(const config::Values& values) {
  if (values.GetDuration("svid_ttl") < values.GetDuration("min_svid_ttl")) {
    return values.Problem("svid_ttl", "is shorter than min_svid_ttl");
  }
  if (const auto id = NodeId::Parse(values.GetString("instance")); !id.ok()) {
    return values.Problem("instance", Message(id.status()));
  }
  if (values.Has("advertise")) {
    OMNI_RETURN_IF_ERROR(CheckAddress(values, "advertise", values.GetString("advertise")));
  }
  OMNI_RETURN_IF_ERROR(
      CheckAddress(values, "attestor_address", values.GetString("attestor_address")));
  for (const std::string& address : values.GetList("registry_addresses")) {
    OMNI_RETURN_IF_ERROR(CheckAddress(values, "registry_addresses", address));
  }
  if (AdminSocketPath(values).size() > rpc::LocalListener::kMaxPathBytes) {
    return values.Problem("admin_socket",
                          fmt::format("{} is longer than a Unix socket's {} bytes",
                                      AdminSocketPath(values), rpc::LocalListener::kMaxPathBytes));
  }
  return absl::OkStatus();
}

}  // namespace

std::string AdminSocketPath(const config::Values& config) {
  if (config.Has("admin_socket")) return config.GetString("admin_socket");
  return config.GetString("data_dir") + "/admin.sock";
}

runtime::ServiceInfo BootstrapInfo() {
  runtime::ServiceInfo info;
  info.name = "bootstrap";
  info.summary = "the certificate authority of a network: identities, entries, revocation, trust";
  info.admin_port = 8101;
  info.options = Options();
  info.metrics = BootstrapMetrics::Definitions();
  for (auto& definition : rpc::Guard::Definitions()) info.metrics.push_back(std::move(definition));
  info.rpcs = rpc::RpcNames();
  info.check = Check;
  info.verbs = {{{"init", "make a new network in data_dir"}, InitNetwork}};
  return info;
}

}  // namespace omninode::bootstrap
