#include "common/envelope/type_codec.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/reason.h"

namespace omninode::envelope {
namespace {

using google::protobuf::Duration;
using google::protobuf::Timestamp;

Timestamp TimestampOf(std::int64_t seconds, std::int32_t nanos) {
  Timestamp message;
  message.set_seconds(seconds);
  message.set_nanos(nanos);
  return message;
}
Duration DurationOf(std::int64_t seconds, std::int32_t nanos) {
  Duration message;
  message.set_seconds(seconds);
  message.set_nanos(nanos);
  return message;
}
AttributeName Attribute(std::string_view text) { return AttributeName::Parse(text).value(); }

TEST(TypeCodecTest, KnowsEveryHealth) {
  for (const auto health : {directory::Health::kServing, directory::Health::kDegraded,
                            directory::Health::kNotServing}) {
    EXPECT_EQ(Decode(Encode(health)).value(), health);
  }
  EXPECT_EQ(Encode(directory::Health::kDegraded), type::v1::HEALTH_DEGRADED);
  EXPECT_EQ(Decode(type::v1::HEALTH_UNSPECIFIED).value(), directory::Health::kServing);
  EXPECT_EQ(ReasonOf(Decode(static_cast<type::v1::Health>(4)).status()), Reason::kMsgMalformed);
  EXPECT_EQ(ReasonOf(Decode(static_cast<type::v1::Health>(-1)).status()), Reason::kMsgMalformed);
}

// Both enums are written by hand with the same numbers; a value of one without the other fails.
TEST(TypeCodecTest, KnowsEveryRemovalReason) {
  const auto* described = type::v1::RemovalReason_descriptor();
  for (int i = 0; i < described->value_count(); ++i) {
    const auto reason = static_cast<type::v1::RemovalReason>(described->value(i)->number());
    const auto decoded = Decode(reason);
    if (reason == type::v1::REMOVAL_REASON_UNSPECIFIED) {
      EXPECT_EQ(ReasonOf(decoded.status()), Reason::kMsgMalformed);
      continue;
    }
    ASSERT_TRUE(decoded.ok()) << described->value(i)->name();
    EXPECT_EQ(Encode(*decoded), reason);
    std::string name = "REMOVAL_REASON_";
    for (const char c : directory::NameOf(*decoded)) name.push_back(static_cast<char>(toupper(c)));
    EXPECT_EQ(described->value(i)->name(), name);
  }
  EXPECT_EQ(ReasonOf(Decode(static_cast<type::v1::RemovalReason>(8)).status()),
            Reason::kMsgMalformed);
}

TEST(TypeCodecTest, KeepsPositions) {
  const directory::Position position{.incarnation = 3,
                                     .version = std::numeric_limits<std::uint64_t>::max()};
  EXPECT_EQ(Decode(Encode(position)), position);
}

TEST(TypeCodecTest, KeepsAttributes) {
  const auto endpoint = directory::Endpoint::Create(Attribute("grpc"), "grpcs://h:1").value();
  EXPECT_EQ(Decode(Encode(endpoint)).value(), endpoint);
  const auto capability = directory::Capability::Create(Attribute("gpu"), "2").value();
  EXPECT_EQ(Decode(Encode(capability)).value(), capability);
  const auto label = directory::Label::Create(Attribute("zone"), "").value();
  EXPECT_EQ(Decode(Encode(label)).value(), label);
}

TEST(TypeCodecTest, NamesTheWrongPartOfAnAttribute) {
  type::v1::Endpoint endpoint;
  endpoint.set_name("Bad");
  EXPECT_EQ(MetadataOf(Decode(endpoint).status())["field"], "name");
  endpoint.set_name("grpc");
  endpoint.set_url("x");
  EXPECT_EQ(MetadataOf(Decode(endpoint).status())["field"], "url");
  type::v1::Label label;
  label.set_name("zone");
  label.set_value("\x07");
  EXPECT_EQ(MetadataOf(Decode(label).status())["field"], "value");
  EXPECT_EQ(ReasonOf(Decode(label).status()), Reason::kArgumentInvalid);
}

RC_GTEST_PROP(TypeCodecProperty, KeepsTimesToTheNanosecond, (std::int64_t nanos)) {
  const absl::Time time = absl::FromUnixNanos(nanos);
  RC_ASSERT(Decode(Encode(time)).value() == time);
  RC_ASSERT(Encode(time).nanos() >= 0);
}

RC_GTEST_PROP(TypeCodecProperty, KeepsDurationsToTheNanosecond, (std::int64_t nanos)) {
  const absl::Duration duration = absl::Nanoseconds(nanos);
  RC_ASSERT(Decode(Encode(duration)).value() == duration);
}

TEST(TypeCodecTest, BoundsTimes) {
  EXPECT_TRUE(Decode(TimestampOf(253'402'300'799, 999'999'999)).ok());
  EXPECT_TRUE(Decode(TimestampOf(-62'135'596'800, 0)).ok());
  for (const Timestamp& outside : {TimestampOf(253'402'300'800, 0), TimestampOf(-62'135'596'801, 0),
                                   TimestampOf(0, 1'000'000'000), TimestampOf(0, -1),
                                   TimestampOf(std::numeric_limits<std::int64_t>::min(), 0)}) {
    EXPECT_EQ(ReasonOf(Decode(outside).status()), Reason::kArgumentInvalid);
  }
}

TEST(TypeCodecTest, WritesTimesOutsideAsTheNearestInside) {
  EXPECT_EQ(Encode(absl::InfiniteFuture()).seconds(), 253'402'300'799);
  EXPECT_EQ(Encode(absl::InfinitePast()).seconds(), -62'135'596'800);
  EXPECT_TRUE(Decode(Encode(absl::InfiniteFuture())).ok());
  EXPECT_TRUE(Decode(Encode(absl::InfinitePast())).ok());
}

TEST(TypeCodecTest, BoundsDurations) {
  EXPECT_TRUE(Decode(DurationOf(315'576'000'000, 999'999'999)).ok());
  EXPECT_TRUE(Decode(DurationOf(-315'576'000'000, -999'999'999)).ok());
  EXPECT_EQ(Decode(DurationOf(0, -5)).value(), absl::Nanoseconds(-5));
  for (const Duration& outside :
       {DurationOf(315'576'000'001, 0), DurationOf(-315'576'000'001, 0),
        DurationOf(0, 1'000'000'000), DurationOf(0, -1'000'000'000), DurationOf(1, -1),
        DurationOf(-1, 1), DurationOf(std::numeric_limits<std::int64_t>::min(), 0)}) {
    EXPECT_EQ(ReasonOf(Decode(outside).status()), Reason::kArgumentInvalid);
  }
  EXPECT_TRUE(Decode(Encode(absl::InfiniteDuration())).ok());
  EXPECT_TRUE(Decode(Encode(-absl::InfiniteDuration())).ok());
}

}  // namespace
}  // namespace omninode::envelope
