#ifndef OMNINODE_SERVICES_BOOTSTRAP_ATTESTATION_PENDING_ATTESTATIONS_H_
#define OMNINODE_SERVICES_BOOTSTRAP_ATTESTATION_PENDING_ATTESTATIONS_H_

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <absl/status/statusor.h>

#include "common/base/mutex.h"
#include "common/crypto/key.h"
#include "common/identity/spiffe_id.h"
#include "common/time/monotonic_time.h"

namespace omninode::bootstrap {

// Who knocked, for which key. Nothing of it is proved yet except that the key signed the request.
struct AttestationClaim {
  std::string token_id;
  std::string csr_der;
  crypto::PublicKey key;                        // of the request
  std::optional<identity::SpiffeId> spiffe_id;  // the identity wanted, if the newcomer said so
  std::string source_address;
};

// Attestations between challenge and proof. Thread-safe. Each can be taken once, within kLife;
// identifiers and challenges are random, so nobody can take another's.
class PendingAttestations final {
 public:
  static constexpr std::size_t kMaxPending = 4096;
  static constexpr absl::Duration kLife = absl::Seconds(30);
  static constexpr std::size_t kChallengeBytes = 32;

  struct Ticket {
    std::string id;
    std::string challenge;
  };
  struct Pending {
    AttestationClaim claim;
    std::string challenge;
  };

  // Fails with LOAD_SHED when kMaxPending are under way.
  absl::StatusOr<Ticket> Begin(AttestationClaim claim, MonotonicTime now);
  // nullopt: never begun, taken already, or too late.
  std::optional<Pending> Take(std::string_view id, MonotonicTime now);

  std::size_t size() const;

 private:
  struct Slot {
    std::string id;
    MonotonicTime ends_at;
    Pending pending;
  };
  using Slots = std::list<Slot>;

  void DropEnded(MonotonicTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  Slots slots_ ABSL_GUARDED_BY(mutex_);  // in order of their end
  // Keys point into the slots.
  std::unordered_map<std::string_view, Slots::iterator> by_id_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_ATTESTATION_PENDING_ATTESTATIONS_H_
