#include "common/envelope/wire_scan.h"

#include <array>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/message_rules.h"
#include "common/envelope/test_envelopes.h"
#include "common/envelope/test_wire.h"
#include "omninode/envelope/v1/introspection.pb.h"

namespace omninode::envelope {
namespace {

using testing::Bytes;
using testing::BytesField;
using testing::NumberField;
using testing::OverlongVarint;
using testing::Tag;
using testing::Varint;

constexpr std::string_view kNotUtf8 = "\xc3\x28";

constexpr auto kInnerFields = std::to_array<FieldRule>({
    {1, FieldKind::kName, "name"},
    {2, FieldKind::kText, "value"},
});
constexpr MessageRule kInner{kInnerFields};
constexpr auto kOuterFields = std::to_array<FieldRule>({
    {1, FieldKind::kUint64, "count"},
    {2, FieldKind::kInt32, "small"},
    {3, FieldKind::kEnum, "choice"},
    {4, FieldKind::kBytes, "blob", false, 4},
    {5, FieldKind::kBytes, "blobs", true},
    {.number = 6, .kind = FieldKind::kMessage, .name = "inner", .message = &kInner},
    {7, FieldKind::kInt64, "big"},
});
constexpr MessageRule kOuter{kOuterFields};

absl::Status Strict(const std::string& bytes) {
  return ScanMessage(bytes, kOuter, Strictness::kRefuseUnknown);
}
absl::Status Lenient(const std::string& bytes) {
  return ScanMessage(bytes, kOuter, Strictness::kIgnoreUnknown);
}
void ExpectRefused(const std::string& bytes, Reason reason, const std::string& field) {
  for (const absl::Status& status : {Strict(bytes), Lenient(bytes)}) {
    EXPECT_EQ(ReasonOf(status), reason) << status;
    EXPECT_EQ(MetadataOf(status)["field"], field) << status;
  }
}

TEST(WireScanTest, AcceptsEveryFieldInAnyOrderAndRepeatedOnesOften) {
  EXPECT_EQ(Strict(""), absl::OkStatus());
  EXPECT_EQ(Strict(BytesField(5, "a") + NumberField(7, ~0ULL) + NumberField(1, ~0ULL) +
                   NumberField(2, 5) + NumberField(3, 1) + BytesField(4, "1234") +
                   BytesField(6, BytesField(1, "n") + BytesField(2, "\u00e9")) +
                   BytesField(5, "b") + BytesField(5, "")),
            absl::OkStatus());
}

TEST(WireScanTest, RefusesASecondValueOfASingularField) {
  ExpectRefused(NumberField(1, 1) + NumberField(1, 1), Reason::kMsgMalformed, "count");
  ExpectRefused(BytesField(4, "a") + NumberField(1, 1) + BytesField(4, ""), Reason::kMsgMalformed,
                "blob");
  // Protobuf would merge the two.
  ExpectRefused(BytesField(6, BytesField(1, "n")) + BytesField(6, BytesField(2, "v")),
                Reason::kMsgMalformed, "inner");
  ExpectRefused(BytesField(6, BytesField(1, "n") + BytesField(1, "m")), Reason::kMsgMalformed,
                "inner.name");
}

TEST(WireScanTest, RefusesOrIgnoresUnknownFieldsAsAsked) {
  for (const std::string& unknown :
       {NumberField(99, 1), BytesField(99, "x"), BytesField(6, NumberField(3, 1)),
        Tag(99, 1) + std::string(8, 'x'), Tag(99, 5) + std::string(4, 'x'),
        BytesField(99, "a") + BytesField(99, "b")}) {
    EXPECT_EQ(ReasonOf(Strict(NumberField(1, 1) + unknown)), Reason::kMsgMalformed);
    EXPECT_EQ(Lenient(NumberField(1, 1) + unknown), absl::OkStatus());
  }
  EXPECT_EQ(ReasonOf(Lenient(Tag(99, 2) + Varint(5) + "abc")), Reason::kMsgMalformed) << "cut off";
}

TEST(WireScanTest, RefusesAnotherWireTypeUnderEitherStrictness) {
  ExpectRefused(BytesField(1, ""), Reason::kMsgMalformed, "count");
  ExpectRefused(NumberField(4, 1), Reason::kMsgMalformed, "blob");
  ExpectRefused(Tag(1, 5) + "1234", Reason::kMsgMalformed, "count");
  ExpectRefused(NumberField(6, 1), Reason::kMsgMalformed, "inner");
}

TEST(WireScanTest, RefusesNumbersThatProtobufWouldCut) {
  constexpr std::uint64_t kMax = 0x7fff'ffff;
  EXPECT_EQ(Strict(NumberField(3, kMax)), absl::OkStatus());
  ExpectRefused(NumberField(3, kMax + 1), Reason::kMsgMalformed, "choice");
  ExpectRefused(NumberField(3, (1ULL << 32) + 1), Reason::kMsgMalformed, "choice");
  ExpectRefused(NumberField(3, ~0ULL), Reason::kMsgMalformed, "choice");
  EXPECT_EQ(Strict(NumberField(2, kMax)), absl::OkStatus());
  EXPECT_EQ(Strict(NumberField(2, ~0ULL)), absl::OkStatus()) << "-1";
  EXPECT_EQ(Strict(NumberField(2, ~kMax)), absl::OkStatus()) << "the smallest";
  ExpectRefused(NumberField(2, kMax + 1), Reason::kMsgMalformed, "small");
  ExpectRefused(NumberField(2, ~kMax - 1), Reason::kMsgMalformed, "small");
}

TEST(WireScanTest, JudgesTheLengthBeforeTheBytes) {
  EXPECT_EQ(Strict(BytesField(4, "1234")), absl::OkStatus());
  ExpectRefused(BytesField(4, "12345"), Reason::kMsgTooLarge, "blob");
  ExpectRefused(Tag(4, 2) + Varint(1ULL << 31), Reason::kMsgTooLarge, "blob");
  ExpectRefused(Tag(5, 2) + Varint(1ULL << 31), Reason::kMsgMalformed, "blobs");
}

TEST(WireScanTest, RefusesTextThatIsNotUtf8) {
  ExpectRefused(BytesField(6, BytesField(1, kNotUtf8)), Reason::kNameInvalid, "inner.name");
  ExpectRefused(BytesField(6, BytesField(2, kNotUtf8)), Reason::kMsgMalformed, "inner.value");
  EXPECT_EQ(Strict(BytesField(4, kNotUtf8)), absl::OkStatus()) << "bytes may be anything";
}

TEST(WireScanTest, RefusesOverlongNumbersInside) {
  EXPECT_EQ(ReasonOf(Strict(Tag(1, 0) + OverlongVarint(5))), Reason::kMsgMalformed);
  EXPECT_EQ(ReasonOf(Lenient(BytesField(6, Tag(1, 2) + OverlongVarint(1) + "n"))),
            Reason::kMsgMalformed);
}

TEST(WireScanTest, WithstandsNestingBombs) {
  std::string nested;
  for (int depth = 0; depth < 10'000; ++depth) nested = BytesField(6, nested);
  EXPECT_EQ(ReasonOf(Strict(nested)), Reason::kMsgMalformed);
  EXPECT_EQ(Lenient(nested), absl::OkStatus()) << "field 6 of inner is unknown: not entered";
  const std::string groups(10'000, Tag(99, 3)[0]);
  EXPECT_EQ(ReasonOf(Strict(groups)), Reason::kMsgMalformed);
  EXPECT_EQ(ReasonOf(Lenient(groups)), Reason::kMsgMalformed);
}

// Two parsers, one opinion: what the scan lets through, protobuf reads, and knows all of it.
RC_GTEST_PROP(WireScanProperty, WhatPassesProtobufParses, ()) {
  std::string bytes = EncodeIntrospection(testing::IntrospectionValue());
  // A field once more, or one that is not known, at the end.
  if (*rc::gen::arbitrary<bool>()) {
    bytes +=
        BytesField(*rc::gen::inRange<std::uint32_t>(1, 13), *rc::gen::arbitrary<std::string>());
  }
  const auto changes = *rc::gen::inRange<std::size_t>(0, 3);
  for (std::size_t i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[at] = *rc::gen::arbitrary<char>();
  }
  if (*rc::gen::inRange(0, 4) == 0) bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size()));
  const bool strict = ScanMessage(bytes, kIntrospectionRule, Strictness::kRefuseUnknown).ok();
  const bool lenient = ScanMessage(bytes, kIntrospectionRule, Strictness::kIgnoreUnknown).ok();
  RC_ASSERT(!strict || lenient);
  RC_CLASSIFY(strict, "strict");
  RC_CLASSIFY(lenient, "lenient");
  if (!lenient) return;
  v1::NodeIntrospection message;
  RC_ASSERT(message.ParseFromString(bytes));
  if (strict) RC_ASSERT(message.GetReflection()->GetUnknownFields(message).empty());
}

RC_GTEST_PROP(WireScanProperty, SurvivesAnyBytes, (const std::string& bytes)) {
  const bool strict = ScanMessage(bytes, kBodyRule, Strictness::kRefuseUnknown).ok();
  const bool lenient = ScanMessage(bytes, kBodyRule, Strictness::kIgnoreUnknown).ok();
  RC_ASSERT(!strict || lenient);
}

}  // namespace
}  // namespace omninode::envelope
