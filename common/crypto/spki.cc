#include "common/crypto/spki.h"

#include <bit>
#include <cstdint>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/der_reader.h"
#include "common/crypto/oids.h"

namespace omninode::crypto {
namespace {

constexpr std::size_t kMinRsaBits = 2048;
constexpr std::size_t kMaxRsaBits = 4096;
constexpr std::uint64_t kMinRsaExponent = 65'537;  // FIPS 186-5, 5.4
constexpr std::uint64_t kMaxRsaExponent = (std::uint64_t{1} << 31U) - 1;
constexpr std::size_t kP256PointBytes = 65;
constexpr std::size_t kEd25519Bytes = 32;

using ParamBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, SslFree<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, SslFree<OSSL_PARAM_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, SslFree<BN_free>>;

struct SpkiParts {
  std::string_view algorithm;  // OID
  std::optional<DerElement> parameters;
  std::string_view key;
};

std::optional<SpkiParts> SplitSpki(std::string_view der) {
  DerReader outer(der);
  const auto spki = outer.Expect(kDerSequence);
  if (!spki.has_value() || !outer.AtEnd()) return std::nullopt;
  DerReader fields(spki->content);
  const auto identifier = fields.Expect(kDerSequence);
  const auto bits = fields.Expect(kDerBitString);
  if (!identifier.has_value() || !bits.has_value() || !fields.AtEnd()) return std::nullopt;
  DerReader algorithm(identifier->content);
  const auto oid = algorithm.Expect(kDerOid);
  const auto parameters = algorithm.Next();
  const auto key = DerBitStringBytes(*bits);
  if (!oid.has_value() || !algorithm.AtEnd() || !key.has_value()) return std::nullopt;
  return SpkiParts{oid->content, parameters, *key};
}

absl::Status Weak(std::string_view why) {
  return Reject(Reason::kCsrWeakKey, "public key: {}", why);
}

// The key of the parameters, or null when the library finds it invalid.
EvpKeyPtr FromParams(const char* type, OSSL_PARAM_BLD* builder) {
  const ErrorMark mark;
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder));
  const EvpKeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return EvpKeyPtr(key);
}

BignumPtr ToBignum(std::string_view magnitude) {
  return BignumPtr(BN_bin2bn(reinterpret_cast<const unsigned char*>(magnitude.data()),
                             static_cast<int>(magnitude.size()), nullptr));
}

std::size_t BitsOf(std::string_view magnitude) {
  const auto top = static_cast<std::uint8_t>(magnitude[0]);
  return (magnitude.size() - 1) * 8 + static_cast<std::size_t>(std::bit_width(top));
}

bool IsOdd(std::string_view magnitude) {
  return (static_cast<std::uint8_t>(magnitude.back()) & 1U) != 0;
}

absl::Status CheckRsaExponent(std::string_view magnitude) {
  if (magnitude.size() > sizeof(std::uint32_t)) return Weak("RSA exponent is too large");
  std::uint64_t exponent = 0;
  for (const char byte : magnitude) exponent = (exponent << 8U) | static_cast<std::uint8_t>(byte);
  if (exponent < kMinRsaExponent || exponent > kMaxRsaExponent || exponent % 2 == 0) {
    return Weak("RSA exponent must be odd and from 65537 to 2^31-1");
  }
  return absl::OkStatus();
}

absl::StatusOr<SpkiKey> DecodeRsa(const SpkiParts& parts) {
  if (!parts.parameters.has_value() || parts.parameters->tag != kDerNull) {
    return Weak("RSA parameters must be NULL");
  }
  DerReader outer(parts.key);
  const auto sequence = outer.Expect(kDerSequence);
  if (!sequence.has_value() || !outer.AtEnd()) return Weak("malformed RSA key");
  DerReader fields(sequence->content);
  const auto modulus_element = fields.Expect(kDerInteger);
  const auto exponent_element = fields.Expect(kDerInteger);
  if (!modulus_element.has_value() || !exponent_element.has_value() || !fields.AtEnd()) {
    return Weak("malformed RSA key");
  }
  const auto modulus = DerUnsigned(*modulus_element);
  const auto exponent = DerUnsigned(*exponent_element);
  if (!modulus.has_value() || !exponent.has_value()) return Weak("malformed RSA key");
  const std::size_t bits = BitsOf(*modulus);
  if (bits < kMinRsaBits || bits > kMaxRsaBits) {
    return Reject(Reason::kCsrWeakKey, "public key: RSA with {} bits, allowed are {} to {}", bits,
                  kMinRsaBits, kMaxRsaBits);
  }
  if (!IsOdd(*modulus)) return Weak("RSA modulus is even");
  OMNI_RETURN_IF_ERROR(CheckRsaExponent(*exponent));

  const BignumPtr n = ToBignum(*modulus);
  const BignumPtr e = ToBignum(*exponent);
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  OMNI_CHECK(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1);
  OMNI_CHECK(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
  EvpKeyPtr key = FromParams("RSA", builder.get());
  if (key == nullptr) return Weak("invalid RSA key");
  return SpkiKey{KeyAlgorithm::kRsa2048, std::move(key)};
}

absl::StatusOr<SpkiKey> DecodeEc(const SpkiParts& parts) {
  if (!parts.parameters.has_value() || parts.parameters->tag != kDerOid ||
      parts.parameters->content != kOidPrime256v1) {
    return Weak("the only elliptic curve allowed is P-256, by name");
  }
  if (parts.key.size() != kP256PointBytes || parts.key[0] != 0x04) {
    return Weak("P-256 point must be uncompressed");
  }
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  OMNI_CHECK(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                             "prime256v1", 0) == 1);
  OMNI_CHECK(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                              parts.key.data(), parts.key.size()) == 1);
  EvpKeyPtr key = FromParams("EC", builder.get());
  if (key == nullptr) return Weak("the point is not on P-256");
  return SpkiKey{KeyAlgorithm::kP256, std::move(key)};
}

absl::StatusOr<SpkiKey> DecodeEd25519(const SpkiParts& parts) {
  if (parts.parameters.has_value()) return Weak("Ed25519 has no parameters");
  if (parts.key.size() != kEd25519Bytes) return Weak("Ed25519 key must have 32 bytes");
  const ErrorMark mark;
  EvpKeyPtr key(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(parts.key.data()),
      parts.key.size()));
  if (key == nullptr) return Weak("invalid Ed25519 key");
  return SpkiKey{KeyAlgorithm::kEd25519, std::move(key)};
}

}  // namespace

absl::StatusOr<SpkiKey> DecodeSpki(std::string_view der) {
  if (der.size() > PublicKey::kMaxSpkiBytes) {
    return Reject(Reason::kCsrWeakKey, "public key of {} bytes, at most {} are allowed", der.size(),
                  PublicKey::kMaxSpkiBytes);
  }
  const std::optional<SpkiParts> parts = SplitSpki(der);
  if (!parts.has_value()) return Weak("malformed");
  if (parts->algorithm == kOidRsaEncryption) return DecodeRsa(*parts);
  if (parts->algorithm == kOidEcPublicKey) return DecodeEc(*parts);
  if (parts->algorithm == kOidEd25519) return DecodeEd25519(*parts);
  return Weak("allowed are P-256, Ed25519 and RSA");
}

std::optional<std::string_view> SpkiKeyBytes(std::string_view der) {
  const std::optional<SpkiParts> parts = SplitSpki(der);
  if (!parts.has_value()) return std::nullopt;
  return parts->key;
}

}  // namespace omninode::crypto
