#include "common/envelope/raw_envelope.h"

#include <utility>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/message_rules.h"
#include "common/envelope/parse_scanned.h"
#include "common/envelope/signed_envelope_codec.h"

namespace omninode::envelope {

absl::StatusOr<RawEnvelope> DecodeRawEnvelope(std::string_view bytes) {
  if (bytes.size() > kMaxEnvelopeBytes) {
    return Reject(Reason::kMsgTooLarge, "the envelope has {} bytes, at most {} are allowed",
                  bytes.size(), kMaxEnvelopeBytes);
  }
  OMNI_ASSIGN_OR_RETURN(auto message, ParseScanned<v1::SignedEnvelope>(bytes, kSignedEnvelopeRule,
                                                                       Strictness::kRefuseUnknown));
  return Decode(std::move(message));
}

std::string EncodeRawEnvelope(const RawEnvelope& envelope) {
  return Encode(envelope).SerializeAsString();
}

}  // namespace omninode::envelope
