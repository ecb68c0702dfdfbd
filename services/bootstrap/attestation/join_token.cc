#include "services/bootstrap/attestation/join_token.h"

#include <utility>

#include "common/base/reason.h"
#include "common/base/text.h"
#include "common/crypto/random.h"

namespace omninode::bootstrap {

absl::StatusOr<NewJoinToken> MakeJoinToken(const identity::SpiffeId& spiffe_id,
                                           std::optional<absl::Duration> ttl,
                                           const std::string& created_by, absl::Time now) {
  const absl::Duration life = ttl.value_or(kDefaultTokenTtl);
  if (life <= absl::ZeroDuration() || life > kMaxTokenTtl) {
    return Reject(Reason::kArgumentInvalid, "a token may live up to {}, not {}",
                  FormatDuration(kMaxTokenTtl), FormatDuration(life));
  }
  std::string seed = crypto::RandomBytes(crypto::PrivateKey::kSeedBytes);
  JoinToken token{.id = crypto::RandomUuid(),
                  .public_key = crypto::PrivateKey::FromSeed(seed).public_key(),
                  .spiffe_id = spiffe_id,
                  .expires_at = now + life,
                  .created_by = created_by};
  return NewJoinToken{std::move(token), std::move(seed)};
}

}  // namespace omninode::bootstrap
