#include <csignal>
#include <filesystem>
#include <map>
#include <utility>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/raw_envelope.h"
#include "common/node/registry_client.h"
#include "common/time/clock.h"
#include "tools/quickstart_job/job.h"
#include "tools/testbed/wait.h"

namespace omninode::quickstart {
namespace {

using directory::ChangeKind;
using directory::RemovalReason;
using testbed::SeenChange;

constexpr char kRejects[] = "omninode_reject_total";

absl::Status ExpectRemoval(const SeenChange& seen, RemovalReason reason) {
  return Expect(seen.change.removal_reason == reason, "want reason {}: {}", NameOf(reason),
                Describe(seen));
}

absl::Status ExpectRefusal(const absl::Status& status, Reason reason) {
  return Expect(ReasonOf(status) == reason, "want {}, got: {}", NameOf(reason),
                status.ok() ? "accepted" : status.ToString());
}

// The envelope by which a live node registered, as the registry gives it to an administrator.
absl::StatusOr<std::string> EvidenceOf(testbed::Cluster& cluster, std::string_view node_id) {
  OMNI_ASSIGN_OR_RETURN(NodeId id, NodeId::Parse(node_id));
  OMNI_ASSIGN_OR_RETURN(const auto record, cluster.admin().registry().GetNode(
                                               {Tenant(), std::move(id)}, /*with_evidence=*/true));
  OMNI_RETURN_IF_ERROR(Expect(record.evidence.has_value(), "{} has no evidence", node_id));
  return envelope::EncodeRawEnvelope(*record.evidence);
}

}  // namespace

absl::Status Job::RegisterNodes() {
  const std::size_t mark = watch_->Mark();
  OMNI_ASSIGN_OR_RETURN(const auto orchestrator_1, Orchestrator("orchestrator-001", "40"));
  OMNI_ASSIGN_OR_RETURN(const auto orchestrator_2, Orchestrator("orchestrator-002", "40"));
  OMNI_ASSIGN_OR_RETURN(const auto reducer, Reducer("reducer-001", "900"));
  directory::Position last;
  for (const auto* node : {&orchestrator_1, &orchestrator_2, &reducer}) {
    OMNI_RETURN_IF_ERROR(cluster_->StartNode(*node).status());
    OMNI_ASSIGN_OR_RETURN(
        const SeenChange seen,
        watch_->WaitFor(node->node_id().value(), ChangeKind::kAdded, kSeenWithin, mark));
    OMNI_RETURN_IF_ERROR(Expect(seen.change.node->introspection == *node,
                                "{} is not shown as it described itself", node->node_id().value()));
    OMNI_RETURN_IF_ERROR(
        Expect(seen.position > last, "{} is not after {}", Describe(seen), last.ToString()));
    last = seen.position;
  }
  return absl::OkStatus();
}

absl::Status Job::ChangeCapability() {
  const std::size_t mark = watch_->Mark();
  OMNI_ASSIGN_OR_RETURN(const auto changed, Reducer("reducer-001", "950"));
  OMNI_RETURN_IF_ERROR(cluster_->DescribeNode(changed));
  OMNI_ASSIGN_OR_RETURN(const SeenChange seen,
                        watch_->WaitFor("reducer-001", ChangeKind::kUpdated, kSeenWithin, mark));
  OMNI_RETURN_IF_ERROR(Expect(seen.change.changed_fields ==
                                  directory::ChangedFields{directory::ChangedField::kCapabilities},
                              "want changed_fields {{capabilities}}: {}", Describe(seen)));
  return Expect(seen.change.node->introspection == changed, "the new value is not shown");
}

absl::Status Job::LeaveGracefully() {
  OMNI_ASSIGN_OR_RETURN(old_envelope_, EvidenceOf(*cluster_, "orchestrator-001"));
  const std::size_t mark = watch_->Mark();
  OMNI_RETURN_IF_ERROR(cluster_->node("orchestrator-001").Stop(cluster_->options().timeout));
  OMNI_ASSIGN_OR_RETURN(
      const SeenChange seen,
      watch_->WaitFor("orchestrator-001", ChangeKind::kRemoved, kSeenWithin, mark));
  return ExpectRemoval(seen, RemovalReason::kGracefulShutdown);
}

absl::Status Job::ExpireKilledNode() {
  // A new description renews the lease, so that it is known when it began.
  const std::size_t mark = watch_->Mark();
  OMNI_ASSIGN_OR_RETURN(const auto changed, Orchestrator("orchestrator-002", "41"));
  OMNI_RETURN_IF_ERROR(cluster_->DescribeNode(changed));
  OMNI_ASSIGN_OR_RETURN(
      const SeenChange renewed,
      watch_->WaitFor("orchestrator-002", ChangeKind::kUpdated, kSeenWithin, mark));
  cluster_->node("orchestrator-002").Kill();
  OMNI_ASSIGN_OR_RETURN(const SeenChange seen,
                        watch_->WaitFor("orchestrator-002", ChangeKind::kRemoved,
                                        kTenantTtl + kExpiryGrace + kSeenWithin, mark));
  OMNI_RETURN_IF_ERROR(ExpectRemoval(seen, RemovalReason::kLeaseExpired));
  // The watcher learned of the renewal a little after it happened.
  const absl::Duration after = seen.at - renewed.at;
  return Expect(after >= kTenantTtl - absl::Milliseconds(200) && after <= kTenantTtl + kExpiryGrace,
                "it left {} after its lease began", absl::FormatDuration(after));
}

absl::Status Job::RefuseForgeries() {
  // The identity of the node that has left, taken up by this process.
  OMNI_ASSIGN_OR_RETURN(const auto thief,
                        cluster_->JoinFromFolder(cluster_->IdentityDir("orchestrator-001")));
  OMNI_ASSIGN_OR_RETURN(const auto orchestrator, Orchestrator("orchestrator-001", "40"));
  OMNI_ASSIGN_OR_RETURN(const std::string own, thief->Seal(orchestrator, thief->NextSequence()));
  OMNI_ASSIGN_OR_RETURN(const std::string forged, testbed::Forge(own));
  OMNI_ASSIGN_OR_RETURN(const std::string stolen, EvidenceOf(*cluster_, "reducer-001"));
  const std::pair<const std::string&, Reason> cases[] = {
      {forged, Reason::kSigInvalid},
      {stolen, Reason::kIdentityMismatch},
      {old_envelope_, Reason::kStaleSequence},
  };
  const std::size_t mark = watch_->Mark();
  for (const auto& [envelope, reason] : cases) {
    const std::map<std::string, std::string> labels = {{"reason", std::string(NameOf(reason))}};
    OMNI_ASSIGN_OR_RETURN(const double before,
                          testbed::Cluster::CounterValue(cluster_->registry(), kRejects, labels));
    OMNI_RETURN_IF_ERROR(ExpectRefusal(thief->registry().Register(envelope).status(), reason));
    OMNI_ASSIGN_OR_RETURN(const double after,
                          testbed::Cluster::CounterValue(cluster_->registry(), kRejects, labels));
    OMNI_RETURN_IF_ERROR(
        Expect(after == before + 1, "{} was counted {} times", NameOf(reason), after - before));
  }
  return Expect(watch_->Mark() == mark, "the topology changed all the same");
}

absl::Status Job::BanNode() {
  // A second user of the same identity, connected before the ban.
  const std::string copy = cluster_->IdentityDir("reducer-001-copy");
  std::error_code error;
  std::filesystem::copy(cluster_->IdentityDir("reducer-001"), copy,
                        std::filesystem::copy_options::recursive, error);
  OMNI_RETURN_IF_ERROR(Expect(!error, "cannot copy the identity: {}", error.message()));
  OMNI_ASSIGN_OR_RETURN(const auto reducer, cluster_->JoinFromFolder(copy));
  OMNI_RETURN_IF_ERROR(reducer->registry().GetTopology(Tenant()).status());
  const std::size_t mark = watch_->Mark();
  OMNI_ASSIGN_OR_RETURN(const auto spread, cluster_->admin().bootstrap().BanIdentity(
                                               reducer->id().ToString(), "quickstart"));
  OMNI_RETURN_IF_ERROR(Expect(spread.lagging.empty() && !spread.applied.empty(),
                              "the ban is enforced by {{{}}}, not yet by {{{}}}",
                              fmt::join(spread.applied, ", "), fmt::join(spread.lagging, ", ")));
  OMNI_RETURN_IF_ERROR(
      ExpectRefusal(reducer->registry().GetTopology(Tenant()).status(), Reason::kIdentityBanned));
  OMNI_ASSIGN_OR_RETURN(const SeenChange seen,
                        watch_->WaitFor("reducer-001", ChangeKind::kRemoved, kSeenWithin, mark));
  OMNI_RETURN_IF_ERROR(ExpectRemoval(seen, RemovalReason::kIdentityRevoked));
  // It goes on knocking; nothing it could say would let it in, not even a goodbye.
  cluster_->node("reducer-001").Kill();
  return absl::OkStatus();
}

}  // namespace omninode::quickstart
