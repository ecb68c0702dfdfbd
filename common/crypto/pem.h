#ifndef OMNINODE_COMMON_CRYPTO_PEM_H_
#define OMNINODE_COMMON_CRYPTO_PEM_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

// The textual encoding of RFC 7468. Pure functions.
namespace omninode::crypto {

inline constexpr std::size_t kMaxPemBytes = 64 * 1024;
inline constexpr std::size_t kMaxPemCertificates = 16;

struct PemBlock {
  std::string label;  // "CERTIFICATE"
  std::string der;
};

// The blocks of `pem` in order; text between blocks is skipped. Fails with MSG_MALFORMED on a block
// without its end or with bad base64, and beyond the two bounds above.
absl::StatusOr<std::vector<PemBlock>> ParsePem(std::string_view pem);
std::string EncodePem(std::string_view label, std::string_view der);

// The DER of each certificate. At least one; a block of another kind (a key that someone pasted
// into a bundle) is refused. Fails with CERT_PROFILE.
absl::StatusOr<std::vector<std::string>> CertificatesFromPem(std::string_view pem);
std::string CertificatesToPem(std::span<const std::string> ders);

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_PEM_H_
