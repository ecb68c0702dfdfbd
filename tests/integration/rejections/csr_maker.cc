#include "tests/integration/rejections/csr_maker.h"

#include "common/crypto/der_writer.h"

namespace omninode::rejections {
namespace {

using crypto::DerBitStringOf;
using crypto::DerSequenceOf;
using crypto::DerWrap;

constexpr std::string_view kOidExtensionRequest = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e";
constexpr std::string_view kOidCommonName = "\x55\x04\x03";
constexpr std::string_view kOidEcdsaSha256 = "\x2a\x86\x48\xce\x3d\x04\x03\x02";
constexpr std::string_view kOidRsa = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
constexpr std::string_view kOidEcPublicKey = "\x2a\x86\x48\xce\x3d\x02\x01";

std::string Oid(std::string_view octets) { return DerWrap(crypto::kDerOid, octets); }

std::string Subject(std::string_view common_name) {
  if (common_name.empty()) return DerWrap(crypto::kDerSequence, "");
  const std::string attribute =
      DerSequenceOf({Oid(kOidCommonName), DerWrap(crypto::kDerUtf8String, common_name)});
  return DerSequenceOf({DerWrap(crypto::kDerSet, attribute)});
}

std::string Attributes(const std::vector<std::string>& extensions) {
  std::string all;
  for (const std::string& extension : extensions) all += extension;
  if (all.empty()) return "";
  return DerSequenceOf(
      {Oid(kOidExtensionRequest), DerWrap(crypto::kDerSet, DerWrap(crypto::kDerSequence, all))});
}

}  // namespace

std::string MakeHostileCsr(const crypto::PrivateKey& key, const CsrParts& parts) {
  const std::string info =
      DerSequenceOf({crypto::DerSmallInteger(0), Subject(parts.common_name),
                     parts.spki.empty() ? key.public_key().spki_der() : parts.spki,
                     DerWrap(crypto::DerContext(0, true), Attributes(parts.extensions))});
  const std::string_view algorithm =
      parts.algorithm_oid.empty() ? kOidEcdsaSha256 : std::string_view(parts.algorithm_oid);
  return DerSequenceOf({info, DerSequenceOf({Oid(algorithm)}), DerBitStringOf(key.Sign(info))});
}

std::string Extension(std::string_view oid, bool critical, std::string_view value) {
  return DerSequenceOf({Oid(oid), critical ? crypto::DerBool(true) : std::string(),
                        DerWrap(crypto::kDerOctetString, value)});
}

std::string RsaSpki(std::string_view modulus, std::string_view exponent) {
  return DerSequenceOf({DerSequenceOf({Oid(kOidRsa), DerWrap(crypto::kDerNull, "")}),
                        DerBitStringOf(DerSequenceOf({crypto::DerUnsignedInteger(modulus),
                                                      crypto::DerUnsignedInteger(exponent)}))});
}

std::string EcSpki(std::string_view curve_oid, std::string_view point) {
  return DerSequenceOf(
      {DerSequenceOf({Oid(kOidEcPublicKey), Oid(curve_oid)}), DerBitStringOf(point)});
}

}  // namespace omninode::rejections
