#include "common/base/encoding.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace omninode {
namespace {

std::string Unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out.push_back(text[i]);
      continue;
    }
    out += HexDecode(text.substr(i + 2, 2)).value_or("?");
    i += 3;
  }
  return out;
}

// RFC 3629 section 3, written as the encoder.
std::string EncodeUtf8(std::uint32_t point) {
  const auto tail = [](std::uint32_t bits) { return static_cast<char>(0x80 | (bits & 0x3f)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xc0 | (point >> 6)), tail(point)};
  if (point < 0x10000) {
    return {static_cast<char>(0xe0 | (point >> 12)), tail(point >> 6), tail(point)};
  }
  return {static_cast<char>(0xf0 | (point >> 18)), tail(point >> 12), tail(point >> 6),
          tail(point)};
}

std::uint32_t ScalarValue() {
  return *rc::gen::suchThat(rc::gen::oneOf(rc::gen::inRange<std::uint32_t>(0, 0x800),
                                           rc::gen::inRange<std::uint32_t>(0x800, 0x10000),
                                           rc::gen::inRange<std::uint32_t>(0x10000, 0x110000)),
                            [](std::uint32_t point) { return point < 0xd800 || point > 0xdfff; });
}

RC_GTEST_PROP(Hex, ComesBackFromItsText, (const std::string& bytes)) {
  const std::string text = HexEncode(bytes);
  RC_ASSERT(text.size() == 2 * bytes.size());
  RC_ASSERT(HexDecode(text) == bytes);
}

TEST(Hex, WritesLowerCaseAndReadsBoth) {
  EXPECT_EQ(HexEncode("\x01\xaf"), "01af");
  EXPECT_EQ(HexDecode("01AF"), "\x01\xaf");
  EXPECT_EQ(HexDecode(""), "");
}

TEST(Hex, RefusesWhatIsNotHex) {
  for (const char* text : {"0", "0g", "g0", " 00", "0x00", "00 ", "@0", "`0", ":0", "/0"}) {
    EXPECT_EQ(HexDecode(text), std::nullopt) << text;
  }
}

RC_GTEST_PROP(Base64, ComesBackFromItsText, (const std::string& bytes)) {
  RC_ASSERT(Base64Decode(Base64Encode(bytes)) == bytes);
}

// A right text with one letter replaced, which is often right again and often only nearly.
RC_GTEST_PROP(Base64, HasOneSpellingPerValue, ()) {
  std::string text = Base64Encode(*rc::gen::nonEmpty(rc::gen::arbitrary<std::string>()));
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  text[at] = *rc::gen::elementOf(std::string("AQgwZz09+/=-_. \n"));
  const auto bytes = Base64Decode(text);
  RC_CLASSIFY(bytes.has_value());
  if (!bytes) return;
  RC_ASSERT(text.size() == (bytes->size() + 2) / 3 * 4);
  RC_ASSERT(Base64Encode(*bytes) == text);
}

TEST(Base64, FollowsTheVectorsOfRfc4648) {
  const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"},
                                                                    {"\xfb\xff", "+/8="}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(Base64Encode(bytes), text);
    EXPECT_EQ(Base64Decode(text), bytes);
  }
}

TEST(Base64, RefusesEveryOtherSpelling) {
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zm9=", "Zg===", "Zg..", " Zg==", "Zg==\n",
                           "Z g==", "-_8=", "Zm9v=", "====", "=", "Zg==Zg=="}) {
    EXPECT_EQ(Base64Decode(text), std::nullopt) << text;
  }
}

RC_GTEST_PROP(EscapeForDisplay, IsPrintableAndLosesNothingBelowTheBound,
              (const std::string& text)) {
  const std::string shown = EscapeForDisplay(text, text.size());
  for (const char c : shown) RC_ASSERT(c >= 0x20 && c < 0x7f && c != '\'');
  RC_ASSERT(Unescape(shown) == text);
}

TEST(EscapeForDisplay, CutsAtTheBound) {
  EXPECT_EQ(EscapeForDisplay("abcd", 4), "abcd");
  EXPECT_EQ(EscapeForDisplay("abcde", 4), "abcd...");
  EXPECT_EQ(EscapeForDisplay("\nab", 1), "\\x0a...");
  EXPECT_EQ(EscapeForDisplay("", 0), "");
}

RC_GTEST_PROP(Utf8, AcceptsAnyScalarValues, ()) {
  std::string text;
  const auto count = *rc::gen::inRange(0, 8);
  for (int i = 0; i < count; ++i) text += EncodeUtf8(ScalarValue());
  RC_ASSERT(IsValidUtf8(text));
}

RC_GTEST_PROP(Utf8, RefusesACutSequence, ()) {
  const std::string whole = EncodeUtf8(ScalarValue());
  RC_PRE(whole.size() > 1);
  const auto kept = *rc::gen::inRange<std::size_t>(1, whole.size());
  RC_ASSERT(!IsValidUtf8(whole.substr(0, kept)));
  RC_ASSERT(!IsValidUtf8(whole.substr(0, kept) + "a"));
  RC_ASSERT(!IsValidUtf8(whole.substr(kept)));
}

RC_GTEST_PROP(Utf8, RefusesSurrogates, ()) {
  RC_ASSERT(!IsValidUtf8(EncodeUtf8(*rc::gen::inRange<std::uint32_t>(0xd800, 0xe000))));
}

TEST(Utf8, RefusesOverlongFormsAndValuesBeyondTheEnd) {
  for (const char* text : {"\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf",
                           "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                           "\xf5\x80\x80\x80", "\xff", "\xfe", "\x80", "a\xbf"}) {
    EXPECT_FALSE(IsValidUtf8(text)) << HexEncode(text);
  }
  for (const char* text : {"", "\x7f", "\xc2\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
                           "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsValidUtf8(text)) << HexEncode(text);
  }
  EXPECT_TRUE(IsValidUtf8(std::string_view("\0", 1)));
}

RC_GTEST_PROP(Bytes, AreTheSameMemoryAsTheText, (const std::string& text)) {
  RC_ASSERT(AsText(AsBytes(text)) == text);
  RC_ASSERT(AsText(AsBytes(text)).data() == text.data());
}

}  // namespace
}  // namespace omninode
