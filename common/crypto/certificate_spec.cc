#include "common/crypto/certificate_spec.h"

#include <string_view>

#include "common/base/check.h"
#include "common/crypto/der_writer.h"
#include "common/crypto/oids.h"
#include "common/crypto/spki.h"

namespace omninode::crypto {
namespace {

constexpr std::size_t kKeyIdBytes = 20;
constexpr std::uint8_t kVersion3 = 2;

// Tags of GeneralName (RFC 5280 4.2.1.6).
constexpr unsigned kGeneralNameEmail = 1;
constexpr unsigned kGeneralNameDns = 2;
constexpr unsigned kGeneralNameUri = 6;

std::string NamePart(std::string_view oid, std::uint8_t string_tag, std::string_view text) {
  if (text.empty()) return {};
  return DerWrap(kDerSet, DerSequenceOf({DerOidOf(oid), DerWrap(string_tag, text)}));
}

std::string Extension(std::string_view oid, bool critical, std::string_view value) {
  return DerSequenceOf(
      {DerOidOf(oid), critical ? DerBool(true) : std::string(), DerWrap(kDerOctetString, value)});
}

std::string AlternativeNames(const CertificateSpec& spec) {
  std::string names;
  const auto add = [&](const std::vector<std::string>& values, unsigned number) {
    for (const std::string& value : values) names += DerWrap(DerContext(number, false), value);
  };
  add(spec.uris, kGeneralNameUri);
  add(spec.dns, kGeneralNameDns);
  add(spec.emails, kGeneralNameEmail);
  if (names.empty()) return {};
  return Extension(kOidSubjectAltName, spec.san_critical, DerWrap(kDerSequence, names));
}

std::string BasicConstraints(const CertificateSpec& spec) {
  if (!spec.is_ca.has_value()) return {};
  // cA=false is the default value and so, in DER, left out.
  const std::string ca = *spec.is_ca ? DerBool(true) : std::string();
  const std::string length =
      spec.path_length.has_value() ? DerSmallInteger(*spec.path_length) : std::string();
  return Extension(kOidBasicConstraints, true, DerSequenceOf({ca, length}));
}

std::string Usage(const CertificateSpec& spec) {
  std::string out;
  if (spec.key_usage.has_value()) {
    out += Extension(kOidKeyUsage, spec.key_usage_critical, DerNamedBits(*spec.key_usage));
  }
  if (spec.server_auth || spec.client_auth) {
    const std::string server = spec.server_auth ? DerOidOf(kOidServerAuth) : std::string();
    const std::string client = spec.client_auth ? DerOidOf(kOidClientAuth) : std::string();
    out += Extension(kOidExtKeyUsage, false, DerSequenceOf({server, client}));
  }
  return out;
}

std::string KeyIds(const CertificateSpec& spec) {
  std::string out;
  if (!spec.subject_key_id.empty()) {
    out += Extension(kOidSubjectKeyId, false, DerWrap(kDerOctetString, spec.subject_key_id));
  }
  if (!spec.authority_key_id.empty()) {
    out += Extension(kOidAuthorityKeyId, false,
                     DerSequenceOf({DerWrap(DerContext(0, false), spec.authority_key_id)}));
  }
  return out;
}

}  // namespace

std::string EncodeName(const DistinguishedName& name) {
  return DerSequenceOf({NamePart(kOidOrganization, kDerUtf8String, name.organization),
                        NamePart(kOidCommonName, kDerUtf8String, name.common_name),
                        NamePart(kOidSerialNumber, kDerPrintableString, name.serial_number)});
}

std::string KeyIdentifierOf(const PublicKey& key) {
  const std::optional<std::string_view> bytes = SpkiKeyBytes(key.spki_der());
  OMNI_CHECK(bytes.has_value());
  return std::string(DigestBytes(Sha256(*bytes)).substr(0, kKeyIdBytes));
}

std::string SignCertificate(const CertificateSpec& spec, const PrivateKey& issuer_key) {
  const std::string algorithm =
      SignatureAlgorithmIdentifier(SignatureAlgorithmFor(issuer_key.algorithm()));
  std::string extensions =
      BasicConstraints(spec) + Usage(spec) + KeyIds(spec) + AlternativeNames(spec);
  for (const ExtensionSpec& extra : spec.extra) {
    extensions += Extension(extra.oid, extra.critical, extra.value);
  }
  const std::string to_be_signed = DerSequenceOf({
      DerWrap(DerContext(0, true), DerSmallInteger(kVersion3)),
      DerUnsignedInteger(spec.serial),
      algorithm,
      spec.issuer_der,
      DerSequenceOf({DerTime(spec.not_before), DerTime(spec.not_after)}),
      spec.subject_der,
      spec.key.spki_der(),
      extensions.empty() ? std::string()
                         : DerWrap(DerContext(3, true), DerWrap(kDerSequence, extensions)),
  });
  return DerSequenceOf({to_be_signed, algorithm, DerBitStringOf(issuer_key.Sign(to_be_signed))});
}

}  // namespace omninode::crypto
