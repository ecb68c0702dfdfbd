#include "common/config/option.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::StatusOr<Value> Parse(const Option& option, std::string text) {
  return ParseValue(option, {{std::move(text)}});
}
std::string Problem(const Option& option, std::string text) {
  return std::string(Message(Parse(option, std::move(text)).status()));
}

TEST(Option, ReadsBooleansStrictly) {
  const Option option = BoolOption("a", false, "h");
  EXPECT_EQ(std::get<bool>(*Parse(option, "true")), true);
  EXPECT_EQ(std::get<bool>(*Parse(option, "false")), false);
  for (const std::string text : {"", "yes", "True", "1"}) {
    EXPECT_THAT(Problem(option, text), HasSubstr("neither true nor false")) << text;
  }
}

TEST(Option, KeepsNumbersWithinTheirBounds) {
  const Option option = UintOption("a", 5, 2, 9, "h");
  EXPECT_EQ(std::get<std::uint64_t>(*Parse(option, "2")), 2u);
  EXPECT_EQ(std::get<std::uint64_t>(*Parse(option, "9")), 9u);
  EXPECT_EQ(Problem(option, "1"), "1 is below the minimum 2");
  EXPECT_EQ(Problem(option, "10"), "10 is above the maximum 9");
  for (const std::string text : {"", "-3", "3.0", "0x3", "18446744073709551616"}) {
    EXPECT_THAT(Problem(option, text), HasSubstr("not a whole number")) << text;
  }
}

TEST(Option, KeepsDurationsWithinTheirBounds) {
  const Option option =
      DurationOption("a", absl::Seconds(30), absl::Seconds(1), absl::Minutes(10), "h");
  EXPECT_EQ(option.default_text, "30s");
  EXPECT_EQ(std::get<absl::Duration>(*Parse(option, "1s")), absl::Seconds(1));
  EXPECT_EQ(std::get<absl::Duration>(*Parse(option, "600s")), absl::Minutes(10));
  EXPECT_EQ(Problem(option, "999ms"), "999ms is below the minimum 1s");
  EXPECT_EQ(Problem(option, "10m1ms"), "10m0.001s is above the maximum 10m");
  EXPECT_THAT(Problem(option, "30"), HasSubstr("is not a duration like"));
}

TEST(Option, ReadsChoicesAndAddresses) {
  const Option choice = EnumOption("a", "x", {"x", "y"}, "h");
  EXPECT_EQ(std::get<std::string>(*Parse(choice, "y")), "y");
  EXPECT_EQ(Problem(choice, "z"), "'z' is none of x, y");
  const Option address = AddressOption("a", "", "h");
  EXPECT_EQ(std::get<HostPort>(*Parse(address, "a:1")).ToString(), "a:1");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(*Parse(address, "")));
  EXPECT_THAT(Problem(address, "a"), HasSubstr("has no port"));
}

TEST(Option, ReadsListsFromTextAndFromSequences) {
  const Option option = ListOption("a", {"x"}, 3, "h");
  const auto items = [&](const RawValue& raw) {
    return std::get<std::vector<std::string>>(*ParseValue(option, raw));
  };
  EXPECT_THAT(items({{"a, b"}}), ElementsAre("a", "b"));
  EXPECT_THAT(items({{"a,b", "c"}}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(items({{"a,b"}, true}), ElementsAre("a,b"));
  EXPECT_THAT(items({{""}}), ElementsAre());
  EXPECT_EQ(Problem(option, "a,b,c,d"), "has 4 items, at most 3 are possible");
  EXPECT_EQ(Problem(option, "a,,b"), "has an empty item");
}

TEST(Option, RefusesAListWhereOneValueBelongs) {
  const Option option = StringOption("a", "", "h");
  EXPECT_FALSE(ParseValue(option, {{"x"}, true}).ok());
  EXPECT_FALSE(ParseValue(option, {{"x", "y"}}).ok());
}

TEST(Option, RefusesTextsThatCouldSpoilAMessageOrAPath) {
  const Option option = PathOption("a", "", "h");
  EXPECT_TRUE(Parse(option, "/data/ä b").ok());
  for (const std::string& text :
       {std::string("a\nb"), std::string("a\0b", 3), std::string("\xff")}) {
    EXPECT_FALSE(Parse(option, text).ok());
  }
  EXPECT_TRUE(Parse(option, std::string(kMaxValueBytes, 'x')).ok());
  EXPECT_FALSE(Parse(option, std::string(kMaxValueBytes + 1, 'x')).ok());
}

TEST(Option, EscapesAndCutsWhatItRepeats) {
  const Option option = UintOption("a", 5, 2, 9, "h");
  EXPECT_THAT(Problem(option, "\x1b[31m"), HasSubstr("\\x1b"));
  EXPECT_LT(Problem(option, std::string(10'000, '9') + "x").size(), 200u);
}

TEST(Option, WritesTheSpellingThatItReads) {
  EXPECT_TRUE(rc::check("durations of whole milliseconds survive", [] {
    const auto ms = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000);
    const Option option = DurationOption("a", absl::Milliseconds(ms), absl::ZeroDuration(),
                                         absl::InfiniteDuration(), "h");
    RC_ASSERT(std::get<absl::Duration>(*Parse(option, option.default_text)) ==
              absl::Milliseconds(ms));
  }));
}

TEST(Option, DescribesItsBounds) {
  EXPECT_EQ(BoundsText(UintOption("a", 5, 2, 9, "h")), "2 to 9");
  EXPECT_EQ(BoundsText(EnumOption("a", "x", {"x", "y"}, "h")), "one of x, y");
  EXPECT_EQ(BoundsText(StringOption("a", "", "h")), "");
}

}  // namespace
}  // namespace omninode::config
