#ifndef OMNINODE_COMMON_CRYPTO_KEY_H_
#define OMNINODE_COMMON_CRYPTO_KEY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/crypto/digest.h"

namespace omninode::crypto {

// RSA keys of 2048 to 4096 bits are accepted from others; those made here have 2048.
enum class KeyAlgorithm : std::uint8_t { kP256, kEd25519, kRsa2048 };

enum class SignatureAlgorithm : std::uint8_t {
  kSha256WithRsa,    // RSASSA-PKCS1-v1_5 (RFC 8017)
  kSha256WithEcdsa,  // DER signature (RFC 3279)
  kEd25519,          // RFC 8032
};

// The one signature algorithm of each kind of key. There is nothing to negotiate.
SignatureAlgorithm SignatureAlgorithmFor(KeyAlgorithm algorithm);
std::string_view NameOf(KeyAlgorithm algorithm);        // "p256", "ed25519", "rsa2048"
std::string_view NameOf(SignatureAlgorithm algorithm);  // "sha256-ecdsa", ...

// A public key that was found strong enough: P-256 with the point on the curve, Ed25519, or RSA
// with 2048 to 4096 bits, an odd modulus and an exponent from 65537 to 2^31-1.
// Immutable, cheap to copy, thread-safe.
class PublicKey final {
 public:
  static constexpr std::size_t kMaxSpkiBytes = 1024;

  // From a DER SubjectPublicKeyInfo (RFC 5280 4.1.2.7). The strength is judged from the encoding,
  // before any arithmetic with the numbers. Fails with CSR_WEAK_KEY.
  static absl::StatusOr<PublicKey> FromSpki(std::string_view der);

  KeyAlgorithm algorithm() const;
  const std::string& spki_der() const;
  const Sha256Digest& fingerprint() const;  // SHA-256 of spki_der

  // OK only when `signature` over exactly `message` was made by this key. ALG_REJECTED when
  // `algorithm` is not the one of this kind of key, SIG_INVALID in every other case. An ECDSA
  // signature must be strict DER; a high S is accepted, so nothing may be keyed on a signature.
  absl::Status Verify(SignatureAlgorithm algorithm, std::string_view message,
                      std::string_view signature) const;

  friend bool operator==(const PublicKey& a, const PublicKey& b) {
    return a.fingerprint() == b.fingerprint();
  }

 private:
  struct Rep;
  explicit PublicKey(std::shared_ptr<const Rep> rep) : rep_(std::move(rep)) {}
  std::shared_ptr<const Rep> rep_;
};

// Whoever needs a key's secret part as bytes must write this name, so that all such places are
// found by one search.
class SecretAccess final {
 public:
  static SecretAccess IKnowThisExposesAKey() { return SecretAccess(); }

 private:
  SecretAccess() = default;
};

// A private key. Its memory is wiped when the last copy goes. Immutable, cheap to copy,
// thread-safe.
class PrivateKey final {
 public:
  static constexpr std::size_t kMaxPemBytes = 16 * 1024;
  static constexpr std::size_t kSeedBytes = 32;

  static PrivateKey Generate(KeyAlgorithm algorithm);
  // The Ed25519 key of a seed (RFC 8032 5.1.5). REQUIRES: seed.size() == kSeedBytes.
  static PrivateKey FromSeed(std::string_view seed);
  // One unencrypted "PRIVATE KEY" block (RFC 5958) whose two halves belong together and which is as
  // strong as PublicKey demands. Fails with InvalidArgument; the message holds nothing of the key.
  static absl::StatusOr<PrivateKey> FromPkcs8Pem(std::string_view pem);

  KeyAlgorithm algorithm() const { return public_key().algorithm(); }
  const PublicKey& public_key() const;
  // With the algorithm SignatureAlgorithmFor(algorithm()).
  std::string Sign(std::string_view message) const;
  // The caller wipes the text (wipe.h).
  std::string ToPkcs8Pem(SecretAccess access) const;

 private:
  struct Rep;
  explicit PrivateKey(std::shared_ptr<const Rep> rep) : rep_(std::move(rep)) {}
  std::shared_ptr<const Rep> rep_;
};

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_KEY_H_
