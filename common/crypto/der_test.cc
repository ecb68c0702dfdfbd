#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/encoding.h"
#include "common/crypto/der_reader.h"
#include "common/crypto/der_writer.h"

namespace omninode::crypto {
namespace {

std::string Bytes(std::string_view hex) { return HexDecode(hex).value(); }

bool Reads(std::string_view hex) {
  const std::string der = Bytes(hex);
  DerReader reader(der);
  return reader.Next().has_value() && reader.AtEnd();
}

TEST(DerReader, ReadsShortAndLongLengths) {
  EXPECT_TRUE(Reads("0500"));
  for (const std::size_t size : {0u, 127u, 128u, 255u, 256u, 65'535u, 65'536u}) {
    const std::string content(size, 'x');
    const std::string der = DerWrap(kDerOctetString, content);
    DerReader reader(der);
    const auto element = reader.Expect(kDerOctetString);
    ASSERT_TRUE(element.has_value()) << size;
    EXPECT_EQ(element->content, content);
    EXPECT_EQ(element->whole, der);
    EXPECT_TRUE(reader.AtEnd());
  }
}

TEST(DerReader, RefusesWhatIsNotDer) {
  EXPECT_FALSE(Reads("05"));            // no length
  EXPECT_FALSE(Reads("0401"));          // content missing
  EXPECT_FALSE(Reads("04810100"));      // length not minimal
  EXPECT_FALSE(Reads("0482000100"));    // length with a leading zero
  EXPECT_FALSE(Reads("30800000"));      // indefinite length
  EXPECT_FALSE(Reads("0484ffffffff"));  // length of four bytes
  EXPECT_FALSE(Reads("1f8100"));        // tag of several bytes
}

TEST(DerReader, AFailureStays) {
  const std::string der = Bytes("05000500");
  DerReader reader(der);
  EXPECT_FALSE(reader.Expect(kDerInteger).has_value());
  EXPECT_TRUE(reader.failed());
  EXPECT_FALSE(reader.Expect(kDerNull).has_value());
  EXPECT_FALSE(reader.AtEnd());
}

TEST(DerReader, ReadingPastTheEndOfWhatIsRequiredFails) {
  DerReader reader("");
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_FALSE(reader.Next().has_value());
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_FALSE(reader.Expect(kDerNull).has_value());
  EXPECT_FALSE(reader.AtEnd());
}

TEST(DerReader, TryTakeLeavesOtherElements) {
  const std::string der = Bytes("0500");
  DerReader reader(der);
  EXPECT_FALSE(reader.TryTake(kDerInteger).has_value());
  EXPECT_TRUE(reader.TryTake(kDerNull).has_value());
  EXPECT_TRUE(reader.AtEnd());
}

std::optional<std::string> Unsigned(std::string_view content_hex) {
  const std::string content = Bytes(content_hex);
  const auto value = DerUnsigned({kDerInteger, content, {}});
  if (!value.has_value()) return std::nullopt;
  return HexEncode(*value);
}

TEST(DerUnsigned, TakesMinimalNonNegativeNumbersOnly) {
  EXPECT_EQ(Unsigned("00"), "00");
  EXPECT_EQ(Unsigned("7f"), "7f");
  EXPECT_EQ(Unsigned("0080"), "80");
  EXPECT_EQ(Unsigned("80"), std::nullopt);    // negative
  EXPECT_EQ(Unsigned("007f"), std::nullopt);  // a zero too much
  EXPECT_EQ(Unsigned(""), std::nullopt);
}

TEST(DerBitStringBytes, RefusesUnusedBits) {
  const std::string good = Bytes("00aa");
  const std::string bad = Bytes("01aa");
  EXPECT_EQ(DerBitStringBytes({kDerBitString, good, {}}), std::string_view("\xaa"));
  EXPECT_FALSE(DerBitStringBytes({kDerBitString, bad, {}}).has_value());
  EXPECT_FALSE(DerBitStringBytes({kDerBitString, {}, {}}).has_value());
}

TEST(DerWriter, WritesKnownEncodings) {
  EXPECT_EQ(HexEncode(DerUnsignedInteger(Bytes("000080"))), "02020080");
  EXPECT_EQ(HexEncode(DerUnsignedInteger("")), "020100");
  EXPECT_EQ(HexEncode(DerSmallInteger(2)), "020102");
  EXPECT_EQ(HexEncode(DerBool(true)), "0101ff");
  EXPECT_EQ(HexEncode(DerBool(false)), "010100");
  EXPECT_EQ(HexEncode(DerBitStringOf("a")), "03020061");
  EXPECT_EQ(HexEncode(DerNamedBits(1U << 0U)), "03020780");
  EXPECT_EQ(HexEncode(DerNamedBits((1U << 5U) | (1U << 6U))), "03020106");
  EXPECT_EQ(HexEncode(DerNamedBits(1U << 8U)), "0303070080");
  EXPECT_EQ(HexEncode(DerNamedBits(0)), "030100");
}

TEST(DerWriter, ChangesTheFormOfTimesIn2050) {
  const auto content = [](absl::CivilSecond second) {
    return DerTime(absl::FromCivil(second, absl::UTCTimeZone()));
  };
  EXPECT_EQ(content(absl::CivilSecond(2049, 12, 31, 23, 59, 59)),
            DerWrap(kDerUtcTime, "491231235959Z"));
  EXPECT_EQ(content(absl::CivilSecond(2050, 1, 1)),
            DerWrap(kDerGeneralizedTime, "20500101000000Z"));
}

RC_GTEST_PROP(DerProperty, WhatIsWrittenIsRead, (const std::vector<std::string>& parts)) {
  std::string content;
  for (const std::string& part : parts) content += DerWrap(kDerOctetString, part);
  const std::string der = DerWrap(kDerSequence, content);
  DerReader outer(der);
  const auto sequence = outer.Expect(kDerSequence);
  RC_ASSERT(sequence.has_value());
  RC_ASSERT(outer.AtEnd());
  DerReader reader(sequence->content);
  for (const std::string& part : parts) {
    const auto element = reader.Expect(kDerOctetString);
    RC_ASSERT(element.has_value());
    RC_ASSERT(element->content == part);
  }
  RC_ASSERT(reader.AtEnd());
}

RC_GTEST_PROP(DerProperty, AnyBytesAreReadWithoutLeavingThem, (const std::string& bytes)) {
  DerReader reader(bytes);
  std::size_t total = 0;
  while (const auto element = reader.Next()) total += element->whole.size();
  RC_ASSERT(total <= bytes.size());
  RC_ASSERT(reader.AtEnd() == (total == bytes.size()));
}

}  // namespace
}  // namespace omninode::crypto
