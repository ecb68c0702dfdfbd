#ifndef OMNINODE_COMMON_ENVELOPE_TYPE_CODEC_H_
#define OMNINODE_COMMON_ENVELOPE_TYPE_CODEC_H_

#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include "common/directory/capability.h"
#include "common/directory/endpoint.h"
#include "common/directory/health.h"
#include "common/directory/position.h"
#include "common/directory/tombstone.h"
#include "omninode/type/v1/node.pb.h"
#include "omninode/type/v1/position.pb.h"

// The parts that all messages of the API share, from and to values of common/directory. Pure. The
// caller adds its own path to errors (AtField); a number that no enum has is MSG_MALFORMED.
namespace omninode::envelope {

// Unspecified is SERVING: a node that does not say is taken to work.
type::v1::Health Encode(directory::Health health);
absl::StatusOr<directory::Health> Decode(type::v1::Health health);

type::v1::RemovalReason Encode(directory::RemovalReason reason);
// MSG_MALFORMED for unspecified too.
absl::StatusOr<directory::RemovalReason> Decode(type::v1::RemovalReason reason);

type::v1::Position Encode(const directory::Position& position);
directory::Position Decode(const type::v1::Position& position);

// Errors of the parts begin with "name", "url" or "value".
type::v1::Endpoint Encode(const directory::Endpoint& endpoint);
absl::StatusOr<directory::Endpoint> Decode(const type::v1::Endpoint& endpoint);
type::v1::Capability Encode(const directory::Capability& capability);
absl::StatusOr<directory::Capability> Decode(const type::v1::Capability& capability);
type::v1::Label Encode(const directory::Label& label);
absl::StatusOr<directory::Label> Decode(const type::v1::Label& label);

// A time outside the years 1 to 9999 is written as the nearest one inside; parts of a nanosecond
// are cut off. Decode: ARGUMENT_INVALID outside protobuf's bounds.
google::protobuf::Timestamp Encode(absl::Time time);
absl::StatusOr<absl::Time> Decode(const google::protobuf::Timestamp& timestamp);

// Likewise, with protobuf's bounds of some 10,000 years in either direction.
google::protobuf::Duration Encode(absl::Duration duration);
absl::StatusOr<absl::Duration> Decode(const google::protobuf::Duration& duration);

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_TYPE_CODEC_H_
