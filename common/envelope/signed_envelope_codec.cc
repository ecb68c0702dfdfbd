#include "common/envelope/signed_envelope_codec.h"

#include <utility>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::envelope {
namespace {

absl::Status CheckSize(std::size_t bytes, std::size_t max, std::string_view path) {
  if (bytes <= max) return absl::OkStatus();
  return AtField(Reject(Reason::kMsgTooLarge, "{} bytes, at most {} are allowed", bytes, max),
                 path);
}

absl::Status CheckShape(const v1::SignedEnvelope& message) {
  const v1::Security& security = message.security();
  OMNI_RETURN_IF_ERROR(CheckSize(message.body().size(), kMaxBodyBytes, "body"));
  OMNI_RETURN_IF_ERROR(
      CheckSize(security.spiffe_id().size(), kMaxSpiffeIdBytes, "security.spiffe_id"));
  OMNI_RETURN_IF_ERROR(
      CheckSize(security.signature().size(), kMaxSignatureBytes, "security.signature"));
  for (const std::string& der : security.svid_certificates()) {
    OMNI_RETURN_IF_ERROR(CheckSize(der.size(), kMaxCertificateBytes, "security.svid_certificates"));
  }
  OMNI_RETURN_IF_ERROR(CheckSize(message.ByteSizeLong(), kMaxEnvelopeBytes, "envelope"));
  if (message.envelope_version() != kEnvelopeVersion) {
    return AtField(Reject(Reason::kMsgMalformed, "'{}' is not '{}'",
                          EscapeForDisplay(message.envelope_version(), 64), kEnvelopeVersion),
                   "envelope_version");
  }
  if (const auto count = static_cast<std::size_t>(security.svid_certificates_size());
      count > kMaxCertificates) {
    return AtField(Reject(Reason::kMsgMalformed, "{} certificates, at most {} are allowed", count,
                          kMaxCertificates),
                   "security.svid_certificates");
  }
  return absl::OkStatus();
}

}  // namespace

v1::SignedEnvelope Encode(const RawEnvelope& envelope) {
  v1::SignedEnvelope message;
  message.set_envelope_version(std::string(kEnvelopeVersion));
  message.set_body(envelope.body);
  v1::Security& security = *message.mutable_security();
  security.set_spiffe_id(envelope.spiffe_id);
  for (const std::string& der : envelope.certificates_der) security.add_svid_certificates(der);
  security.set_signature_algorithm(Encode(envelope.algorithm));
  security.set_signature(envelope.signature);
  return message;
}

absl::StatusOr<RawEnvelope> Decode(v1::SignedEnvelope&& message) {
  OMNI_RETURN_IF_ERROR(CheckShape(message));
  v1::Security& security = *message.mutable_security();
  auto algorithm = Decode(security.signature_algorithm());
  if (!algorithm.ok()) return AtField(algorithm.status(), "security.signature_algorithm");
  RawEnvelope envelope{.spiffe_id = std::move(*security.mutable_spiffe_id()),
                       .algorithm = *algorithm,
                       .signature = std::move(*security.mutable_signature()),
                       .body = std::move(*message.mutable_body())};
  envelope.certificates_der.reserve(static_cast<std::size_t>(security.svid_certificates_size()));
  for (std::string& der : *security.mutable_svid_certificates()) {
    envelope.certificates_der.push_back(std::move(der));
  }
  return envelope;
}

absl::StatusOr<RawEnvelope> Decode(const v1::SignedEnvelope& message) {
  return Decode(v1::SignedEnvelope(message));
}

v1::SignatureAlgorithm Encode(crypto::SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case crypto::SignatureAlgorithm::kSha256WithRsa:
      return v1::SIGNATURE_ALGORITHM_SHA256_WITH_RSA;
    case crypto::SignatureAlgorithm::kSha256WithEcdsa:
      return v1::SIGNATURE_ALGORITHM_SHA256_WITH_ECDSA;
    case crypto::SignatureAlgorithm::kEd25519:
      return v1::SIGNATURE_ALGORITHM_ED25519;
  }
  OMNI_CHECK(false);
}

absl::StatusOr<crypto::SignatureAlgorithm> Decode(v1::SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case v1::SIGNATURE_ALGORITHM_SHA256_WITH_RSA:
      return crypto::SignatureAlgorithm::kSha256WithRsa;
    case v1::SIGNATURE_ALGORITHM_SHA256_WITH_ECDSA:
      return crypto::SignatureAlgorithm::kSha256WithEcdsa;
    case v1::SIGNATURE_ALGORITHM_ED25519:
      return crypto::SignatureAlgorithm::kEd25519;
    default:
      return Reject(Reason::kAlgRejected, "{} is not a signature algorithm of envelopes",
                    static_cast<int>(algorithm));
  }
}

}  // namespace omninode::envelope
