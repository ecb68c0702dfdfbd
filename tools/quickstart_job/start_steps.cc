#include <set>
#include <utility>

#include "common/base/check.h"
#include "common/base/status.h"
#include "common/node/registry_client.h"
#include "common/runtime/version.h"
#include "tools/quickstart_job/job.h"
#include "tools/testbed/process.h"
#include "tools/testbed/wait.h"

namespace omninode::quickstart {
namespace {

constexpr absl::Duration kVersionTimeout = absl::Seconds(20);
constexpr absl::Duration kServicesSeenWithin = absl::Seconds(15);
constexpr char kProgramNames[][24] = {"omninode-bootstrap", "omninode-attestor",
                                      "omninode-registry", "omnictl"};

absl::Status CheckVersion(const std::string& program, const std::string& output) {
  OMNI_ASSIGN_OR_RETURN(const auto process, testbed::Process::Start({.name = program,
                                                                     .argv = {program, "--version"},
                                                                     .stdout_path = output,
                                                                     .stderr_path = output}));
  OMNI_ASSIGN_OR_RETURN(const auto exit, process->WaitExit(kVersionTimeout));
  const std::string said = testbed::LastLines(testbed::FileEnd(output), 1);
  return Expect(exit.ok() && said.find(runtime::Version()) != std::string::npos,
                "{} --version: {}, said: {}; want version {}", program, exit.ToString(), said,
                runtime::Version());
}

}  // namespace

absl::Status Job::CheckBuild() {
  OMNI_ASSIGN_OR_RETURN(cluster_, testbed::Cluster::Create({.dir = options_.state_dir,
                                                            .bin_dir = options_.bin_dir,
                                                            .network = "quickstart",
                                                            .trust_domain = "quickstart.example",
                                                            .svid_ttl = kSvidTtl}));
  for (const char* name : kProgramNames) {
    OMNI_RETURN_IF_ERROR(CheckVersion(fmt::format("{}/{}", options_.bin_dir, name),
                                      fmt::format("{}/{}.version", options_.state_dir, name)));
  }
  return absl::OkStatus();
}

absl::Status Job::SystemShowsServices() {
  const auto system = NamespaceName::Parse("system");
  OMNI_CHECK(system.ok());
  // They register in the background, after they are ready.
  return testbed::Eventually(kServicesSeenWithin, [&]() -> absl::Status {
    OMNI_ASSIGN_OR_RETURN(const auto list, cluster_->admin().registry().ListNodes(*system));
    std::set<std::string> ids;
    for (const auto& node : list.nodes) ids.insert(node.view->node_id().value());
    return Expect(ids == std::set<std::string>{"attestor-1", "bootstrap-1", "registry-1"},
                  "namespace system shows {{{}}}", fmt::join(ids, ", "));
  });
}

absl::Status Job::CreateTenant() {
  OMNI_RETURN_IF_ERROR(cluster_->AllowNodes(kTenant));
  OMNI_ASSIGN_OR_RETURN(const auto tenant,
                        cluster_->admin().registry().CreateNamespace(
                            Tenant(), {.default_ttl = kTenantTtl, .min_ttl = absl::Seconds(1)}));
  return Expect(tenant.rules.default_ttl == kTenantTtl, "its lease time is {}",
                absl::FormatDuration(tenant.rules.default_ttl));
}

absl::Status Job::StartWatcher() {
  OMNI_ASSIGN_OR_RETURN(watch_, testbed::TopologyWatch::Start(cluster_->admin(), Tenant(),
                                                              cluster_->logger(), kSeenWithin));
  const auto view = watch_->mirror().view();
  return Expect(view.position.has_value() && view.nodes.empty(),
                "a new namespace is not empty: {} nodes", view.nodes.size());
}

absl::Status Job::StartVisibleNodes() {
  OMNI_ASSIGN_OR_RETURN(const auto orchestrator, Orchestrator("orchestrator-003", "40"));
  OMNI_ASSIGN_OR_RETURN(const auto reducer, Reducer("reducer-002", "1200"));
  OMNI_RETURN_IF_ERROR(cluster_->StartNode(orchestrator).status());
  return cluster_->StartNode(reducer).status();
}

}  // namespace omninode::quickstart
