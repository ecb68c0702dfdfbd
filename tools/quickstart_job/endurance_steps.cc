#include <csignal>
#include <map>
#include <set>
#include <utility>

#include "common/base/status.h"
#include "common/node/registry_client.h"
#include "tools/quickstart_job/job.h"
#include "tools/quickstart_job/load.h"
#include "tools/testbed/wait.h"

namespace omninode::quickstart {
namespace {

using directory::ChangeKind;
using testbed::FlatJson;
using testbed::SeenChange;
using testbed::ValueOf;

constexpr int kLoadNodes = 4;
constexpr std::size_t kAcksBeforeKill = 200;
constexpr absl::Duration kAckedWithin = absl::Seconds(30);
constexpr absl::Duration kBackWithin = absl::Seconds(20);

std::string RoundOf(const directory::NodeView& node) {
  for (const auto& capability : node.introspection.capabilities()) {
    if (capability.name().value() == Load::kRound) return capability.value();
  }
  return "";
}

// Every acknowledged registration is one change that the watcher saw, at the acknowledged version.
absl::Status ExpectAllSeen(const std::vector<Acknowledged>& acknowledged,
                           const std::vector<SeenChange>& seen) {
  std::map<std::pair<std::string, std::uint64_t>, std::string> rounds;
  for (const SeenChange& event : seen) {
    if (event.change.node == nullptr) continue;
    const auto [_, fresh] = rounds.insert(
        {{event.change.node_id.value(), event.position.version}, RoundOf(*event.change.node)});
    OMNI_RETURN_IF_ERROR(Expect(fresh, "the watcher saw {} twice", Describe(event)));
  }
  for (const Acknowledged& ack : acknowledged) {
    const auto found = rounds.find({ack.node_id, ack.position.version});
    OMNI_RETURN_IF_ERROR(Expect(found != rounds.end() && found->second == std::to_string(ack.round),
                                "round {} of {} was acknowledged at {}, the watcher saw {} there",
                                ack.round, ack.node_id, ack.position.ToString(),
                                found == rounds.end() ? "nothing" : "round " + found->second));
  }
  return absl::OkStatus();
}

// The registry has for every node what it acknowledged last, or what came after.
absl::Status ExpectNothingLost(const std::vector<Acknowledged>& acknowledged,
                               const node::TopologySnapshot& topology) {
  std::map<std::string, Acknowledged> last;
  for (const Acknowledged& ack : acknowledged) {
    OMNI_RETURN_IF_ERROR(Expect(ack.position.incarnation == topology.position.incarnation &&
                                    ack.position <= topology.position,
                                "acknowledged {}, the registry is back at {}",
                                ack.position.ToString(), topology.position.ToString()));
    last.insert_or_assign(ack.node_id, ack);
  }
  std::map<std::string, std::uint64_t> rounds;
  for (const auto& node : topology.nodes) {
    rounds[node.view->node_id().value()] = std::strtoull(RoundOf(*node.view).c_str(), nullptr, 10);
  }
  for (const auto& [id, ack] : last) {
    OMNI_RETURN_IF_ERROR(Expect(rounds[id] == ack.round || rounds[id] == ack.round + 1,
                                "round {} of {} was acknowledged, the registry has round {}",
                                ack.round, id, rounds[id]));
  }
  return absl::OkStatus();
}

directory::Position LastOf(const std::vector<Acknowledged>& acknowledged) {
  directory::Position last;
  for (const Acknowledged& ack : acknowledged) last = std::max(last, ack.position);
  return last;
}

std::size_t CountEvents(const std::vector<FlatJson>& lines, std::string_view event,
                        std::string_view spiffe_id = "") {
  std::size_t count = 0;
  for (const FlatJson& line : lines) {
    if (ValueOf(line, "event") != event) continue;
    if (spiffe_id.empty() || ValueOf(line, "spiffe_id") == spiffe_id) ++count;
  }
  return count;
}

// How often each identity was renewed so far, by what its holder says.
std::map<std::string, std::size_t> Renewals(testbed::Cluster& cluster) {
  const std::string own =
      "spiffe://" + cluster.options().trust_domain + "/service/bootstrap/bootstrap-1";
  return {
      {"bootstrap-1", CountEvents(cluster.bootstrap().LogLines(), "svid_issued", own)},
      {"attestor-1", CountEvents(cluster.attestor().LogLines(), "svid_renewed")},
      {"registry-1", CountEvents(cluster.registry().LogLines(), "svid_renewed")},
      {"orchestrator-003", CountEvents(cluster.node("orchestrator-003").OutputLines(), "rotated")},
      {"reducer-002", CountEvents(cluster.node("reducer-002").OutputLines(), "rotated")},
  };
}

absl::Status ExpectNewIn(const std::vector<std::string>& before,
                         const std::vector<std::string>& now) {
  std::size_t same = 0;
  for (std::size_t i = 0; i < before.size(); ++i) same += before[i] == now[i] ? 1 : 0;
  return Expect(same == 0, "{} of {} nodes under load have their first certificate", same,
                before.size());
}

}  // namespace

absl::Status Job::SurviveKill() {
  const std::size_t mark = watch_->Mark();
  OMNI_ASSIGN_OR_RETURN(const auto load, Load::Start(*cluster_, kTenant, kLoadNodes));
  OMNI_RETURN_IF_ERROR(testbed::Eventually(kAckedWithin, [&] {
    return Expect(load->acknowledged().size() >= kAcksBeforeKill, "{} registrations acknowledged",
                  load->acknowledged().size());
  }));
  cluster_->registry().Kill();
  // Each node stops at the call that fails, so nothing can hide a registration that was lost.
  load->Join();
  const auto before = load->acknowledged();
  OMNI_RETURN_IF_ERROR(cluster_->StartRegistry());
  // A connection that was refused a moment ago is tried again a little later.
  OMNI_RETURN_IF_ERROR(testbed::Eventually(kBackWithin, [&]() -> absl::Status {
    return cluster_->admin().registry().GetTopology(Tenant()).status();
  }));
  OMNI_ASSIGN_OR_RETURN(const auto topology, cluster_->admin().registry().GetTopology(Tenant()));
  OMNI_RETURN_IF_ERROR(ExpectNothingLost(before, topology));

  OMNI_RETURN_IF_ERROR(load->OneMoreRound(kBackWithin));
  const auto all = load->acknowledged();
  OMNI_RETURN_IF_ERROR(Expect(LastOf(all) > LastOf(before), "versions do not continue: {} then {}",
                              LastOf(before).ToString(), LastOf(all).ToString()));
  OMNI_RETURN_IF_ERROR(load->Leave());
  const auto last = load->acknowledged().back();
  OMNI_RETURN_IF_ERROR(
      watch_->WaitFor(last.node_id, ChangeKind::kRemoved, kBackWithin, mark).status());
  OMNI_RETURN_IF_ERROR(ExpectAllSeen(all, watch_->Changes(mark)));
  const node::MirrorStats stats = watch_->mirror().stats();
  OMNI_RETURN_IF_ERROR(Expect(stats.resyncs == 0 && stats.snapshots == 1,
                              "the watcher did not resume: {} snapshots, {} resyncs",
                              stats.snapshots, stats.resyncs));
  return watch_->CheckPromises();
}

absl::Status Job::RotateUnderLoad() {
  OMNI_RETURN_IF_ERROR(StartVisibleNodes());
  const auto before = Renewals(*cluster_);
  OMNI_ASSIGN_OR_RETURN(const auto load, Load::Start(*cluster_, kTenant, kLoadNodes));
  const auto serials = load->serials();
  absl::Status renewed = testbed::Eventually(2 * kSvidTtl, [&]() -> absl::Status {
    for (const auto& [name, count] : Renewals(*cluster_)) {
      OMNI_RETURN_IF_ERROR(Expect(count > before.at(name), "{} has its old certificate", name));
    }
    return ExpectNewIn(serials, load->serials());
  });
  load->Stop();
  load->Join();
  OMNI_RETURN_IF_ERROR(renewed);
  const auto failures = load->failures();
  OMNI_RETURN_IF_ERROR(Expect(failures.empty(), "{} of {} nodes had a failed call, the first: {}",
                              failures.size(), load->nodes(),
                              failures.empty() ? "" : Message(failures.front())));
  // With the certificates of now, on both sides.
  OMNI_RETURN_IF_ERROR(load->OneMoreRound(absl::ZeroDuration()));
  OMNI_RETURN_IF_ERROR(load->Leave());
  return watch_->CheckPromises();
}

absl::Status Job::StopEverything() {
  OMNI_RETURN_IF_ERROR(cluster_->StopNodes());
  OMNI_ASSIGN_OR_RETURN(const auto tenant, cluster_->admin().registry().GetTopology(Tenant()));
  OMNI_RETURN_IF_ERROR(Expect(tenant.nodes.empty(), "{} nodes have not left", tenant.nodes.size()));
  watch_.reset();
  OMNI_RETURN_IF_ERROR(cluster_->StopAttestorAndBootstrap());
  OMNI_ASSIGN_OR_RETURN(const auto system, NamespaceName::Parse("system"));
  OMNI_ASSIGN_OR_RETURN(const auto tombstones, cluster_->admin().registry().ListTombstones(system));
  std::set<std::string> left;
  for (const auto& tombstone : tombstones) {
    if (tombstone.reason == directory::RemovalReason::kGracefulShutdown) {
      left.insert(tombstone.node.id.value());
    }
  }
  OMNI_RETURN_IF_ERROR(Expect(left.contains("attestor-1") && left.contains("bootstrap-1"),
                              "tombstones in system: {{{}}}", fmt::join(left, ", ")));
  OMNI_RETURN_IF_ERROR(cluster_->StopRegistry());
  // Its own tombstone is the last thing it commits; nobody can be asked for it any more.
  for (const FlatJson& line : cluster_->registry().LogLines()) {
    if (ValueOf(line, "event") == "left" && ValueOf(line, "ok") == "true") return absl::OkStatus();
  }
  return absl::InternalError("the registry stopped without its own tombstone");
}

}  // namespace omninode::quickstart
