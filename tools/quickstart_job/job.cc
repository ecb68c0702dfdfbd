#include "tools/quickstart_job/job.h"

#include "common/base/check.h"
#include "common/base/status.h"

namespace omninode::quickstart {

std::vector<Step> Job::Steps() {
  return {
      {"the programs are built, of one version", [this] { return CheckBuild(); }},
      {"bootstrap ready", [this] { return cluster_->StartBootstrap(); }},
      {"attestor ready", [this] { return cluster_->StartAttestor(); }},
      {"registry ready", [this] { return cluster_->StartRegistry(); }},
      {"namespace system shows the three services", [this] { return SystemShowsServices(); }},
      {"namespace tenant-a, lease time 4 s", [this] { return CreateTenant(); }},
      {"a watcher follows tenant-a", [this] { return StartWatcher(); }},
      {"three nodes attest and register", [this] { return RegisterNodes(); }},
      {"reducer-001 changes a capability", [this] { return ChangeCapability(); }},
      {"orchestrator-001 leaves", [this] { return LeaveGracefully(); }},
      {"orchestrator-002 is killed and expires", [this] { return ExpireKilledNode(); }},
      {"forged, stolen and old envelopes are refused", [this] { return RefuseForgeries(); }},
      {"reducer-001 is banned", [this] { return BanNode(); }},
      {"the registry is killed, nothing acknowledged is lost", [this] { return SurviveKill(); }},
      {"every identity is renewed under load", [this] { return RotateUnderLoad(); }},
  };
}

std::vector<Step> Job::CloseSteps() {
  return {{"everything stops and leaves a tombstone", [this] { return StopEverything(); }}};
}

std::string Job::Hints() const {
  const std::string omnictl = options_.bin_dir + "/omnictl";
  return fmt::format(
      R"(
The network is up:
  attestor   {}
  bootstrap  {}
  registry   {}
  state      {}

In another terminal:
  export OMNINODE_IDENTITY={}
  {} check
  {} node list --namespace system
  {} topology watch --namespace {}

Press Ctrl-C to stop everything.
)",
      cluster_->attestor_address(), cluster_->bootstrap_address(), cluster_->registry_address(),
      options_.state_dir, cluster_->admin_dir(), omnictl, omnictl, omnictl, kTenant);
}

std::string Job::Explain() const {
  return cluster_ == nullptr ? std::string() : cluster_->LogExcerpts();
}

absl::StatusOr<directory::Introspection> Orchestrator(std::string_view id,
                                                      std::string_view workflows) {
  return directory::Introspection::Create(
      {.ns = kTenant,
       .node_type = "orchestrator",
       .node_id = std::string(id),
       .version = "1.0.0",
       .endpoints = {{"grpc", "grpcs://127.0.0.1:9001"}},
       .capabilities = {{"max_concurrent_workflows", std::string(workflows)}}});
}

absl::StatusOr<directory::Introspection> Reducer(std::string_view id, std::string_view throughput) {
  return directory::Introspection::Create(
      {.ns = kTenant,
       .node_type = "reducer",
       .node_id = std::string(id),
       .version = "1.0.0",
       .endpoints = {{"grpc", "grpcs://127.0.0.1:9002"}},
       .capabilities = {{"aggregation_throughput", std::string(throughput)}}});
}

NamespaceName Tenant() {
  auto name = NamespaceName::Parse(kTenant);
  OMNI_CHECK(name.ok());
  return *std::move(name);
}

}  // namespace omninode::quickstart
