#ifndef OMNINODE_COMMON_CRYPTO_TLS_PAIR_H_
#define OMNINODE_COMMON_CRYPTO_TLS_PAIR_H_

#include <absl/status/status.h>

#include "common/crypto/certificate.h"
#include "common/crypto/key.h"

namespace omninode::crypto {

// Whether `key` is the key of `leaf`. A listener that is given a pair which does not match stops
// accepting connections, so every pair is checked before it is published. FailedPrecondition.
absl::Status CheckKeyMatches(const Certificate& leaf, const PrivateKey& key);

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_TLS_PAIR_H_
