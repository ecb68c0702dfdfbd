#ifndef OMNINODE_SERVICES_REGISTRY_REGISTRY_METRICS_H_
#define OMNINODE_SERVICES_REGISTRY_REGISTRY_METRICS_H_

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "common/directory/tombstone.h"
#include "common/telemetry/metrics.h"
#include "services/registry/admission/in_flight.h"
#include "services/registry/lease/lease_table.h"
#include "services/registry/sequencer/committer.h"
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
  std::array<std::uint64_t, kResyncReasons> resyncs_{};
};

// What the sequencer commits, counted as it happens. One thread at a time.
class CommitMetrics final {
 public:
  static std::vector<telemetry::MetricDefinition> Definitions();

  explicit CommitMetrics(telemetry::Metrics& metrics);

  void Record(const CommittedGroup& group);

 private:
  telemetry::Counter& CounterOf(const NodeChange& change);

  telemetry::Counter added_;
  telemetry::Counter updated_;
  std::map<directory::RemovalReason, telemetry::Counter> removed_;
  telemetry::Counter renewed_;
  telemetry::Histogram seconds_;
  telemetry::Histogram commands_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_REGISTRY_METRICS_H_
