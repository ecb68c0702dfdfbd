#ifndef OMNINODE_COMMON_IDENTITY_TRUST_STATE_H_
#define OMNINODE_COMMON_IDENTITY_TRUST_STATE_H_

#include <cstdint>
#include <memory>
#include <optional>

#include <absl/time/time.h>

#include "common/identity/revocations.h"
#include "common/identity/spiffe_id.h"
#include "common/identity/trust_bundle.h"

namespace omninode::identity {

// Everything a process believes at one moment, as one value, so that a decision never mixes the
// bundles of one moment with the revocations of another. Shared as pointer to const.
struct TrustState {
  TrustDomain own;             // the network's own: the one whose paths are roles here
  std::uint64_t sequence = 0;  // changes whenever one of the next two does
  BundleSet bundles;
  Revocations revocations;
  std::optional<absl::Time> received_at;  // nullopt: from disk, not yet confirmed by anyone
};

using TrustStatePtr = std::shared_ptr<const TrustState>;

}  // namespace omninode::identity

#endif  // OMNINODE_COMMON_IDENTITY_TRUST_STATE_H_
