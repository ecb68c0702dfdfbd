#include "tools/omnictl/args.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::omnictl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

absl::Status Check(OptionKind kind, std::string_view text) {
  return CheckOption({.name = "-x,--some-thing", .kind = kind, .choices = {"red", "blue"}}, text);
}

TEST(ArgsTest, NamesItsKeys) {
  EXPECT_EQ((OptionSpec{.name = "--spiffe-id"}.key()), "spiffe-id");
  EXPECT_EQ((OptionSpec{.name = "-o,--output"}.key()), "output");
  EXPECT_EQ((OptionSpec{.name = "FILE"}.key()), "FILE");
  EXPECT_TRUE((OptionSpec{.name = "FILE"}.is_word()));
  EXPECT_FALSE((OptionSpec{.name = "-o,--output"}.is_word()));
}

TEST(ArgsTest, AcceptsWhatIsOfTheKind) {
  EXPECT_TRUE(Check(OptionKind::kText, "x").ok());
  EXPECT_TRUE(Check(OptionKind::kUint, "42").ok());
  EXPECT_TRUE(Check(OptionKind::kDuration, "1h30m").ok());
  EXPECT_TRUE(Check(OptionKind::kPosition, "1:42").ok());
  EXPECT_TRUE(Check(OptionKind::kPair, "zone=eu=1").ok());
  EXPECT_TRUE(Check(OptionKind::kPair, "zone=").ok());
  EXPECT_TRUE(Check(OptionKind::kAddress, "[::1]:7110").ok());
  EXPECT_TRUE(Check(OptionKind::kChoice, "blue").ok());
}

TEST(ArgsTest, RefusesWhatIsNotAndSaysWhatWouldBe) {
  const std::vector<std::tuple<OptionKind, std::string, std::string>> bad = {
      {OptionKind::kText, "", "is empty"},
      {OptionKind::kUint, "-1", "a number"},
      {OptionKind::kUint, "99999999999999999999", "a number"},
      {OptionKind::kDuration, "soon", "30s"},
      {OptionKind::kPosition, "42", "1:42"},
      {OptionKind::kPair, "zone", "name=value"},
      {OptionKind::kPair, "=eu", "name=value"},
      {OptionKind::kAddress, "localhost", "host:port"},
      {OptionKind::kChoice, "green", "red, blue"}};
  for (const auto& [kind, text, says] : bad) {
    const absl::Status status = Check(kind, text);
    EXPECT_EQ(ReasonOf(status), Reason::kArgumentInvalid) << text;
    EXPECT_THAT(std::string(Message(status)), HasSubstr(says));
    EXPECT_THAT(std::string(Message(status)), HasSubstr("--some-thing"));
  }
}

TEST(ArgsTest, RepeatsHostileTextEscaped) {
  const absl::Status status = Check(OptionKind::kUint, "\x1b[2J" + std::string(500, 'x'));
  EXPECT_THAT(std::string(Message(status)), HasSubstr("\\x1b[2J"));
  EXPECT_LT(Message(status).size(), 200u);
}

TEST(ArgsTest, GivesTypedValues) {
  const Args args({{"count", {"7"}},
                   {"wait", {"30s"}},
                   {"since", {"2:5"}},
                   {"label", {"a=1", "b=x=y"}},
                   {"none", {}}});
  EXPECT_EQ(args.Uint("count"), 7u);
  EXPECT_EQ(args.Duration("wait"), absl::Seconds(30));
  EXPECT_EQ(args.Position("since"), (directory::Position{2, 5}));
  EXPECT_THAT(args.AllPairs("label"), ElementsAre(Pair("a", "1"), Pair("b", "x=y")));
  EXPECT_EQ(args.Text("none"), "");
  EXPECT_EQ(args.Uint("none"), std::nullopt);
  EXPECT_EQ(args.Duration("none"), std::nullopt);
  EXPECT_EQ(args.Position("none"), std::nullopt);
  EXPECT_FALSE(args.Has("none"));
  EXPECT_TRUE(args.Knows("none"));
  EXPECT_FALSE(args.Knows("other"));
}

TEST(ArgsDeathTest, AbortsWhenAVerbAsksForAnOptionItDoesNotHave) {
  EXPECT_DEATH(Args({}).Text("typo"), "");
}

}  // namespace
}  // namespace omninode::omnictl
