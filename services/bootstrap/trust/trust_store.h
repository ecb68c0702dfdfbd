#ifndef OMNINODE_SERVICES_BOOTSTRAP_TRUST_TRUST_STORE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_TRUST_TRUST_STORE_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "services/bootstrap/trust/trust_records.h"

namespace omninode::bootstrap {

// Where the ledger's records live. Thread-safe. Fails with STORE_UNAVAILABLE.
class TrustStore {
 public:
  virtual ~TrustStore() = default;

  // Everything at one sequence.
  virtual absl::StatusOr<TrustRecords> LoadTrust() = 0;

  // All of the change or nothing. After an error of any kind the outcome may be unknown, or another
  // instance may have written the sequence: load before the next change.
  virtual absl::Status CommitTrust(const TrustChange& change) = 0;
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_TRUST_TRUST_STORE_H_
