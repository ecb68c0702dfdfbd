#ifndef OMNINODE_COMMON_ENVELOPE_DISPLAY_H_
#define OMNINODE_COMMON_ENVELOPE_DISPLAY_H_

#include <cstddef>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/envelope/raw_envelope.h"

// An envelope as JSON for people:
//
//   { "envelope_version": "1.0", "event_id": ..., "event_type": "NODE_INTROSPECTION",
//     "timestamp": ..., "audience": {"network_id", "namespace"}, "sequence": ...,
//     "correlation_id": ...,
//     "security": { "spiffe_id", "svid_certificate": PEM, leaf first, "signature": base64,
//                   "signature_algorithm": "SHA256withRSA" | "SHA256withECDSA" | "Ed25519",
//                   "signed_at" },
//     "payload": the payload as protobuf's JSON with the names of the .proto file,
//     "body": base64 of the signed bytes }
//
// Only `body` is signed; everything that repeats what it says is for the eye. Pure functions.
namespace omninode::envelope {

inline constexpr std::size_t kMaxDisplayBytes = 512 * 1024;

// Printable ASCII and line breaks. Verifies nothing. Fails as DecodeBody when the body cannot be
// read.
absl::StatusOr<std::string> ToDisplay(const RawEnvelope& envelope);

// The envelope that ToDisplay was given: from `envelope_version`, `security` and `body` alone.
// MSG_TOO_LARGE beyond a bound here or in raw_envelope.h, ALG_REJECTED for another algorithm,
// MSG_MALFORMED for everything else, a name that appears twice included.
absl::StatusOr<RawEnvelope> ParseDisplay(std::string_view json);

// Whether the text shows what `envelope` says. Without this a file could show one thing and carry
// the valid signature of another. MSG_MALFORMED names the part that differs. Call it after the
// signature was verified: it looks into the body.
absl::Status CheckDisplay(std::string_view json, const RawEnvelope& envelope);

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_DISPLAY_H_
