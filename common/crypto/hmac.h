#ifndef OMNINODE_COMMON_CRYPTO_HMAC_H_
#define OMNINODE_COMMON_CRYPTO_HMAC_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "common/crypto/digest.h"

// Keyed hashes. Pure functions, safe on any thread.
namespace omninode::crypto {

// HMAC-SHA-256 (RFC 2104).
Sha256Digest HmacSha256(std::string_view key, std::string_view data);

// HKDF with SHA-256, extract and expand (RFC 5869). An empty salt means 32 zero bytes.
// REQUIRES: length <= kMaxHkdfOutput.
inline constexpr std::size_t kMaxHkdfOutput = 255 * 32;
std::string HkdfSha256(std::string_view secret, std::string_view salt, std::string_view info,
                       std::size_t length);

// Compares MACs and secrets in a time that depends on their lengths only.
bool ConstantTimeEquals(std::string_view a, std::string_view b);

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_HMAC_H_
