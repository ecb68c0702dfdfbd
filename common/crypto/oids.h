#ifndef OMNINODE_COMMON_CRYPTO_OIDS_H_
#define OMNINODE_COMMON_CRYPTO_OIDS_H_

#include <string>
#include <string_view>

#include "common/crypto/der_writer.h"
#include "common/crypto/key.h"

// Object identifiers as DER content octets. Private to this folder.
namespace omninode::crypto {

inline constexpr std::string_view kOidEcPublicKey = "\x2a\x86\x48\xce\x3d\x02\x01";      // RFC 5480
inline constexpr std::string_view kOidPrime256v1 = "\x2a\x86\x48\xce\x3d\x03\x01\x07";   // RFC 5480
inline constexpr std::string_view kOidEcdsaSha256 = "\x2a\x86\x48\xce\x3d\x04\x03\x02";  // RFC 5758
inline constexpr std::string_view kOidEd25519 = "\x2b\x65\x70";                          // RFC 8410
inline constexpr std::string_view kOidRsaEncryption =
    "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";  // RFC 8017
inline constexpr std::string_view kOidSha256WithRsa = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b";
inline constexpr std::string_view kOidExtensionRequest =
    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e";  // RFC 2985 5.4.2

inline constexpr std::string_view kOidCommonName = "\x55\x04\x03";  // X.520
inline constexpr std::string_view kOidSerialNumber = "\x55\x04\x05";
inline constexpr std::string_view kOidOrganization = "\x55\x04\x0a";

inline constexpr std::string_view kOidSubjectKeyId = "\x55\x1d\x0e";  // RFC 5280 4.2.1
inline constexpr std::string_view kOidKeyUsage = "\x55\x1d\x0f";
inline constexpr std::string_view kOidSubjectAltName = "\x55\x1d\x11";
inline constexpr std::string_view kOidBasicConstraints = "\x55\x1d\x13";
inline constexpr std::string_view kOidNameConstraints = "\x55\x1d\x1e";
inline constexpr std::string_view kOidAuthorityKeyId = "\x55\x1d\x23";
inline constexpr std::string_view kOidExtKeyUsage = "\x55\x1d\x25";
inline constexpr std::string_view kOidServerAuth = "\x2b\x06\x01\x05\x05\x07\x03\x01";
inline constexpr std::string_view kOidClientAuth = "\x2b\x06\x01\x05\x05\x07\x03\x02";

inline std::string DerOidOf(std::string_view oid) { return DerWrap(kDerOid, oid); }

// The AlgorithmIdentifier of a signature. RSA's carries NULL parameters, the others' none.
inline std::string SignatureAlgorithmIdentifier(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kSha256WithRsa:
      return DerSequenceOf({DerOidOf(kOidSha256WithRsa), DerWrap(kDerNull, "")});
    case SignatureAlgorithm::kSha256WithEcdsa:
      return DerSequenceOf({DerOidOf(kOidEcdsaSha256)});
    case SignatureAlgorithm::kEd25519:
      return DerSequenceOf({DerOidOf(kOidEd25519)});
  }
  return {};
}

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_OIDS_H_
