#ifndef OMNINODE_SERVICES_REGISTRY_TOPOLOGY_SEQUENCE_RULE_H_
#define OMNINODE_SERVICES_REGISTRY_TOPOLOGY_SEQUENCE_RULE_H_

#include <cstdint>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/identity/trust_state.h"
#include "services/registry/topology/command.h"
#include "services/registry/topology/node.h"

namespace omninode::registry {

enum class SequenceVerdict {
  kNew,       // above everything known of the node
  kRepeated,  // the very message that was accepted last
};

// Order and idempotency from one number. Against the last accepted message of the id, live or
// departed (at most one of them is given, null for an id never seen):
//
//   sequence above           kNew
//   equal, same digest       kRepeated for the node itself and whoever carried it first,
//                            REPLAY for anyone else
//   equal, other digest      IDEMPOTENCY_KEY_REUSED
//   below                    STALE_SEQUENCE; metadata last_sequence for the node itself only
//
// A live id that belongs to another SPIFFE ID is refused with SUBJECT_MISMATCH before all that.
absl::StatusOr<SequenceVerdict> JudgeSequence(const Admitted& admitted, const Node* live,
                                              const Departed* departed);

absl::Status StaleSequence(const Admitted& admitted, std::uint64_t last_sequence);

// CERT_REVOKED or IDENTITY_BANNED when `trust` no longer accepts the signer.
absl::Status CheckSigner(const identity::TrustState& trust, const Signer& signer);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_TOPOLOGY_SEQUENCE_RULE_H_
