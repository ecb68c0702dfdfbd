#include "common/envelope/seal.h"

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/dsse.h"

namespace omninode::envelope {
namespace {

absl::Status CheckSize(std::string_view what, std::size_t bytes, std::size_t max) {
  if (bytes <= max) return absl::OkStatus();
  return Reject(Reason::kMsgTooLarge, "the {} has {} bytes, at most {} are allowed", what, bytes,
                max);
}

}  // namespace

absl::StatusOr<RawEnvelope> SealRaw(const SealInput& input, std::string_view event_id,
                                    absl::Time signed_at, const identity::X509Svid& svid) {
  const Body body{.event_id = std::string(event_id),
                  .type = input.type,
                  .timestamp = input.timestamp,
                  .signed_at = signed_at,
                  .audience = input.audience,
                  .sequence = input.sequence,
                  .leaf_fingerprint = svid.leaf().fingerprint(),
                  .correlation_id = input.correlation_id,
                  .payload = input.payload};
  OMNI_RETURN_IF_ERROR(CheckBody(body));
  RawEnvelope envelope{.spiffe_id = svid.id().ToString(),
                       .certificates_der = svid.chain_der(),
                       .algorithm = crypto::SignatureAlgorithmFor(svid.key().algorithm()),
                       .body = EncodeBody(body)};
  OMNI_RETURN_IF_ERROR(CheckSize("body", envelope.body.size(), kMaxBodyBytes));
  envelope.signature = svid.key().Sign(PreAuthenticationEncoding(kPayloadType, envelope.body));
  return envelope;
}

absl::StatusOr<std::string> Seal(const SealInput& input, std::string_view event_id,
                                 absl::Time signed_at, const identity::X509Svid& svid) {
  OMNI_ASSIGN_OR_RETURN(const RawEnvelope envelope, SealRaw(input, event_id, signed_at, svid));
  std::string bytes = EncodeRawEnvelope(envelope);
  // Possible with four large certificates.
  OMNI_RETURN_IF_ERROR(CheckSize("envelope", bytes.size(), kMaxEnvelopeBytes));
  return bytes;
}

}  // namespace omninode::envelope
