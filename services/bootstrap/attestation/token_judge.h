#ifndef OMNINODE_SERVICES_BOOTSTRAP_ATTESTATION_TOKEN_JUDGE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_ATTESTATION_TOKEN_JUDGE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/digest.h"
#include "common/crypto/key.h"
#include "common/identity/spiffe_id.h"
#include "services/bootstrap/attestation/join_token.h"

namespace omninode::bootstrap {

// What a newcomer offers. Borrows.
struct TokenProof {
  std::string_view message;                       // the bytes that had to be signed
  std::string_view signature;                     // what came back
  crypto::Sha256Digest key_fingerprint;           // of the key the SVID is wanted for
  const identity::SpiffeId* spiffe_id = nullptr;  // the identity wanted; null: what the token says
};

enum class TokenVerdict : std::uint8_t {
  kIssue,      // not used yet
  kSameAgain,  // used for this key a moment ago: the answer was lost, give it again
};

// Decides what a proof is worth. Immutable; thread-safe.
class TokenJudge final {
 public:
  // How long after its use a token gives the same answer to the same key.
  static constexpr absl::Duration kLostAnswerTime = absl::Seconds(60);

  TokenJudge();

  // `token`: what is stored, null when nothing is. Fails with, in this order,
  //   TOKEN_INVALID   no such token or a wrong signature; both cost one verification and read
  //   alike; TOKEN_BINDING   it is for another identity than the one wanted; TOKEN_USED      it was
  //   used for another key, or too long ago; TOKEN_EXPIRED   it was never used and its time is
  //   over.
  absl::StatusOr<TokenVerdict> Judge(const StoredToken* token, const TokenProof& proof,
                                     absl::Time now) const;

 private:
  const std::string decoy_spki_;  // of a key that stands in for tokens that do not exist
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_ATTESTATION_TOKEN_JUDGE_H_
