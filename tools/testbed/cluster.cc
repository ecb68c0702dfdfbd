#include "tools/testbed/cluster.h"

#include <algorithm>
#include <csignal>
#include <fstream>

#include <unistd.h>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/config/secret_file.h"
#include "common/crypto/key.h"
#include "common/crypto/process_config.h"
#include "common/crypto/wipe.h"
#include "common/enrollment/bootstrap_client.h"
#include "common/enrollment/identity_folder.h"
#include "common/identity/principal.h"
#include "tools/testbed/flat_json.h"
#include "tools/testbed/introspection_text.h"

namespace omninode::testbed {
namespace {

constexpr absl::Duration kAdminTtl = absl::Hours(12);
constexpr absl::Duration kUsualShortestTtl = absl::Minutes(1);
constexpr std::size_t kSearchedLines = 1000;
constexpr absl::Duration kInitTimeout = absl::Seconds(30);

}  // namespace

Cluster::Cluster(Options options, std::unique_ptr<telemetry::LogSink> sink)
    : options_(std::move(options)),
      sink_(std::move(sink)),
      logger_("testbed", *sink_, [this] { return clock_.Now(); }) {}

Cluster::~Cluster() = default;

std::string Cluster::Path(std::string_view name) const {
  return fmt::format("{}/{}", options_.dir, name);
}
std::string Cluster::Program(std::string_view name) const {
  return fmt::format("{}/{}", options_.bin_dir, name);
}
std::string Cluster::IdentityDir(std::string_view name) const {
  return fmt::format("{}/identities/{}", options_.dir, name);
}

absl::StatusOr<std::unique_ptr<Cluster>> Cluster::Create(Options options) {
  // Before the first use of TLS in this process, as every service does it.
  crypto::ConfigureTlsProcess();
  OMNI_RETURN_IF_ERROR(config::MakePrivateDirectory(options.dir));
  OMNI_ASSIGN_OR_RETURN(auto sink, telemetry::OpenFileSink(options.dir + "/testbed.log"));
  std::unique_ptr<Cluster> cluster(new Cluster(std::move(options), std::move(sink)));
  OMNI_RETURN_IF_ERROR(cluster->CheckPrograms());
  for (const char* folder : {"data", "identities", "tokens", "nodes"}) {
    OMNI_RETURN_IF_ERROR(config::MakePrivateDirectory(cluster->Path(folder)));
  }
  OMNI_RETURN_IF_ERROR(cluster->TakePorts());
  return cluster;
}

absl::StatusOr<std::unique_ptr<Cluster>> Cluster::Start(Options options) {
  OMNI_ASSIGN_OR_RETURN(auto cluster, Create(std::move(options)));
  OMNI_RETURN_IF_ERROR(cluster->StartBootstrap());
  OMNI_RETURN_IF_ERROR(cluster->StartAttestor());
  OMNI_RETURN_IF_ERROR(cluster->StartRegistry());
  return cluster;
}

absl::Status Cluster::CheckPrograms() const {
  for (const char* name :
       {"omninode-bootstrap", "omninode-attestor", "omninode-registry", "omnictl"}) {
    if (::access(Program(name).c_str(), X_OK) == 0) continue;
    return Error(absl::StatusCode::kNotFound, "{} is not there: build it first", Program(name));
  }
  return absl::OkStatus();
}

absl::Status Cluster::TakePorts() {
  for (std::string* address : {&attestor_address_, &bootstrap_address_, &registry_address_}) {
    OMNI_ASSIGN_OR_RETURN(const std::uint16_t port, ports_.Take());
    *address = fmt::format("127.0.0.1:{}", port);
  }
  return absl::OkStatus();
}

std::unique_ptr<ServiceProcess> Cluster::MakeService(const std::string& name,
                                                     std::vector<std::string> args) {
  args.insert(args.end(), {"--admin.listen", "127.0.0.1:0", "--log.level", options_.log_level});
  if (const auto more = options_.more_args.find(name); more != options_.more_args.end()) {
    args.insert(args.end(), more->second.begin(), more->second.end());
  }
  return std::make_unique<ServiceProcess>(ServiceProcess::Options{
      .name = name,
      .program = Program("omninode-" + name),
      .args = std::move(args),
      .dir = options_.dir,
  });
}

absl::Status Cluster::RunInit() {
  OMNI_ASSIGN_OR_RETURN(
      const auto init,
      Process::Start(
          {.name = "bootstrap init",
           .argv = {Program("omninode-bootstrap"), "init", "--data-dir", Path("data/bootstrap"),
                    "--network", options_.network, "--trust-domain", options_.trust_domain},
           .stdout_path = Path("init.out"),
           .stderr_path = Path("init.log")}));
  OMNI_ASSIGN_OR_RETURN(const ExitState exit, init->WaitExit(kInitTimeout));
  if (exit.ok()) return absl::OkStatus();
  return Error(absl::StatusCode::kInternal, "omninode-bootstrap init ended with {}:\n{}",
               exit.ToString(), init->LastLogLines());
}

absl::Status Cluster::IssueIdentity(const std::string& name, std::string_view path,
                                    absl::Duration ttl) {
  const auto key = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
  OMNI_ASSIGN_OR_RETURN(
      const auto first,
      enrollment::IssueLocally(Path("admin/sock"),
                               fmt::format("spiffe://{}{}", options_.trust_domain, path), key, ttl,
                               clock_, options_.timeout));
  OMNI_ASSIGN_OR_RETURN(const auto folder, enrollment::IdentityFolder::Open(IdentityDir(name)));
  OMNI_RETURN_IF_ERROR(folder.SaveTrust(first.trust_bytes));
  return folder.SaveSvid(first.svid);
}

absl::Status Cluster::StartBootstrap() {
  OMNI_RETURN_IF_ERROR(RunInit());
  const std::string ttl = FormatDuration(options_.svid_ttl);
  bootstrap_ =
      MakeService("bootstrap", {"run", "--data-dir", Path("data/bootstrap"), "--listen",
                                bootstrap_address_, "--attestor-address", attestor_address_,
                                "--registry-addresses", registry_address_, "--admin-socket",
                                Path("admin/sock"), "--svid-ttl", ttl, "--min-svid-ttl",
                                FormatDuration(std::min(options_.svid_ttl, kUsualShortestTtl))});
  OMNI_RETURN_IF_ERROR(bootstrap_->Start(options_.timeout));
  OMNI_RETURN_IF_ERROR(
      IssueIdentity("attestor", "/service/attestor/attestor-1", options_.svid_ttl));
  OMNI_RETURN_IF_ERROR(
      IssueIdentity("registry", "/service/registry/registry-1", options_.svid_ttl));
  OMNI_RETURN_IF_ERROR(IssueIdentity("admin", "/admin/testbed", kAdminTtl));
  OMNI_ASSIGN_OR_RETURN(admin_, JoinFromFolder(admin_dir()));
  return absl::OkStatus();
}

absl::Status Cluster::StartAttestor() {
  attestor_ = MakeService(
      "attestor", {"--identity-dir", IdentityDir("attestor"), "--listen", attestor_address_});
  return attestor_->Start(options_.timeout);
}

absl::Status Cluster::StartRegistry() {
  registry_ = MakeService("registry", {"--data-dir", Path("data/registry"), "--identity-dir",
                                       IdentityDir("registry"), "--listen", registry_address_});
  return registry_->Start(options_.timeout);
}

absl::Status Cluster::RestartRegistry(int signal) {
  if (signal == SIGKILL) {
    registry_->Kill();
  } else {
    OMNI_RETURN_IF_ERROR(registry_->Stop(options_.timeout));
  }
  return registry_->Start(options_.timeout);
}

absl::Status Cluster::AllowNodes(std::string_view ns) {
  const std::string prefix =
      ns == identity::kDefaultNamespace ? std::string() : fmt::format("/ns/{}", ns);
  omnictl::Entry entry;
  entry.spiffe_id_pattern = fmt::format("spiffe://{}{}/node/*/*", options_.trust_domain, prefix);
  entry.svid_ttl = options_.svid_ttl;
  return admin_->bootstrap().CreateEntry(entry).status();
}

identity::SpiffeId Cluster::NodeId(const directory::Introspection& node) const {
  return identity::NodeSpiffeId(admin_->id().trust_domain(), node.ns(), node.node_type(),
                                node.node_id());
}

absl::StatusOr<std::string> Cluster::MakeToken(const identity::SpiffeId& id) {
  OMNI_ASSIGN_OR_RETURN(auto token,
                        admin_->bootstrap().CreateJoinToken(id.ToString(), std::nullopt));
  const std::string path = Path(fmt::format("tokens/{}.token", token.token_id));
  const crypto::SecretString text(token.ToJson());
  crypto::Wipe(token.token);
  OMNI_RETURN_IF_ERROR(config::WriteSecretFile(path, text.value()));
  return path;
}

absl::Status Cluster::WriteIntrospection(const directory::Introspection& node) const {
  const std::string path = Path(fmt::format("nodes/{}.json", node.node_id().value()));
  std::ofstream file(path, std::ios::trunc);
  file << ToIntrospectionFile(node);
  file.close();
  if (file) return absl::OkStatus();
  return Error(absl::StatusCode::kInternal, "cannot write {}", path);
}

absl::StatusOr<ServiceProcess*> Cluster::StartNode(const directory::Introspection& node) {
  const std::string& id = node.node_id().value();
  OMNI_RETURN_IF_ERROR(WriteIntrospection(node));
  OMNI_ASSIGN_OR_RETURN(const std::string token, MakeToken(NodeId(node)));
  auto process = std::make_unique<ServiceProcess>(ServiceProcess::Options{
      .name = id,
      .program = Program("omnictl"),
      .args = {"node", "run", "--introspection", Path(fmt::format("nodes/{}.json", id)), "--token",
               token, "--identity", IdentityDir(id), "-o", "json"},
      .dir = options_.dir,
  });
  OMNI_RETURN_IF_ERROR(process->Start(options_.timeout));
  return (nodes_[id] = std::move(process)).get();
}

absl::Status Cluster::DescribeNode(const directory::Introspection& node) {
  OMNI_RETURN_IF_ERROR(WriteIntrospection(node));
  return this->node(node.node_id().value()).Signal(SIGHUP);
}

absl::StatusOr<std::unique_ptr<Member>> Cluster::JoinNode(const directory::Introspection& node) {
  OMNI_ASSIGN_OR_RETURN(std::string token, MakeToken(NodeId(node)));
  return Member::Join({.clock = clock_, .logger = logger_, .token_file = std::move(token)});
}

absl::StatusOr<std::unique_ptr<Member>> Cluster::JoinFromFolder(const std::string& dir) {
  return Member::Join({.clock = clock_, .logger = logger_, .identity_dir = dir});
}

absl::StatusOr<double> Cluster::CounterValue(const ServiceProcess& service, std::string_view name,
                                             const std::map<std::string, std::string>& labels) {
  OMNI_ASSIGN_OR_RETURN(const Samples samples, service.Metrics());
  return SumOf(samples, name, labels);
}

absl::Status Cluster::StopNodes() {
  absl::Status status;
  for (auto& [id, node] : nodes_) {
    // Those that were killed on purpose have ended long ago.
    if (node->running()) status.Update(node->Stop(options_.timeout));
  }
  return status;
}

absl::Status Cluster::StopAttestorAndBootstrap() {
  absl::Status status;
  if (attestor_ != nullptr) status.Update(attestor_->Stop(options_.timeout));
  if (bootstrap_ != nullptr) status.Update(bootstrap_->Stop(options_.timeout));
  return status;
}

absl::Status Cluster::StopRegistry() {
  return registry_ == nullptr ? absl::OkStatus() : registry_->Stop(options_.timeout);
}

absl::Status Cluster::StopAll() {
  absl::Status status = StopNodes();
  status.Update(StopAttestorAndBootstrap());
  status.Update(StopRegistry());
  return status;
}

std::string Cluster::LogExcerpts(std::size_t count) const {
  std::string text;
  const auto add = [&](const ServiceProcess* service) {
    if (service == nullptr) return;
    const std::string lines = LogExcerpt(service->LastLogLines(kSearchedLines), count);
    if (lines.empty()) return;
    text += fmt::format("--- {}/{}.log\n{}\n", options_.dir, service->name(), lines);
  };
  add(bootstrap_.get());
  add(attestor_.get());
  add(registry_.get());
  for (const auto& [id, node] : nodes_) add(node.get());
  return text;
}

}  // namespace omninode::testbed
