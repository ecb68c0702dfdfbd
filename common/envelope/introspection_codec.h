#ifndef OMNINODE_COMMON_ENVELOPE_INTROSPECTION_CODEC_H_
#define OMNINODE_COMMON_ENVELOPE_INTROSPECTION_CODEC_H_

#include <absl/status/statusor.h>

#include "common/directory/introspection.h"
#include "common/envelope/payload.h"
#include "omninode/envelope/v1/introspection.pb.h"

// The payloads as protobuf messages, for those who have or need one; from bytes see payload.h.
// Errors name the field's path: NAME_INVALID, ARGUMENT_INVALID or MSG_MALFORMED.
namespace omninode::envelope {

v1::NodeIntrospection Encode(const directory::Introspection& introspection);
absl::StatusOr<directory::Introspection> Decode(const v1::NodeIntrospection& message);

v1::NodeTombstone Encode(const TombstonePayload& tombstone);
absl::StatusOr<TombstonePayload> Decode(const v1::NodeTombstone& message);

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_INTROSPECTION_CODEC_H_
