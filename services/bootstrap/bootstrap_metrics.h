#ifndef OMNINODE_SERVICES_BOOTSTRAP_BOOTSTRAP_METRICS_H_
#define OMNINODE_SERVICES_BOOTSTRAP_BOOTSTRAP_METRICS_H_

#include <vector>

#include <absl/time/time.h>

#include "common/telemetry/metrics.h"
#include "services/bootstrap/api/trust_broadcast.h"
#include "services/bootstrap/desk/entry_desk.h"
#include "services/bootstrap/trust/trust_ledger.h"

namespace omninode::bootstrap {

// The service's own gauges, read from the rooms by whoever calls Update now and then.
class BootstrapMetrics final {
 public:
  static std::vector<telemetry::MetricDefinition> Definitions();

  struct Rooms {
    const TrustLedger& ledger;
    const EntryDesk& entries;
    const TrustBroadcast& broadcast;
    absl::Time authority_ends_at;
  };

  BootstrapMetrics(telemetry::Metrics& metrics, const Rooms& rooms)
      : metrics_(metrics), rooms_(rooms) {}

  void Update();

 private:
  telemetry::Metrics& metrics_;
  const Rooms rooms_;
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_BOOTSTRAP_METRICS_H_
