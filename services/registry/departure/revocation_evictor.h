#ifndef OMNINODE_SERVICES_REGISTRY_DEPARTURE_REVOCATION_EVICTOR_H_
#define OMNINODE_SERVICES_REGISTRY_DEPARTURE_REVOCATION_EVICTOR_H_

#include <string>

#include "common/concurrency/periodic_task.h"
#include "common/concurrency/subscription.h"
#include "common/identity/trust_source.h"
#include "services/registry/departure/eviction_scan.h"

namespace omninode::registry {

// Revoke = evict: whenever trust changes, asks the sequencer to remove every node whose signer is
// no longer accepted, and asks again until it is done. Runs on a thread of its own.
class RevocationEvictor final {
 public:
  // `actor` is the SPIFFE ID of this instance: who removed them.
  // REQUIRES: all references outlive this.
  RevocationEvictor(identity::TrustSource& trust, const TopologyTable& table, CommandSink& sink,
                    std::string actor);

 private:
  EvictionScan scan_;
  PeriodicTask task_;
  Subscription subscription_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_DEPARTURE_REVOCATION_EVICTOR_H_
