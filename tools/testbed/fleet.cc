#include "tools/testbed/fleet.h"

#include <optional>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/key.h"
#include "common/enrollment/bootstrap_client.h"
#include "common/identity/principal.h"
#include "tools/testbed/for_each.h"
#include "tools/testbed/sealed_words.h"

namespace omninode::testbed {
namespace {

constexpr absl::Duration kAttestTimeout = absl::Seconds(30);

// The agent of a host of that name.
absl::StatusOr<std::unique_ptr<Member>> JoinAgent(Cluster& cluster, const std::string& host) {
  OMNI_ASSIGN_OR_RETURN(const NodeId id, NodeId::Parse(host));
  const identity::SpiffeId agent = identity::AgentSpiffeId(cluster.admin().id().trust_domain(), id);
  omnictl::Entry entry;
  entry.spiffe_id_pattern = agent.ToString();
  entry.svid_ttl = cluster.options().svid_ttl;
  OMNI_RETURN_IF_ERROR(cluster.admin().bootstrap().CreateEntry(entry).status());
  OMNI_ASSIGN_OR_RETURN(std::string token, cluster.MakeToken(agent));
  return Member::Join(
      {.clock = cluster.clock(), .logger = cluster.logger(), .token_file = std::move(token)});
}

}  // namespace

Fleet::Fleet(const Clock& clock, NamespaceName ns, std::unique_ptr<Member> agent)
    : clock_(clock),
      ns_(std::move(ns)),
      agent_(std::move(agent)),
      network_(agent_->membership().network().network_id) {}

absl::StatusOr<std::unique_ptr<Fleet>> Fleet::Enroll(Cluster& cluster, const Options& options) {
  OMNI_ASSIGN_OR_RETURN(NamespaceName ns, NamespaceName::Parse(options.ns));
  OMNI_ASSIGN_OR_RETURN(auto agent, JoinAgent(cluster, options.prefix));
  std::unique_ptr<Fleet> fleet(new Fleet(cluster.clock(), std::move(ns), std::move(agent)));
  for (std::size_t i = 1; i <= options.nodes; ++i) {
    OMNI_ASSIGN_OR_RETURN(NodeId id, NodeId::Parse(fmt::format("{}-{:04}", options.prefix, i)));
    fleet->ids_.push_back(std::move(id));
  }
  fleet->svids_.resize(options.nodes);
  OMNI_RETURN_IF_ERROR(ForEach(options.nodes, options.threads,
                               [&](std::size_t i) { return fleet->EnrollOne(cluster, i); }));
  return fleet;
}

absl::Status Fleet::EnrollOne(Cluster& cluster, std::size_t node) {
  const identity::SpiffeId id = identity::NodeSpiffeId(cluster.admin().id().trust_domain(), ns_,
                                                       *NodeType::Parse(kType), ids_[node]);
  OMNI_ASSIGN_OR_RETURN(const auto token,
                        cluster.admin().bootstrap().CreateJoinToken(id.ToString(), std::nullopt));
  OMNI_ASSIGN_OR_RETURN(
      auto first,
      enrollment::AttestWithToken(token, crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256),
                                  clock_, kAttestTimeout));
  svids_[node] = std::make_shared<const identity::X509Svid>(std::move(first.svid));
  return absl::OkStatus();
}

absl::StatusOr<std::string> Fleet::Introspection(
    std::size_t node, std::uint64_t sequence,
    directory::Introspection::NamedStrings capabilities) const {
  OMNI_ASSIGN_OR_RETURN(const auto words, directory::Introspection::Create(
                                              {.ns = ns_.value(),
                                               .node_type = kType,
                                               .node_id = ids_[node].value(),
                                               .capabilities = std::move(capabilities)}));
  return SealIntrospection(words, network_, sequence, *svids_[node], clock_.Now());
}

absl::StatusOr<std::string> Fleet::Tombstone(std::size_t node, std::uint64_t sequence) const {
  return SealTombstone("it leaves", network_, sequence, *svids_[node], clock_.Now());
}

}  // namespace omninode::testbed
