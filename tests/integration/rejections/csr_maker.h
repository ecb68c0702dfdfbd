#ifndef OMNINODE_TESTS_INTEGRATION_REJECTIONS_CSR_MAKER_H_
#define OMNINODE_TESTS_INTEGRATION_REJECTIONS_CSR_MAKER_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/key.h"

// Signing requests (RFC 2986) and keys of any content, in DER. Pure.
namespace omninode::rejections {

struct CsrParts {
  std::vector<std::string> extensions;  // of the extension request, as made by Extension
  std::string common_name;              // of the subject; empty: no subject
  std::string spki;                     // empty: that of the signing key
  std::string algorithm_oid;            // content octets; empty: that of the signing key
};
std::string MakeHostileCsr(const crypto::PrivateKey& key, const CsrParts& parts);

// Object identifiers as content octets (RFC 5280 4.2.1).
inline constexpr std::string_view kOidSubjectAltName = "\x55\x1d\x11";
inline constexpr std::string_view kOidKeyUsage = "\x55\x1d\x0f";
inline constexpr std::string_view kOidBasicConstraints = "\x55\x1d\x13";
inline constexpr std::string_view kOidNameConstraints = "\x55\x1d\x1e";
inline constexpr std::string_view kOidUnknown = "\x2a\x03\x04";
std::string Extension(std::string_view oid, bool critical, std::string_view value);

// Public keys as SubjectPublicKeyInfo, of numbers given as big-endian bytes. The curve is given as
// content octets, the point as it stands in the key.
std::string RsaSpki(std::string_view modulus, std::string_view exponent);
std::string EcSpki(std::string_view curve_oid, std::string_view point);
inline constexpr std::string_view kOidP256 = "\x2a\x86\x48\xce\x3d\x03\x01\x07";
inline constexpr std::string_view kOidP192 = "\x2a\x86\x48\xce\x3d\x03\x01\x01";
inline constexpr std::string_view kOidP384 = "\x2b\x81\x04\x00\x22";

}  // namespace omninode::rejections

#endif  // OMNINODE_TESTS_INTEGRATION_REJECTIONS_CSR_MAKER_H_
