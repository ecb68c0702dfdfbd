#include "common/envelope/type_codec.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::envelope {
namespace {

// google/protobuf/timestamp.proto and duration.proto.
constexpr std::int64_t kMinTimestampSeconds = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kMaxTimestampSeconds = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr std::int64_t kMaxDurationSeconds = 315'576'000'000;
constexpr std::int32_t kMaxNanos = 999'999'999;

template <typename Item, typename Message>
Message EncodeNamedText(const Item& item) {
  Message message;
  message.set_name(item.name().value());
  message.set_value(item.value());
  return message;
}

absl::StatusOr<AttributeName> DecodeName(const std::string& text) {
  auto name = AttributeName::Parse(text);
  if (!name.ok()) return AtField(name.status(), "name");
  return name;
}

template <typename Item, typename Message>
absl::StatusOr<Item> DecodeNamedText(const Message& message) {
  OMNI_ASSIGN_OR_RETURN(AttributeName name, DecodeName(message.name()));
  auto item = Item::Create(std::move(name), message.value());
  if (!item.ok()) return AtField(item.status(), "value");
  return item;
}

}  // namespace

type::v1::Health Encode(directory::Health health) { return static_cast<type::v1::Health>(health); }

absl::StatusOr<directory::Health> Decode(type::v1::Health health) {
  switch (health) {
    case type::v1::HEALTH_UNSPECIFIED:
    case type::v1::HEALTH_SERVING:
      return directory::Health::kServing;
    case type::v1::HEALTH_DEGRADED:
      return directory::Health::kDegraded;
    case type::v1::HEALTH_NOT_SERVING:
      return directory::Health::kNotServing;
    default:
      return Reject(Reason::kMsgMalformed, "{} is not a health", static_cast<int>(health));
  }
}

type::v1::RemovalReason Encode(directory::RemovalReason reason) {
  return static_cast<type::v1::RemovalReason>(reason);
}

absl::StatusOr<directory::RemovalReason> Decode(type::v1::RemovalReason reason) {
  if (reason == type::v1::REMOVAL_REASON_UNSPECIFIED || !type::v1::RemovalReason_IsValid(reason)) {
    return Reject(Reason::kMsgMalformed, "{} is not a removal reason", static_cast<int>(reason));
  }
  return static_cast<directory::RemovalReason>(reason);
}

type::v1::Position Encode(const directory::Position& position) {
  type::v1::Position message;
  message.set_incarnation(position.incarnation);
  message.set_version(position.version);
  return message;
}

directory::Position Decode(const type::v1::Position& position) {
  return {.incarnation = position.incarnation(), .version = position.version()};
}

type::v1::Endpoint Encode(const directory::Endpoint& endpoint) {
  type::v1::Endpoint message;
  message.set_name(endpoint.name().value());
  message.set_url(endpoint.url());
  return message;
}

absl::StatusOr<directory::Endpoint> Decode(const type::v1::Endpoint& endpoint) {
  OMNI_ASSIGN_OR_RETURN(AttributeName name, DecodeName(endpoint.name()));
  auto decoded = directory::Endpoint::Create(std::move(name), endpoint.url());
  if (!decoded.ok()) return AtField(decoded.status(), "url");
  return decoded;
}

type::v1::Capability Encode(const directory::Capability& capability) {
  return EncodeNamedText<directory::Capability, type::v1::Capability>(capability);
}

absl::StatusOr<directory::Capability> Decode(const type::v1::Capability& capability) {
  return DecodeNamedText<directory::Capability>(capability);
}

type::v1::Label Encode(const directory::Label& label) {
  return EncodeNamedText<directory::Label, type::v1::Label>(label);
}

absl::StatusOr<directory::Label> Decode(const type::v1::Label& label) {
  return DecodeNamedText<directory::Label>(label);
}

google::protobuf::Timestamp Encode(absl::Time time) {
  const absl::Time earliest = absl::FromUnixSeconds(kMinTimestampSeconds);
  const absl::Time latest =
      absl::FromUnixSeconds(kMaxTimestampSeconds) + absl::Nanoseconds(kMaxNanos);
  const absl::Time bounded = std::clamp(time, earliest, latest);
  const std::int64_t seconds = absl::ToUnixSeconds(bounded);  // rounds towards the past
  google::protobuf::Timestamp message;
  message.set_seconds(seconds);
  message.set_nanos(static_cast<std::int32_t>(
      absl::ToInt64Nanoseconds(bounded - absl::FromUnixSeconds(seconds))));
  return message;
}

absl::StatusOr<absl::Time> Decode(const google::protobuf::Timestamp& timestamp) {
  if (timestamp.seconds() < kMinTimestampSeconds || timestamp.seconds() > kMaxTimestampSeconds ||
      timestamp.nanos() < 0 || timestamp.nanos() > kMaxNanos) {
    return Reject(Reason::kArgumentInvalid, "{} s and {} ns are not a time of the years 1 to 9999",
                  timestamp.seconds(), timestamp.nanos());
  }
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

google::protobuf::Duration Encode(absl::Duration duration) {
  const absl::Duration longest = absl::Seconds(kMaxDurationSeconds) + absl::Nanoseconds(kMaxNanos);
  absl::Duration bounded = std::clamp(duration, -longest, longest);
  google::protobuf::Duration message;
  message.set_seconds(absl::IDivDuration(bounded, absl::Seconds(1), &bounded));
  message.set_nanos(static_cast<std::int32_t>(absl::ToInt64Nanoseconds(bounded)));
  return message;
}

absl::StatusOr<absl::Duration> Decode(const google::protobuf::Duration& duration) {
  const bool in_range = duration.seconds() >= -kMaxDurationSeconds &&
                        duration.seconds() <= kMaxDurationSeconds &&
                        duration.nanos() >= -kMaxNanos && duration.nanos() <= kMaxNanos;
  const bool one_sign = (duration.seconds() <= 0 || duration.nanos() >= 0) &&
                        (duration.seconds() >= 0 || duration.nanos() <= 0);
  if (!in_range || !one_sign) {
    return Reject(Reason::kArgumentInvalid, "{} s and {} ns are not a duration", duration.seconds(),
                  duration.nanos());
  }
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace omninode::envelope
