#ifndef OMNINODE_SERVICES_BOOTSTRAP_DESK_PRUNE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_DESK_PRUNE_H_

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "services/bootstrap/store/bootstrap_store.h"
#include "services/bootstrap/trust/trust_ledger.h"

namespace omninode::bootstrap {

// Longer than any leaf lives (kMaxSvidTtl and its backdating): how long a ledger must remember.
inline constexpr absl::Duration kLongestLeafLife = absl::Hours(25);

// Forgets certificates, tokens, revocations and lifted bans that have ended. For a periodic task;
// what fails is tried again at its next run. Blocks on the store.
absl::Status PruneEnded(BootstrapStore& store, TrustLedger& ledger, absl::Time now);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_DESK_PRUNE_H_
