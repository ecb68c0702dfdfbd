#ifndef OMNINODE_SERVICES_BOOTSTRAP_ATTESTATION_JOIN_TOKEN_H_
#define OMNINODE_SERVICES_BOOTSTRAP_ATTESTATION_JOIN_TOKEN_H_

#include <optional>
#include <string>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/digest.h"
#include "common/crypto/key.h"
#include "common/identity/spiffe_id.h"

namespace omninode::bootstrap {

inline constexpr absl::Duration kDefaultTokenTtl = absl::Minutes(10);
inline constexpr absl::Duration kMaxTokenTtl = absl::Hours(24);
inline constexpr std::size_t kMaxTokenIdBytes = 128;

// What is kept of a join token: enough to verify a proof, not to make one.
struct JoinToken {
  std::string id;                // random; public
  crypto::PublicKey public_key;  // Ed25519
  identity::SpiffeId spiffe_id;  // the one identity it may be exchanged for
  absl::Time expires_at;
  std::string created_by;
};

// That a token was exchanged, and for which key.
struct TokenUse {
  crypto::Sha256Digest key_fingerprint;
  absl::Time used_at;
  std::string serial;  // of the certificate given for it
};

struct StoredToken {
  JoinToken token;
  std::optional<TokenUse> use;
};

struct NewJoinToken {
  JoinToken token;
  std::string seed;  // the secret, crypto::PrivateKey::kSeedBytes; the caller wipes it
};

// A new token with a random id and seed. An unset ttl is kDefaultTokenTtl. Fails with
// ARGUMENT_INVALID when the ttl is not above zero or longer than kMaxTokenTtl.
absl::StatusOr<NewJoinToken> MakeJoinToken(const identity::SpiffeId& spiffe_id,
                                           std::optional<absl::Duration> ttl,
                                           const std::string& created_by, absl::Time now);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_ATTESTATION_JOIN_TOKEN_H_
