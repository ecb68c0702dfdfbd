#ifndef OMNINODE_COMMON_CRYPTO_CERTIFICATE_REP_H_
#define OMNINODE_COMMON_CRYPTO_CERTIFICATE_REP_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/crypto/certificate.h"
#include "common/crypto/ssl_ptr.h"

// Private to this folder: what a Certificate holds.
namespace omninode::crypto {

struct Certificate::Rep {
  // Fill the fields below from x509, step by step. Each fails with CERT_PROFILE.
  absl::Status ReadBasics();
  absl::Status ReadAlternativeNames();
  absl::Status ReadUsage();
  absl::Status ReadKeyIds();

  X509Ptr x509;  // null: see Compact
  std::string der;
  Sha256Digest fingerprint{};
  std::string serial_hex;
  absl::Time not_before;
  absl::Time not_after;
  std::string subject;
  std::string issuer;
  std::string subject_der;
  std::vector<std::string> uri_sans;
  std::vector<std::string> dns_sans;
  std::size_t other_san_count = 0;
  bool is_ca = false;
  std::optional<KeyUsage> key_usage;
  std::optional<ExtendedKeyUsage> ext_key_usage;
  std::string subject_key_id;
  std::string authority_key_id;
  bool unknown_critical_extension = false;
  absl::StatusOr<PublicKey> public_key;
};

class CertificateAccess final {
 public:
  // The library's decoded form, shared with the certificate or made for the caller; never null.
  static X509Ptr X509Of(const Certificate& certificate);
};

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_CERTIFICATE_REP_H_
