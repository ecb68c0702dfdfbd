#ifndef OMNINODE_COMMON_ENVELOPE_SIGNED_ENVELOPE_CODEC_H_
#define OMNINODE_COMMON_ENVELOPE_SIGNED_ENVELOPE_CODEC_H_

#include <absl/status/statusor.h>

#include "common/crypto/key.h"
#include "common/envelope/raw_envelope.h"
#include "omninode/envelope/v1/signed_envelope.pb.h"

// The envelope as a part of other messages (evidence). A message that protobuf has parsed no longer
// shows what stood twice; that is no harm to consumers, who verify the one body that they got.
// Whoever admits envelopes takes DecodeRawEnvelope.
namespace omninode::envelope {

v1::SignedEnvelope Encode(const RawEnvelope& envelope);
// MSG_TOO_LARGE, MSG_MALFORMED or ALG_REJECTED as DecodeRawEnvelope.
absl::StatusOr<RawEnvelope> Decode(const v1::SignedEnvelope& message);
absl::StatusOr<RawEnvelope> Decode(v1::SignedEnvelope&& message);  // takes the bytes

v1::SignatureAlgorithm Encode(crypto::SignatureAlgorithm algorithm);
absl::StatusOr<crypto::SignatureAlgorithm> Decode(v1::SignatureAlgorithm algorithm);

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_SIGNED_ENVELOPE_CODEC_H_
