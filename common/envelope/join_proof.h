#ifndef OMNINODE_COMMON_ENVELOPE_JOIN_PROOF_H_
#define OMNINODE_COMMON_ENVELOPE_JOIN_PROOF_H_

#include <cstddef>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "common/identity/spiffe_id.h"

namespace omninode::envelope {

inline constexpr std::size_t kMaxTokenIdBytes = 128;
inline constexpr std::size_t kJoinChallengeBytes = 32;

// What a join token's key signs to prove that a newcomer holds the token, for this key, in this
// trust domain, now. Borrows.
struct JoinProofFields {
  std::string_view token_id;
  std::string_view csr_der;
  const identity::TrustDomain& trust_domain;
  std::string_view challenge;
};

// The bytes to sign: "omninode-join-v1" | u16 len token_id | SHA-256(csr) | u16 len trust_domain |
// challenge, lengths big-endian (attestation_service.proto). ARGUMENT_INVALID when the token id is
// empty or beyond its bound, or the challenge has not exactly kJoinChallengeBytes.
absl::StatusOr<std::string> JoinProofMessage(const JoinProofFields& fields);

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_JOIN_PROOF_H_
