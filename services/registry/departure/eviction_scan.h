#ifndef OMNINODE_SERVICES_REGISTRY_DEPARTURE_EVICTION_SCAN_H_
#define OMNINODE_SERVICES_REGISTRY_DEPARTURE_EVICTION_SCAN_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include <absl/time/time.h>

#include "common/identity/trust_state.h"
#include "services/registry/sequencer/command_sink.h"
#include "services/registry/topology/topology_table.h"

namespace omninode::registry {

// Looks through the topology for nodes whose signer is no longer accepted and asks for their
// removal. Owns no thread: whoever drives it calls Run, and again after the time it returns.
class EvictionScan final {
 public:
  // While a removal is under way, or may have been refused (store away, queue full).
  static constexpr absl::Duration kRetry = absl::Milliseconds(500);
  // When there was nothing to do: for nodes that entered while the trust change was on its way.
  static constexpr absl::Duration kSafety = absl::Seconds(1);
  // A queue takes a batch whole or not at all.
  static constexpr std::size_t kBatch = 256;

  // `actor` is the SPIFFE ID of this instance: who removed them.
  // REQUIRES: the references outlive this.
  EvictionScan(const TopologyTable& table, CommandSink& sink, std::string actor)
      : table_(table), sink_(sink), actor_(std::move(actor)) {}

  // `trust` may be null: then there is nothing to go by. One thread at a time.
  absl::Duration Run(const identity::TrustStatePtr& trust);

 private:
  const TopologyTable& table_;
  CommandSink& sink_;
  const std::string actor_;
  // Removals without an answer yet. Outlives this object, because answers may.
  const std::shared_ptr<std::atomic<std::size_t>> waiting_ =
      std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_DEPARTURE_EVICTION_SCAN_H_
