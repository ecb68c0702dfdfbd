#ifndef OMNINODE_COMMON_CRYPTO_CERTIFICATE_H_
#define OMNINODE_COMMON_CRYPTO_CERTIFICATE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/digest.h"
#include "common/crypto/key.h"

namespace omninode::crypto {

// What the extensions of a certificate say (RFC 5280 4.2).
struct KeyUsage {
  bool critical = false;
  bool digital_signature = false;
  bool key_cert_sign = false;
  bool crl_sign = false;
};
struct ExtendedKeyUsage {
  bool server_auth = false;
  bool client_auth = false;
};

// A parsed X.509 certificate. Parsed, not trusted: see chain.h. Immutable, cheap to copy,
// thread-safe. Parsing costs some 200 us and does not scale over threads: cache by digest.
class Certificate final {
 public:
  static constexpr std::size_t kMaxDerBytes = 16 * 1024;

  // Fails with CERT_PROFILE on anything but exactly one well-formed certificate.
  static absl::StatusOr<Certificate> FromDer(std::string_view der);

  // The same certificate without the library's decoded form, which is more than half of its memory:
  // for those who keep thousands. VerifyChain decodes it anew.
  Certificate Compact() const;

  const std::string& der() const;
  const Sha256Digest& fingerprint() const;  // SHA-256 of der
  const std::string& serial_hex() const;    // lower case, an even number of digits
  absl::Time not_before() const;
  absl::Time not_after() const;
  const std::string& subject() const;  // RFC 2253 text, escaped: for people
  const std::string& issuer() const;
  const std::string& subject_der() const;  // the encoded Name, for whoever issues below it

  const std::vector<std::string>& uri_sans() const;
  const std::vector<std::string>& dns_sans() const;
  std::size_t other_san_count() const;  // neither URI nor DNS

  bool is_ca() const;                                            // basicConstraints cA
  const std::optional<KeyUsage>& key_usage() const;              // nullopt: extension absent
  const std::optional<ExtendedKeyUsage>& ext_key_usage() const;  // nullopt: extension absent
  const std::string& subject_key_id() const;                     // lower-case hex, "" if absent
  const std::string& authority_key_id() const;                   // lower-case hex, "" if absent
  bool unknown_critical_extension() const;

  // CERT_PROFILE when the key is of a kind that only authorities may use here (P-384, say).
  const absl::StatusOr<PublicKey>& public_key() const;

  friend bool operator==(const Certificate& a, const Certificate& b) {
    return a.fingerprint() == b.fingerprint();
  }

 private:
  friend class CertificateAccess;
  struct Rep;
  explicit Certificate(std::shared_ptr<const Rep> rep) : rep_(std::move(rep)) {}
  std::shared_ptr<const Rep> rep_;
};

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_CERTIFICATE_H_
