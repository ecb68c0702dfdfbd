#ifndef OMNINODE_SERVICES_REGISTRY_REGISTRY_METRICS_H_
#define OMNINODE_SERVICES_REGISTRY_REGISTRY_METRICS_H_

#include <vector>

#include "common/telemetry/metrics.h"
#include "services/registry/admission/in_flight.h"
#include "services/registry/lease/lease_table.h"
#include "services/registry/sequencer/sequencer.h"
#include "services/registry/topology/topology_table.h"
#include "services/registry/watch/watch_hub.h"

namespace omninode::registry {

// The registry's own gauges and counters, read from the rooms by whoever calls Update now and then.
class RegistryMetrics final {
 public:
  static std::vector<telemetry::MetricDefinition> Definitions();

  struct Rooms {
    const TopologyTable& table;
    const LeaseTable& leases;
    const WatchHub& watch;
    const Sequencer& sequencer;
    const InFlight& in_flight;
  };

  RegistryMetrics(telemetry::Metrics& metrics, Rooms rooms) : metrics_(metrics), rooms_(rooms) {}

  // One thread at a time.
  void Update();

 private:
  telemetry::Metrics& metrics_;
  const Rooms rooms_;
  std::uint64_t groups_ = 0;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_REGISTRY_METRICS_H_
