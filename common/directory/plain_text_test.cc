#include "common/directory/plain_text.h"

#include <string>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::directory {
namespace {

TEST(PlainTextTest, TakesTextOfAnyScript) {
  for (const auto* text :
       {"", "eu-1", "two words", "Zürich", "東京", "Ωμέγα", "\U0001F680", "a=b=c"}) {
    EXPECT_TRUE(CheckPlainText(text, 64).ok()) << text;
  }
}

TEST(PlainTextTest, RefusesCharactersThatCannotBeSeen) {
  for (const auto* text :
       {"a\nb",   "\x1f",       "\x7f",       "\u0085",     "\u00ad",    "\u034f",
        "\u061c", "\u115f",     "\u17b4",     "\u180e",     "\u200b",    "\u200d",
        "\u200f", "\u2028",     "\u2029",     "\u202a",     "\u202e",    "\u2060",
        "\u2066", "\u2069",     "\u3164",     "\ufe0f",     "\ufeff",    "\uffa0",
        "\ufff9", "\U0001bca0", "\U0001d173", "\U000e0001", "\U000e01ef"}) {
    const auto status = CheckPlainText(text, 64);
    EXPECT_EQ(ReasonOf(status), Reason::kArgumentInvalid) << status;
  }
  EXPECT_EQ(ReasonOf(CheckPlainText(std::string_view("a\0b", 3), 64)), Reason::kArgumentInvalid);
}

TEST(PlainTextTest, TakesTheNeighboursOfRefusedCharacters) {
  for (const auto* text : {" ", "~", "\u00a0", "\u00ac", "\u00ae", "\u200a", "\u2010", "\u2027",
                           "\u202f", "\u205f", "\u2070", "\ufdff", "\ufe10", "\ufffc"}) {
    EXPECT_TRUE(CheckPlainText(text, 64).ok()) << text;
  }
}

TEST(PlainTextTest, NamesTheRefusedCharacter) {
  EXPECT_NE(Message(CheckPlainText("abc\u202edef", 64)).find("U+202E"), std::string_view::npos);
}

TEST(PlainTextTest, ErrorsRepeatNothingOfTheText) {
  for (const auto& status : {CheckPlainText("secret\n", 64), CheckPlainText("secret\xff", 64),
                             CheckPlainText("secret", 5), CheckPrintableAscii("secret\n", 64)}) {
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(Message(status).find("secret"), std::string_view::npos) << status;
  }
}

TEST(PlainTextTest, RefusesBytesThatAreNotUtf8) {
  for (const auto* text : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    EXPECT_EQ(ReasonOf(CheckPlainText(text, 64)), Reason::kMsgMalformed);
  }
}

TEST(PlainTextTest, CountsBytesAtTheBound) {
  EXPECT_TRUE(CheckPlainText(std::string(8, 'x'), 8).ok());
  EXPECT_EQ(ReasonOf(CheckPlainText(std::string(9, 'x'), 8)), Reason::kArgumentInvalid);
  EXPECT_FALSE(CheckPlainText("東京東", 8).ok());
}

TEST(PrintableAsciiTest, TakesPrintableAsciiUpToTheBound) {
  EXPECT_TRUE(CheckPrintableAscii("1.2.3+abc (x)~", 14).ok());
  EXPECT_FALSE(CheckPrintableAscii("1.2.3+abc (x)~", 13).ok());
  for (const auto* text : {"a\tb", "\x7f", "ü"}) {
    EXPECT_EQ(ReasonOf(CheckPrintableAscii(text, 8)), Reason::kArgumentInvalid) << text;
  }
}

}  // namespace
}  // namespace omninode::directory
