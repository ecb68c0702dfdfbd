#ifndef OMNINODE_SERVICES_BOOTSTRAP_ISSUANCE_KEY_USE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_ISSUANCE_KEY_USE_H_

#include <span>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/identity/spiffe_id.h"

namespace omninode::bootstrap {

// A certificate that was issued for a key.
struct KeyHolder {
  identity::SpiffeId id;
  absl::Time not_after;
  bool revoked = false;
};

// Whether a key may serve `id`, given the certificates that it has had: not while another identity
// has one that lives, or one of the same identity was revoked and has not ended, because revoking
// kills the key. Pure. Fails with KEY_REUSED; the message does not say whose the key is.
absl::Status CheckKeyUse(const identity::SpiffeId& id, std::span<const KeyHolder> holders,
                         absl::Time now);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_ISSUANCE_KEY_USE_H_
