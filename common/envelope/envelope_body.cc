#include "common/envelope/envelope_body.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/directory/plain_text.h"
#include "common/envelope/byte_writer.h"
#include "common/envelope/message_rules.h"
#include "common/envelope/parse_scanned.h"
#include "common/envelope/type_codec.h"
#include "omninode/envelope/v1/signed_envelope.pb.h"

namespace omninode::envelope {
namespace {

constexpr std::string_view kContentLabel = "omninode-content-v1";

// xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx (RFC 9562 4), digits of either case, any version.
bool IsUuid(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::ranges::equal(text, kShape, [](char c, char shape) {
    if (shape == '-') return c == '-';
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

absl::StatusOr<EventType> DecodeEventType(v1::EventType type) {
  switch (type) {
    case v1::EVENT_TYPE_NODE_INTROSPECTION:
      return EventType::kNodeIntrospection;
    case v1::EVENT_TYPE_NODE_TOMBSTONE:
      return EventType::kNodeTombstone;
    default:
      return AtField(
          Reject(Reason::kMsgMalformed, "{} is not an event type", static_cast<int>(type)),
          "event_type");
  }
}

absl::StatusOr<absl::Time> DecodeTime(bool present, const google::protobuf::Timestamp& timestamp,
                                      std::string_view path) {
  if (!present) return AtField(Reject(Reason::kArgumentInvalid, "missing"), path);
  auto time = Decode(timestamp);
  if (!time.ok()) return AtField(time.status(), path);
  return time;
}

absl::StatusOr<Audience> DecodeAudience(const v1::Audience& message) {
  auto network_id = NetworkId::Parse(message.network_id());
  if (!network_id.ok()) return AtField(network_id.status(), "audience.network_id");
  auto ns = NamespaceName::Parse(message.namespace_());
  if (!ns.ok()) return AtField(ns.status(), "audience.namespace");
  return Audience{.network_id = *std::move(network_id), .ns = *std::move(ns)};
}

absl::StatusOr<crypto::Sha256Digest> DecodeFingerprint(std::string_view bytes) {
  crypto::Sha256Digest digest;
  if (bytes.size() != digest.size()) {
    return AtField(
        Reject(Reason::kArgumentInvalid, "{} bytes where {} are due", bytes.size(), digest.size()),
        "leaf_fingerprint");
  }
  std::ranges::copy(AsBytes(bytes), digest.begin());
  return digest;
}

}  // namespace

std::string_view NameOf(EventType type) {
  switch (type) {
    case EventType::kNodeIntrospection:
      return "NODE_INTROSPECTION";
    case EventType::kNodeTombstone:
      return "NODE_TOMBSTONE";
  }
  OMNI_CHECK(false);
}

absl::Status CheckBody(const Body& body) {
  if (!IsUuid(body.event_id)) {
    return AtField(
        Reject(Reason::kArgumentInvalid, "'{}' is not a UUID", EscapeForDisplay(body.event_id, 64)),
        "event_id");
  }
  if (body.sequence == 0 || body.sequence > kMaxSequence) {
    return AtField(
        Reject(Reason::kArgumentInvalid, "{} is not between 1 and {}", body.sequence, kMaxSequence),
        "sequence");
  }
  if (body.payload.size() > kMaxBodyBytes) {
    return AtField(Reject(Reason::kMsgTooLarge, "{} bytes, at most {} are allowed",
                          body.payload.size(), kMaxBodyBytes),
                   "payload");
  }
  return AtField(directory::CheckPrintableAscii(body.correlation_id, kMaxCorrelationIdBytes),
                 "correlation_id");
}

absl::StatusOr<Body> DecodeBody(std::string_view bytes, Strictness strictness) {
  OMNI_ASSIGN_OR_RETURN(auto message, ParseScanned<v1::EnvelopeBody>(bytes, kBodyRule, strictness));
  OMNI_ASSIGN_OR_RETURN(const EventType type, DecodeEventType(message.event_type()));
  OMNI_ASSIGN_OR_RETURN(const absl::Time timestamp,
                        DecodeTime(message.has_timestamp(), message.timestamp(), "timestamp"));
  OMNI_ASSIGN_OR_RETURN(const absl::Time signed_at,
                        DecodeTime(message.has_signed_at(), message.signed_at(), "signed_at"));
  OMNI_ASSIGN_OR_RETURN(Audience audience, DecodeAudience(message.audience()));
  OMNI_ASSIGN_OR_RETURN(const auto fingerprint, DecodeFingerprint(message.leaf_fingerprint()));
  Body body{.event_id = std::move(*message.mutable_event_id()),
            .type = type,
            .timestamp = timestamp,
            .signed_at = signed_at,
            .audience = std::move(audience),
            .sequence = message.sequence(),
            .leaf_fingerprint = fingerprint,
            .correlation_id = std::move(*message.mutable_correlation_id()),
            .payload = std::move(*message.mutable_payload())};
  OMNI_RETURN_IF_ERROR(CheckBody(body));
  return body;
}

std::string EncodeBody(const Body& body) {
  v1::EnvelopeBody message;
  message.set_event_id(body.event_id);
  message.set_event_type(static_cast<v1::EventType>(body.type));
  *message.mutable_timestamp() = Encode(body.timestamp);
  *message.mutable_signed_at() = Encode(body.signed_at);
  message.mutable_audience()->set_network_id(body.audience.network_id.value());
  message.mutable_audience()->set_namespace_(body.audience.ns.value());
  message.set_sequence(body.sequence);
  message.set_leaf_fingerprint(body.leaf_fingerprint.data(), body.leaf_fingerprint.size());
  message.set_correlation_id(body.correlation_id);
  message.set_payload(body.payload);
  return message.SerializeAsString();
}

crypto::Sha256Digest ContentDigest(const Body& body) {
  return crypto::Sha256(ByteWriter()
                            .Prefixed<std::uint32_t>(kContentLabel)
                            .Number(static_cast<std::uint8_t>(body.type))
                            .Prefixed<std::uint32_t>(body.audience.network_id.value())
                            .Prefixed<std::uint32_t>(body.audience.ns.value())
                            .Prefixed<std::uint32_t>(body.payload)
                            .Take());
}

}  // namespace omninode::envelope
