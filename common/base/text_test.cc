#include "common/base/text.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/reason.h"

namespace omninode {
namespace {

using testing::ElementsAre;

TEST(Trim, TakesBlanksFromBothEnds) {
  EXPECT_EQ(Trim(" \t\r\na b\n "), "a b");
  EXPECT_EQ(Trim(" \n"), "");
  EXPECT_EQ(Trim(""), "");
}

TEST(Split, KeepsEmptyPieces) {
  EXPECT_THAT(Split("a,b,,c", ','), ElementsAre("a", "b", "", "c"));
  EXPECT_THAT(Split(",", ','), ElementsAre("", ""));
  EXPECT_THAT(Split("", ','), ElementsAre(""));
}

RC_GTEST_PROP(Split, IsUndoneByJoin, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab,")));
  const std::vector<std::string_view> pieces = Split(text, ',');
  RC_ASSERT(Join({pieces.begin(), pieces.end()}, ",") == text);
}

RC_GTEST_PROP(ParseUint64, ReadsWhatWasWritten, (std::uint64_t value)) {
  RC_ASSERT(ParseUint64(std::to_string(value)) == value);
}

RC_GTEST_PROP(ParseUint64, AcceptsDigitsOnly, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789+- x.")));
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  RC_PRE(text.size() < 20);
  RC_ASSERT(ParseUint64(text).has_value() == digits);
}

TEST(ParseUint64, EndsAtItsLimit) {
  EXPECT_EQ(ParseUint64("18446744073709551615"), ~0ULL);
  EXPECT_EQ(ParseUint64("18446744073709551616"), std::nullopt);
}

RC_GTEST_PROP(Duration, ComesBackFromItsText, ()) {
  const auto nanoseconds = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000'000'000);
  const absl::Duration duration = absl::Nanoseconds(nanoseconds);
  const auto parsed = ParseDuration(FormatDuration(duration));
  RC_ASSERT(parsed.ok());
  RC_ASSERT(*parsed == duration);
}

TEST(Duration, ReadsTheUsualSpellings) {
  EXPECT_EQ(*ParseDuration("250ms"), absl::Milliseconds(250));
  EXPECT_EQ(*ParseDuration("30s"), absl::Seconds(30));
  EXPECT_EQ(*ParseDuration("1h30m"), absl::Minutes(90));
  EXPECT_EQ(*ParseDuration("1.5s"), absl::Milliseconds(1500));
  EXPECT_EQ(*ParseDuration("0"), absl::ZeroDuration());
}

TEST(Duration, RefusesWithAReason) {
  for (const char* text : {"", "30", "s", "-1s", "+1s", "1 s", " 1s", "1s ", "1d", "inf", "-inf",
                           "1h-30m", "99999999999999999999h"}) {
    EXPECT_EQ(ReasonOf(ParseDuration(text).status()), Reason::kArgumentInvalid) << text;
  }
}

TEST(FormatTime, IsRfc3339WithMilliseconds) {
  EXPECT_EQ(omninode::FormatTime(absl::FromUnixMillis(1'800'000'000'042)),
            "2027-01-15T08:00:00.042Z");
}

}  // namespace
}  // namespace omninode
