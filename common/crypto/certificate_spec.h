#ifndef OMNINODE_COMMON_CRYPTO_CERTIFICATE_SPEC_H_
#define OMNINODE_COMMON_CRYPTO_CERTIFICATE_SPEC_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <absl/time/time.h>

#include "common/crypto/key.h"

namespace omninode::crypto {

// Bits of the keyUsage extension, by their number in RFC 5280 4.2.1.3.
inline constexpr std::uint16_t kUsageDigitalSignature = 1U << 0;
inline constexpr std::uint16_t kUsageKeyCertSign = 1U << 5;
inline constexpr std::uint16_t kUsageCrlSign = 1U << 6;

// The parts of a distinguished name that are used here; an empty part is left out.
struct DistinguishedName {
  std::string organization;
  std::string common_name;
  std::string serial_number;  // keeps the names of two authorities apart
};
std::string EncodeName(const DistinguishedName& name);  // DER Name

struct ExtensionSpec {
  std::string oid;  // DER content octets
  bool critical = false;
  std::string value;  // DER
};

// Everything that a certificate says, without judgement: the two issuers of certificate_issuer.h
// fill it by their rules, tests fill it against them. An absent optional or an empty list leaves
// the extension out.
struct CertificateSpec {
  std::string serial;  // big-endian, 1 to 20 bytes
  std::string issuer_der;
  std::string subject_der;
  absl::Time not_before;
  absl::Time not_after;
  PublicKey key;
  std::vector<std::string> uris;
  std::vector<std::string> dns;
  std::vector<std::string> emails;
  bool san_critical = false;
  std::optional<bool> is_ca;
  std::optional<std::uint8_t> path_length;
  std::optional<std::uint16_t> key_usage;
  bool key_usage_critical = true;
  bool server_auth = false;
  bool client_auth = false;
  std::string subject_key_id;    // bytes
  std::string authority_key_id;  // bytes
  std::vector<ExtensionSpec> extra;
};

// The leftmost 160 bits of the SHA-256 of the key (RFC 7093 2, method 1), as bytes.
std::string KeyIdentifierOf(const PublicKey& key);

// The DER certificate (version 3), signed by `issuer_key`.
std::string SignCertificate(const CertificateSpec& spec, const PrivateKey& issuer_key);

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_CERTIFICATE_SPEC_H_
