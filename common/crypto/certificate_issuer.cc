#include "common/crypto/certificate_issuer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/base/encoding.h"
#include "common/base/status.h"
#include "common/crypto/certificate_spec.h"
#include "common/crypto/random.h"
#include "common/crypto/tls_pair.h"

namespace omninode::crypto {
namespace {

constexpr std::string_view kOrganization = "OmniNode";
constexpr std::size_t kMaxUriBytes = 2048;       // SPIFFE-ID 2.3
constexpr std::size_t kMaxDnsBytes = 253;        // RFC 1035
constexpr std::size_t kMaxCommonNameBytes = 64;  // RFC 5280, ub-common-name

absl::Status InvalidTemplate(std::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "certificate template: {}", what);
}

bool IsPrintableAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

absl::Status CheckUri(std::string_view uri) {
  if (!uri.starts_with("spiffe://") || uri.size() > kMaxUriBytes || !IsPrintableAscii(uri)) {
    return InvalidTemplate("the URI is not a SPIFFE ID");
  }
  return absl::OkStatus();
}

absl::Status CheckValidity(absl::Time not_before, absl::Time not_after) {
  if (not_before >= not_after) return InvalidTemplate("it ends before it begins");
  if (not_before < absl::UnixEpoch() || not_after >= absl::FromUnixSeconds(253'402'300'800)) {
    return InvalidTemplate("the years must be 1970 to 9999");
  }
  return absl::OkStatus();
}

absl::Status CheckLeaf(const LeafTemplate& leaf) {
  OMNI_RETURN_IF_ERROR(CheckUri(leaf.uri));
  OMNI_RETURN_IF_ERROR(CheckValidity(leaf.not_before, leaf.not_after));
  if (leaf.serial.size() != kSerialBytes) return InvalidTemplate("the serial must have 16 bytes");
  if (leaf.dns.size() > kMaxDnsSans) return InvalidTemplate("too many DNS names");
  for (const std::string& dns : leaf.dns) {
    if (dns.empty() || dns.size() > kMaxDnsBytes || !IsPrintableAscii(dns)) {
      return InvalidTemplate("bad DNS name");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCa(const CaTemplate& ca) {
  OMNI_RETURN_IF_ERROR(CheckUri(ca.uri));
  OMNI_RETURN_IF_ERROR(CheckValidity(ca.not_before, ca.not_after));
  if (ca.common_name.empty() || ca.common_name.size() > kMaxCommonNameBytes ||
      !IsValidUtf8(ca.common_name)) {
    return InvalidTemplate("the common name must be UTF-8 of 1 to 64 bytes");
  }
  return absl::OkStatus();
}

// The authority's own certificate; issuer fields are the caller's.
CertificateSpec CaSpec(const CaTemplate& ca, const PublicKey& key) {
  CertificateSpec spec{.serial = RandomBytes(kSerialBytes), .key = key};
  spec.subject_der = EncodeName({.organization = std::string(kOrganization),
                                 .common_name = ca.common_name,
                                 .serial_number = HexEncode(spec.serial)});
  spec.not_before = ca.not_before;
  spec.not_after = ca.not_after;
  spec.uris = {ca.uri};
  spec.is_ca = true;
  spec.key_usage = kUsageKeyCertSign | kUsageCrlSign;
  spec.subject_key_id = KeyIdentifierOf(key);
  return spec;
}

}  // namespace

absl::StatusOr<Certificate> CreateSelfSignedCa(const CaTemplate& ca, const PrivateKey& key) {
  OMNI_RETURN_IF_ERROR(CheckCa(ca));
  CertificateSpec spec = CaSpec(ca, key.public_key());
  spec.issuer_der = spec.subject_der;
  spec.authority_key_id = spec.subject_key_id;
  return Certificate::FromDer(SignCertificate(spec, key));
}

CertificateIssuer::CertificateIssuer(Certificate ca, PrivateKey key, std::string authority_key_id)
    : ca_(std::move(ca)), key_(std::move(key)), authority_key_id_(std::move(authority_key_id)) {}

absl::StatusOr<CertificateIssuer> CertificateIssuer::Create(Certificate ca, PrivateKey key) {
  if (!ca.is_ca() || !ca.key_usage().has_value() || !ca.key_usage()->key_cert_sign) {
    return InvalidTemplate("the authority's certificate may not sign certificates");
  }
  const std::optional<std::string> key_id = HexDecode(ca.subject_key_id());
  if (!key_id.has_value() || key_id->empty()) {
    return InvalidTemplate("the authority's certificate has no subject key id");
  }
  OMNI_RETURN_IF_ERROR(CheckKeyMatches(ca, key));
  return CertificateIssuer(std::move(ca), std::move(key), *key_id);
}

absl::StatusOr<std::string> CertificateIssuer::IssueLeafDer(const LeafTemplate& leaf) const {
  OMNI_RETURN_IF_ERROR(CheckLeaf(leaf));
  CertificateSpec spec{.serial = leaf.serial, .key = leaf.key};
  spec.issuer_der = ca_.subject_der();
  spec.subject_der = EncodeName({.organization = std::string(kOrganization)});
  spec.not_before = leaf.not_before;
  spec.not_after = std::min(leaf.not_after, ca_.not_after());
  if (spec.not_before >= spec.not_after) {
    return Error(absl::StatusCode::kFailedPrecondition,
                 "the authority's certificate ends before the leaf would begin");
  }
  spec.uris = {leaf.uri};
  spec.dns = leaf.dns;
  spec.is_ca = false;
  spec.key_usage = kUsageDigitalSignature;
  spec.server_auth = true;
  spec.client_auth = true;
  spec.subject_key_id = KeyIdentifierOf(leaf.key);
  spec.authority_key_id = authority_key_id_;
  return SignCertificate(spec, key_);
}

absl::StatusOr<Certificate> CertificateIssuer::IssueLeaf(const LeafTemplate& leaf) const {
  OMNI_ASSIGN_OR_RETURN(const std::string der, IssueLeafDer(leaf));
  return Certificate::FromDer(der);
}

absl::StatusOr<Certificate> CertificateIssuer::IssueCa(const CaTemplate& ca,
                                                       const PublicKey& key) const {
  OMNI_RETURN_IF_ERROR(CheckCa(ca));
  CertificateSpec spec = CaSpec(ca, key);
  spec.issuer_der = ca_.subject_der();
  spec.authority_key_id = authority_key_id_;
  spec.not_after = std::min(ca.not_after, ca_.not_after());
  if (spec.not_before >= spec.not_after) {
    return Error(absl::StatusCode::kFailedPrecondition,
                 "the authority's certificate ends before the one below would begin");
  }
  return Certificate::FromDer(SignCertificate(spec, key_));
}

}  // namespace omninode::crypto
