#ifndef OMNINODE_COMMON_ENVELOPE_ENVELOPE_BODY_H_
#define OMNINODE_COMMON_ENVELOPE_ENVELOPE_BODY_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/crypto/digest.h"
#include "common/envelope/wire_scan.h"

namespace omninode::envelope {

// What an envelope carries, and thereby what it is valid for. The numbers are those of the API.
enum class EventType : std::uint8_t {
  kNodeIntrospection = 1,  // register or update
  kNodeTombstone = 2,      // leave
};

// The API's spelling: "NODE_INTROSPECTION", "NODE_TOMBSTONE".
std::string_view NameOf(EventType type);

// The one network and namespace that an envelope is meant for.
struct Audience {
  NetworkId network_id;
  NamespaceName ns;

  friend bool operator==(const Audience&, const Audience&) = default;
};

inline constexpr std::size_t kMaxCorrelationIdBytes = 128;
// What a database's signed integer holds; as microseconds the year 294247.
inline constexpr std::uint64_t kMaxSequence = std::numeric_limits<std::int64_t>::max();

// What was signed.
struct Body {
  std::string event_id;  // UUID, new for every signing
  EventType type = EventType::kNodeIntrospection;
  absl::Time timestamp;  // when the content was made
  absl::Time signed_at;
  Audience audience;
  std::uint64_t sequence = 0;  // 1 to kMaxSequence; orders the messages of one node
  crypto::Sha256Digest leaf_fingerprint{};
  std::string correlation_id;  // printable ASCII; may be empty
  std::string payload;         // serialized, see payload.h

  friend bool operator==(const Body&, const Body&) = default;
};

// Whether the parts that are plain text and numbers are within their bounds: MSG_TOO_LARGE for the
// payload, else ARGUMENT_INVALID, with the field's path.
absl::Status CheckBody(const Body& body);

// From a serialized EnvelopeBody. Only VerifyAndDecode calls it with bytes from outside, after it
// has found them signed. Errors name the field's path: MSG_MALFORMED and MSG_TOO_LARGE as
// ScanMessage, NAME_INVALID for the audience, ARGUMENT_INVALID for a missing part or one out of
// bounds.
absl::StatusOr<Body> DecodeBody(std::string_view bytes, Strictness strictness);

// The serialized EnvelopeBody.
std::string EncodeBody(const Body& body);

// What two signings of one content have in common, and no two contents: SHA-256 over
//   text("omninode-content-v1") u8(event type) text(network_id) text(namespace) text(payload)
// where text is a 4 byte big-endian length and the bytes. Order and idempotency are judged by it.
crypto::Sha256Digest ContentDigest(const Body& body);

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_ENVELOPE_BODY_H_
