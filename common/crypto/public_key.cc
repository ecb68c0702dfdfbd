#include <array>
#include <utility>

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/key.h"
#include "common/crypto/sha256_method.h"
#include "common/crypto/spki.h"
#include "common/crypto/ssl_ptr.h"

namespace omninode::crypto {
namespace {

struct KeyAlgorithmRow {
  SignatureAlgorithm signature;
  std::string_view name;
  std::string_view signature_name;
};

constexpr KeyAlgorithmRow RowFor(KeyAlgorithm algorithm) {
  constexpr std::array<KeyAlgorithmRow, 3> kRows{{
      {SignatureAlgorithm::kSha256WithEcdsa, "p256", "sha256-ecdsa"},
      {SignatureAlgorithm::kEd25519, "ed25519", "ed25519"},
      {SignatureAlgorithm::kSha256WithRsa, "rsa2048", "sha256-rsa"},
  }};
  return kRows[static_cast<std::size_t>(algorithm)];
}

}  // namespace

SignatureAlgorithm SignatureAlgorithmFor(KeyAlgorithm algorithm) {
  return RowFor(algorithm).signature;
}

std::string_view NameOf(KeyAlgorithm algorithm) { return RowFor(algorithm).name; }

std::string_view NameOf(SignatureAlgorithm algorithm) {
  for (const auto key : {KeyAlgorithm::kP256, KeyAlgorithm::kEd25519, KeyAlgorithm::kRsa2048}) {
    if (RowFor(key).signature == algorithm) return RowFor(key).signature_name;
  }
  return "unknown";
}

struct PublicKey::Rep {
  KeyAlgorithm algorithm;
  std::string spki;
  Sha256Digest fingerprint;
  EvpKeyPtr key;
  // Ready to verify; copied for each message, because making one anew costs a tenth of a
  // verification.
  MdContextPtr verifier;
};

absl::StatusOr<PublicKey> PublicKey::FromSpki(std::string_view der) {
  OMNI_ASSIGN_OR_RETURN(SpkiKey decoded, DecodeSpki(der));
  const ErrorMark mark;
  auto rep = std::make_shared<Rep>();
  rep->algorithm = decoded.algorithm;
  rep->spki = std::string(der);
  rep->fingerprint = Sha256(der);
  rep->key = std::move(decoded.key);
  rep->verifier.reset(EVP_MD_CTX_new());
  const EVP_MD* method = decoded.algorithm == KeyAlgorithm::kEd25519 ? nullptr : Sha256Method();
  OMNI_CHECK(EVP_DigestVerifyInit(rep->verifier.get(), nullptr, method, nullptr, rep->key.get()) ==
             1);
  return PublicKey(std::move(rep));
}

KeyAlgorithm PublicKey::algorithm() const { return rep_->algorithm; }
const std::string& PublicKey::spki_der() const { return rep_->spki; }
const Sha256Digest& PublicKey::fingerprint() const { return rep_->fingerprint; }

absl::Status PublicKey::Verify(SignatureAlgorithm algorithm, std::string_view message,
                               std::string_view signature) const {
  if (algorithm != SignatureAlgorithmFor(rep_->algorithm)) {
    return Reject(Reason::kAlgRejected, "{} is not the signature algorithm of a {} key",
                  NameOf(algorithm), NameOf(rep_->algorithm));
  }
  const ErrorMark mark;
  const MdContextPtr context(EVP_MD_CTX_new());
  OMNI_CHECK(EVP_MD_CTX_copy_ex(context.get(), rep_->verifier.get()) == 1);
  // The library compares an ECDSA signature with its own re-encoding and an RSA one with the
  // modulus' length, so only the one DER form passes.
  if (EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                       signature.size(), reinterpret_cast<const unsigned char*>(message.data()),
                       message.size()) != 1) {
    return Reject(Reason::kSigInvalid, "the signature was not made by this key over these bytes");
  }
  return absl::OkStatus();
}

}  // namespace omninode::crypto
