#include "services/bootstrap/issuance/key_use.h"

#include "common/base/reason.h"

namespace omninode::bootstrap {

absl::Status CheckKeyUse(const identity::SpiffeId& id, std::span<const KeyHolder> holders,
                         absl::Time now) {
  for (const KeyHolder& holder : holders) {
    if (holder.not_after <= now) continue;
    if (holder.id != id) {
      return Reject(Reason::kKeyReused, "the key serves another identity; make a new one");
    }
    if (holder.revoked) {
      return Reject(Reason::kKeyReused, "a certificate of the key was revoked; make a new one");
    }
  }
  return absl::OkStatus();
}

}  // namespace omninode::bootstrap
