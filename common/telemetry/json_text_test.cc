#include "common/telemetry/json_text.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

#include "common/base/encoding.h"

namespace omninode::telemetry {
namespace {

std::string Quoted(std::string_view text, std::size_t max = std::string_view::npos) {
  std::string out;
  AppendJsonString(&out, text, max);
  return out;
}

bool IsPrintableAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

TEST(JsonText, KeepsPlainTextAndEscapesQuotes) {
  EXPECT_EQ(Quoted("lease expired"), R"("lease expired")");
  EXPECT_EQ(Quoted(R"(a"b\c)"), R"("a\"b\\c")");
}

TEST(JsonText, EscapesEveryControlByte) {
  EXPECT_EQ(Quoted("a\r\nb"), R"("a\u000d\nb")");
  EXPECT_EQ(Quoted("\x1b[31mred\x7f"), R"("\u001b[31mred\u007f")");
  EXPECT_EQ(Quoted(std::string_view("a\0b", 3)), R"("a\u0000b")");
}

TEST(JsonText, EscapesC1ControlsLineSeparatorsAndDirectionOverrides) {
  EXPECT_EQ(Quoted("\xc2\x9b"), R"("\u009b")");
  EXPECT_EQ(Quoted("\xe2\x80\xa8\xe2\x80\xae"), R"("\u2028\u202e")");
}

TEST(JsonText, WritesCharactersBeyondTheBasicPlaneAsSurrogatePair) {
  EXPECT_EQ(Quoted("\xf0\x9f\x98\x80"), R"("\ud83d\ude00")");
}

TEST(JsonText, ShowsBytesThatAreNotUtf8) {
  EXPECT_EQ(Quoted("a\xff\xc3"), R"("a\\xff\\xc3")");
  EXPECT_EQ(Quoted("\xed\xa0\x80"), R"("\\xed\\xa0\\x80")");  // a lone surrogate
}

TEST(JsonText, CutsAtTheBoundAndBeforeACharacter) {
  EXPECT_EQ(Quoted("abcd", 4), R"("abcd")");
  EXPECT_EQ(Quoted("abcde", 4), R"("abcd...")");
  EXPECT_EQ(Quoted("abc\xc3\xa4", 5), R"("abc\u00e4")");
  EXPECT_EQ(Quoted("abc\xc3\xa4", 4), R"("abc...")");
}

TEST(JsonText, IsPrintableAndReadsBackForAnyValidText) {
  const bool holds = rc::check("valid UTF-8 survives a round trip", [](const std::string& bytes) {
    const std::string quoted = Quoted(bytes);
    RC_ASSERT(IsPrintableAscii(quoted));
    const auto parsed = nlohmann::json::parse(quoted, nullptr, false);
    RC_ASSERT(parsed.is_string());
    if (IsValidUtf8(bytes)) RC_ASSERT(parsed.get<std::string>() == bytes);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace omninode::telemetry
