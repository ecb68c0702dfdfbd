#include "services/bootstrap/attestation/token_judge.h"

#include "common/base/reason.h"
#include "common/base/text.h"

namespace omninode::bootstrap {

TokenJudge::TokenJudge()
    : decoy_spki_(
          crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kEd25519).public_key().spki_der()) {}

absl::StatusOr<TokenVerdict> TokenJudge::Judge(const StoredToken* token, const TokenProof& proof,
                                               absl::Time now) const {
  // A stored key was read from its encoding a moment ago; the decoy is read likewise, because the
  // reading costs more than the verification.
  const absl::StatusOr<crypto::PublicKey> key =
      token == nullptr ? crypto::PublicKey::FromSpki(decoy_spki_) : token->token.public_key;
  const bool proved =
      key.ok() &&
      key->Verify(crypto::SignatureAlgorithm::kEd25519, proof.message, proof.signature).ok();
  if (token == nullptr || !proved) {
    return Reject(Reason::kTokenInvalid, "no such join token, or the proof is wrong");
  }
  if (proof.spiffe_id != nullptr && *proof.spiffe_id != token->token.spiffe_id) {
    return Reject(Reason::kTokenBinding, "the join token is for another identity");
  }
  if (token->use.has_value()) {
    if (token->use->key_fingerprint == proof.key_fingerprint &&
        now - token->use->used_at <= kLostAnswerTime) {
      return TokenVerdict::kSameAgain;
    }
    return Reject(Reason::kTokenUsed, "the join token was used at {}; a new one is needed",
                  omninode::FormatTime(token->use->used_at));
  }
  if (now >= token->token.expires_at) {
    return Reject(Reason::kTokenExpired, "the join token expired at {}; a new one is needed",
                  omninode::FormatTime(token->token.expires_at));
  }
  return TokenVerdict::kIssue;
}

}  // namespace omninode::bootstrap
