#ifndef OMNINODE_SERVICES_REGISTRY_DEPARTURE_REVOCATION_EVICTOR_H_
#define OMNINODE_SERVICES_REGISTRY_DEPARTURE_REVOCATION_EVICTOR_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "common/concurrency/periodic_task.h"
#include "common/concurrency/subscription.h"
#include "common/identity/trust_source.h"
#include "services/registry/sequencer/command_sink.h"
#include "services/registry/topology/topology_table.h"

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
  absl::Duration Step();

  identity::TrustSource& trust_;
  const TopologyTable& table_;
  CommandSink& sink_;
  const std::string actor_;
  // Outlives this object: completions may come later.
  std::shared_ptr<std::atomic<bool>> failed_ = std::make_shared<std::atomic<bool>>(false);
  PeriodicTask task_;
  Subscription subscription_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_DEPARTURE_REVOCATION_EVICTOR_H_
