#include "common/crypto/tls_pair.h"

#include "common/base/status.h"

namespace omninode::crypto {

absl::Status CheckKeyMatches(const Certificate& leaf, const PrivateKey& key) {
  if (!leaf.public_key().ok() || !(*leaf.public_key() == key.public_key())) {
    return Error(absl::StatusCode::kFailedPrecondition,
                 "the private key does not belong to certificate {}", leaf.serial_hex());
  }
  return absl::OkStatus();
}

}  // namespace omninode::crypto
