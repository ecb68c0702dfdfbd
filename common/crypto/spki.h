#ifndef OMNINODE_COMMON_CRYPTO_SPKI_H_
#define OMNINODE_COMMON_CRYPTO_SPKI_H_

#include <optional>
#include <string_view>

#include <absl/status/statusor.h>

#include "common/crypto/key.h"
#include "common/crypto/ssl_ptr.h"

// Private to this folder: from the bytes of a SubjectPublicKeyInfo to a key that can be used.
namespace omninode::crypto {

struct SpkiKey {
  KeyAlgorithm algorithm;
  EvpKeyPtr key;
};

// See PublicKey::FromSpki. Every number that an attacker chose is bounded before the library sees
// it; parameters other than the three accepted forms (explicit curves!) never reach it.
absl::StatusOr<SpkiKey> DecodeSpki(std::string_view der);

// The bytes of the key inside a well-formed SubjectPublicKeyInfo.
std::optional<std::string_view> SpkiKeyBytes(std::string_view der);

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_SPKI_H_
