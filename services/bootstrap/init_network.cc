#include <cstdio>
#include <string>

#include "common/base/exit_code.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "services/bootstrap/authority/file_key_store.h"
#include "services/bootstrap/bootstrap_server.h"
#include "services/bootstrap/setup/network.h"

namespace omninode::bootstrap {
namespace {

absl::StatusOr<InitializeOptions> OptionsOf(const config::Values& config) {
  if (!config.Has("network") || !config.Has("trust_domain")) {
    return WithExitCode(
        Error(absl::StatusCode::kInvalidArgument,
              "init needs to know what to make, like --network prod --trust-domain example.org"),
        ExitCode::kUsage);
  }
  auto network = NetworkId::Parse(config.GetString("network"));
  if (!network.ok()) return config.Problem("network", Message(network.status()));
  auto domain = identity::TrustDomain::Parse(config.GetString("trust_domain"));
  if (!domain.ok()) return config.Problem("trust_domain", Message(domain.status()));
  return InitializeOptions{.data_dir = config.GetString("data_dir"),
                           .network_id = *std::move(network),
                           .trust_domain = *std::move(domain),
                           .ca_ttl = config.GetDuration("ca_ttl")};
}

void PrintNextSteps(const InitializeOptions& made, const config::Values& config, absl::Time now) {
  const std::string text = fmt::format(
      "Made the network {network} of trust domain {domain} in {dir}:\n"
      "  {key:13}the authority's key; keep it secret, and a copy of it safe\n"
      "  {certificate:13}its certificate, valid until {end}\n"
      "  {database:13}entries, tokens and what was issued\n"
      "\n"
      "Start the service:\n"
      "  omninode-bootstrap run --data-dir {dir}\n"
      "Then make yourself an administrator, on this host and as this user:\n"
      "  omnictl identity issue --socket {socket} --spiffe-id {admin} --out DIR\n",
      fmt::arg("network", made.network_id.value()), fmt::arg("domain", made.trust_domain.name()),
      fmt::arg("dir", made.data_dir), fmt::arg("key", FileKeyStore::kKeyFile),
      fmt::arg("certificate", FileKeyStore::kCertificateFile), fmt::arg("database", kDatabaseFile),
      fmt::arg("end", omninode::FormatTime(now + made.ca_ttl)),
      fmt::arg("socket", AdminSocketPath(config)),
      fmt::arg("admin", made.trust_domain.ToId() + "/admin/NAME"));
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

absl::Status InitNetwork(const runtime::ServiceContext& context) {
  OMNI_ASSIGN_OR_RETURN(const InitializeOptions options, OptionsOf(context.config));
  const absl::Time now = context.clock.Now();
  OMNI_RETURN_IF_ERROR(InitializeNetwork(options, now));
  PrintNextSteps(options, context.config, now);
  return absl::OkStatus();
}

}  // namespace omninode::bootstrap
