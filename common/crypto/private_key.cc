#include <utility>
#include <vector>

#include <openssl/rsa.h>

#include "common/base/check.h"
#include "common/base/status.h"
#include "common/crypto/key.h"
#include "common/crypto/pem.h"
#include "common/crypto/sha256_method.h"
#include "common/crypto/ssl_ptr.h"
#include "common/crypto/wipe.h"

namespace omninode::crypto {
namespace {

constexpr std::string_view kPemLabel = "PRIVATE KEY";
constexpr std::size_t kGeneratedRsaBits = 2048;

using Pkcs8Ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, SslFree<PKCS8_PRIV_KEY_INFO_free>>;

absl::Status Invalid(std::string_view why) {
  return Error(absl::StatusCode::kInvalidArgument, "private key: {}", why);
}

EvpKeyPtr GenerateKey(KeyAlgorithm algorithm) {
  const ErrorMark mark;
  switch (algorithm) {
    case KeyAlgorithm::kP256:
      return EvpKeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    case KeyAlgorithm::kEd25519:
      return EvpKeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    case KeyAlgorithm::kRsa2048:
      return EvpKeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", kGeneratedRsaBits));
  }
  return nullptr;
}

absl::StatusOr<PublicKey> PublicHalf(const EVP_PKEY* key) {
  unsigned char* encoded = nullptr;
  const int size = i2d_PUBKEY(key, &encoded);
  if (size <= 0) return Invalid("it has no public half");
  const std::string spki(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size));
  OPENSSL_free(encoded);
  return PublicKey::FromSpki(spki);
}

}  // namespace

struct PrivateKey::Rep {
  EvpKeyPtr key;  // the library wipes it
  PublicKey public_key;
};

PrivateKey PrivateKey::Generate(KeyAlgorithm algorithm) {
  EvpKeyPtr key = GenerateKey(algorithm);
  OMNI_CHECK(key != nullptr);
  absl::StatusOr<PublicKey> public_key = PublicHalf(key.get());
  OMNI_CHECK(public_key.ok());
  return PrivateKey(std::make_shared<Rep>(Rep{std::move(key), *std::move(public_key)}));
}

PrivateKey PrivateKey::FromSeed(std::string_view seed) {
  OMNI_CHECK(seed.size() == kSeedBytes);
  EvpKeyPtr key(EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()), seed.size()));
  OMNI_CHECK(key != nullptr);
  absl::StatusOr<PublicKey> public_key = PublicHalf(key.get());
  OMNI_CHECK(public_key.ok());
  return PrivateKey(std::make_shared<Rep>(Rep{std::move(key), *std::move(public_key)}));
}

absl::StatusOr<PrivateKey> PrivateKey::FromPkcs8Pem(std::string_view pem) {
  if (pem.size() > kMaxPemBytes) return Invalid("the PEM text is too long");
  absl::StatusOr<std::vector<PemBlock>> blocks = ParsePem(pem);
  if (!blocks.ok()) return Invalid(Message(blocks.status()));
  std::vector<std::unique_ptr<SecretString>> secrets;
  const std::size_t count = blocks->size();
  const bool labelled = count == 1 && blocks->front().label == kPemLabel;
  for (PemBlock& block : *blocks) {
    secrets.push_back(std::make_unique<SecretString>(std::move(block.der)));
  }
  if (!labelled) {
    return Invalid(
        "expected one unencrypted \"PRIVATE KEY\" block (PKCS#8; openssl pkey converts others)");
  }

  const ErrorMark mark;
  const std::string& der = secrets.front()->value();
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const auto* at = begin;
  const Pkcs8Ptr pkcs8(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  if (pkcs8 == nullptr || at != begin + der.size()) return Invalid("not a PKCS#8 structure");
  EvpKeyPtr key(EVP_PKCS82PKEY(pkcs8.get()));
  if (key == nullptr) return Invalid("not a key that can be used");
  absl::StatusOr<PublicKey> public_key = PublicHalf(key.get());
  if (!public_key.ok()) return Invalid(Message(public_key.status()));

  PrivateKey result(std::make_shared<Rep>(Rep{std::move(key), *std::move(public_key)}));
  // The file carries the public half beside the secret one; a pair that does not match would make
  // signatures that nobody can verify.
  constexpr std::string_view kProbe = "omninode key pair check";
  if (!result.public_key()
           .Verify(SignatureAlgorithmFor(result.algorithm()), kProbe, result.Sign(kProbe))
           .ok()) {
    return Invalid("its two halves do not belong together");
  }
  return result;
}

const PublicKey& PrivateKey::public_key() const { return rep_->public_key; }

std::string PrivateKey::Sign(std::string_view message) const {
  const ErrorMark mark;
  const MdContextPtr context(EVP_MD_CTX_new());
  const EVP_MD* method = algorithm() == KeyAlgorithm::kEd25519 ? nullptr : Sha256Method();
  OMNI_CHECK(EVP_DigestSignInit(context.get(), nullptr, method, nullptr, rep_->key.get()) == 1);
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(rep_->key.get())), '\0');
  std::size_t size = signature.size();
  OMNI_CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                            &size, reinterpret_cast<const unsigned char*>(message.data()),
                            message.size()) == 1);
  signature.resize(size);
  return signature;
}

std::string PrivateKey::ToPkcs8Pem(SecretAccess /*access*/) const {
  const ErrorMark mark;
  const Pkcs8Ptr pkcs8(EVP_PKEY2PKCS8(rep_->key.get()));
  OMNI_CHECK(pkcs8 != nullptr);
  unsigned char* encoded = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(pkcs8.get(), &encoded);
  OMNI_CHECK(size > 0);
  const SecretString der(
      std::string(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size)));
  OPENSSL_clear_free(encoded, static_cast<std::size_t>(size));
  return EncodePem(kPemLabel, der.value());
}

}  // namespace omninode::crypto
