#ifndef OMNINODE_COMMON_CRYPTO_CSR_H_
#define OMNINODE_COMMON_CRYPTO_CSR_H_

#include <cstddef>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "common/crypto/key.h"

// PKCS#10 certification requests (RFC 2986). Pure functions, safe on any thread.
namespace omninode::crypto {

inline constexpr std::size_t kMaxCsrBytes = 8 * 1024;

// The DER request of `key`: empty subject, no attributes, because the issuer decides the rest.
std::string MakeCsr(const PrivateKey& key);

// The public key of a request, the only part of it that is ever used: subject and alternative
// names are ignored. Fails with, in this order,
//   MSG_TOO_LARGE      more than kMaxCsrBytes;
//   MSG_MALFORMED      not one DER request;
//   CSR_WEAK_KEY       see PublicKey::FromSpki; found before any arithmetic;
//   CSR_FORBIDDEN_EXT  it asks for cA, keyCertSign or cRLSign, or has an unknown critical
//   extension; CSR_BAD_POP        not signed with the key's algorithm and by the key itself.
absl::StatusOr<PublicKey> CheckCsr(std::string_view der);

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_CSR_H_
