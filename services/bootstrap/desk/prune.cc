#include "services/bootstrap/desk/prune.h"

#include "common/base/status.h"

namespace omninode::bootstrap {

absl::Status PruneEnded(BootstrapStore& store, TrustLedger& ledger, absl::Time now) {
  OMNI_RETURN_IF_ERROR(ledger.Prune(now).status());
  while (true) {
    OMNI_ASSIGN_OR_RETURN(const std::size_t rows, store.Prune(now));
    if (rows == 0) return absl::OkStatus();
  }
}

}  // namespace omninode::bootstrap
