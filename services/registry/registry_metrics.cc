#include "services/registry/registry_metrics.h"

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
  metrics_.GetGauge(kWaiters).Set(static_cast<double>(rooms_.watch.stats().waiters));
  const std::uint64_t groups = rooms_.sequencer.committed_groups();
  metrics_.GetCounter(kGroups).Increment(static_cast<double>(groups - groups_));
  groups_ = groups;
}

}  // namespace omninode::registry
