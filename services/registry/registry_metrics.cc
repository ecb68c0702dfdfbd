#include "services/registry/registry_metrics.h"

#include <string>
#include <string_view>

namespace omninode::registry {
namespace {

using telemetry::MetricDefinition;
using telemetry::MetricType;

constexpr char kNodes[] = "omninode_registry_nodes";
constexpr char kVersion[] = "omninode_registry_topology_version";
constexpr char kLeases[] = "omninode_registry_leases";
constexpr char kWaiting[] = "omninode_registry_commands_waiting";
constexpr char kGroups[] = "omninode_registry_groups_total";
constexpr char kInFlight[] = "omninode_registry_in_flight";
constexpr char kWaiters[] = "omninode_registry_version_waiters";
constexpr char kWatches[] = "omninode_registry_watches";
constexpr char kHistoryBytes[] = "omninode_registry_watch_history_bytes";
constexpr char kResyncs[] = "omninode_registry_watch_resyncs_total";
constexpr char kChanges[] = "omninode_registry_changes_total";
constexpr char kCommitSeconds[] = "omninode_registry_commit_seconds";
constexpr char kGroupCommands[] = "omninode_registry_group_commands";

constexpr std::string_view kAdded = "added";
constexpr std::string_view kUpdated = "updated";
constexpr std::string_view kRenewed = "renewed";

constexpr directory::RemovalReason kRemovals[] = {directory::RemovalReason::kGracefulShutdown,
                                                  directory::RemovalReason::kLeaseExpired,
                                                  directory::RemovalReason::kManualDeregistration,
                                                  directory::RemovalReason::kIdentityRevoked,
                                                  directory::RemovalReason::kPolicyEvicted,
                                                  directory::RemovalReason::kFederationWithdrawn};

std::vector<std::string> ChangeNames() {
  std::vector<std::string> names = {std::string(kAdded), std::string(kUpdated),
                                    std::string(kRenewed)};
  for (const auto reason : kRemovals) names.emplace_back(NameOf(reason));
  return names;
}

constexpr ResyncReason ResyncReasonAt(std::size_t index) {
  return static_cast<ResyncReason>(index + 1);
}

std::vector<std::string> ResyncNames() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kResyncReasons; ++i) names.emplace_back(NameOf(ResyncReasonAt(i)));
  return names;
}

}  // namespace

std::vector<MetricDefinition> RegistryMetrics::Definitions() {
  return {
      {kNodes, MetricType::kGauge, "Live nodes by namespace.", "1", {{"namespace", {}}}},
      {kVersion, MetricType::kGauge, "Topology version by namespace.", "1", {{"namespace", {}}}},
      {kLeases, MetricType::kGauge, "Leases granted now.", "1"},
      {kWaiting, MetricType::kGauge,
       "Commands before the sequencer; worry when it stays near its bound.", "1"},
      {kGroups, MetricType::kCounter, "Groups committed to the store.", "1"},
      {kInFlight, MetricType::kGauge,
       "Registrations between arrival and answer; at its cap new ones are shed.", "1"},
      {kWaiters, MetricType::kGauge, "Callers of WaitForVersion that wait now.", "1"},
      {kWatches, MetricType::kGauge, "Open topology watches.", "1"},
      {kHistoryBytes, MetricType::kGauge,
       "Memory of the versions from which watches can resume, over all namespaces.", "bytes"},
      {kResyncs,
       MetricType::kCounter,
       "Watches that had to begin again with a snapshot, by reason.",
       "1",
       {{"reason", ResyncNames()}}},
  };
}

void RegistryMetrics::Update() {
  for (const NamespaceSummary& ns : rooms_.table.ListNamespaces()) {
    const std::string& name = ns.info.name.value();
    metrics_.GetGauge(kNodes, {name}).Set(static_cast<double>(ns.nodes));
    metrics_.GetGauge(kVersion, {name}).Set(static_cast<double>(ns.position.version));
  }
  metrics_.GetGauge(kLeases).Set(static_cast<double>(rooms_.leases.size()));
  metrics_.GetGauge(kWaiting).Set(static_cast<double>(rooms_.sequencer.waiting()));
  metrics_.GetGauge(kInFlight).Set(static_cast<double>(rooms_.in_flight.count()));
  const WatchHub::Stats watch = rooms_.watch.stats();
  metrics_.GetGauge(kWaiters).Set(static_cast<double>(watch.waiters));
  metrics_.GetGauge(kWatches).Set(static_cast<double>(watch.feeds.watchers));
  metrics_.GetGauge(kHistoryBytes).Set(static_cast<double>(watch.feeds.ring_bytes));
  for (std::size_t i = 0; i < kResyncReasons; ++i) {
    metrics_.GetCounter(kResyncs, {NameOf(ResyncReasonAt(i))})
        .Increment(static_cast<double>(watch.feeds.resyncs[i] - resyncs_[i]));
  }
  resyncs_ = watch.feeds.resyncs;
  const std::uint64_t groups = rooms_.sequencer.committed_groups();
  metrics_.GetCounter(kGroups).Increment(static_cast<double>(groups - groups_));
  groups_ = groups;
}

std::vector<MetricDefinition> CommitMetrics::Definitions() {
  return {
      {kChanges,
       MetricType::kCounter,
       "Registrations and removals that were committed: added, updated, renewed (no version), or "
       "the reason of the removal.",
       "1",
       {{"change", ChangeNames()}}},
      {kCommitSeconds,
       MetricType::kHistogram,
       "Time that the store took for a group; every write waits for at least one.",
       "seconds",
       {},
       {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5}},
      {kGroupCommands,
       MetricType::kHistogram,
       "Commands per committed group; near the bound the store is the bottleneck.",
       "1",
       {},
       {1, 2, 4, 8, 16, 32, 64, 128, 256, 512}},
  };
}

CommitMetrics::CommitMetrics(telemetry::Metrics& metrics)
    : added_(metrics.GetCounter(kChanges, {kAdded})),
      updated_(metrics.GetCounter(kChanges, {kUpdated})),
      renewed_(metrics.GetCounter(kChanges, {kRenewed})),
      seconds_(metrics.GetHistogram(kCommitSeconds)),
      commands_(metrics.GetHistogram(kGroupCommands)) {
  for (const auto reason : kRemovals) {
    removed_.emplace(reason, metrics.GetCounter(kChanges, {NameOf(reason)}));
  }
}

void CommitMetrics::Record(const CommittedGroup& group) {
  seconds_.Observe(absl::ToDoubleSeconds(group.commit));
  commands_.Observe(static_cast<double>(group.commands));
  for (const ChangeRecord& record : group.records) {
    for (const NodeChange& change : record.changes) CounterOf(change).Increment();
    renewed_.Increment(static_cast<double>(record.renewed.size()));
  }
}

telemetry::Counter& CommitMetrics::CounterOf(const NodeChange& change) {
  if (change.departed != nullptr) return removed_.at(change.departed->tombstone.reason);
  return change.kind == directory::ChangeKind::kAdded ? added_ : updated_;
}

}  // namespace omninode::registry
