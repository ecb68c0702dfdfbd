#include "common/config/flags.h"

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
using testing::IsEmpty;

Schema TestSchema(std::vector<Verb> verbs = {}) {
  auto schema = Schema::Create(
      "registry", "s",
      {StringOption("lease.max_ttl", "", "h"), BoolOption("on", false, "h"),
       ListOption("tags", {}, 9, "h"), Secret(StringOption("store.password", "", "h"))},
      std::move(verbs));
  EXPECT_TRUE(schema.ok()) << schema.status();
  return *std::move(schema);
}

absl::StatusOr<Flags> Parse(std::vector<const char*> args, std::vector<Verb> verbs = {}) {
  return ParseFlags(TestSchema(std::move(verbs)), args);
}
std::string Problem(std::vector<const char*> args, std::vector<Verb> verbs = {}) {
  const auto flags = Parse(std::move(args), std::move(verbs));
  if (flags.ok()) return "";
  EXPECT_EQ(ReasonOf(flags.status()), Reason::kArgumentInvalid);
  return std::string(Message(flags.status()));
}

TEST(ParseFlags, RunsWithoutAnything) {
  const auto flags = Parse({});
  ASSERT_TRUE(flags.ok()) << flags.status();
  EXPECT_EQ(flags->mode, Mode::kRun);
  EXPECT_THAT(flags->values, IsEmpty());
}

TEST(ParseFlags, ReadsValuesInBothSpellings) {
  for (const auto& args : std::vector<std::vector<const char*>>{
           {"--lease.max-ttl", "5s", "--config", "f"}, {"--config=f", "--lease.max-ttl=5s"}}) {
    const auto flags = Parse(args);
    ASSERT_TRUE(flags.ok()) << flags.status();
    EXPECT_EQ(flags->config_path, "f");
    EXPECT_THAT(flags->values.at("lease.max_ttl").items, ElementsAre("5s"));
  }
}

TEST(ParseFlags, KeepsOddTextsAsTheyAre) {
  for (const std::string text : {"a b", "[1,2]", "-1", "x=y", "\"q\"", "{}", "%%"}) {
    const std::string arg = "--lease.max-ttl=" + text;
    const auto flags = Parse({arg.c_str()});
    ASSERT_TRUE(flags.ok()) << flags.status();
    EXPECT_THAT(flags->values.at("lease.max_ttl").items, ElementsAre(text));
  }
}

TEST(ParseFlags, ReadsBooleansWithAndWithoutValue) {
  EXPECT_THAT(Parse({"--on"})->values.at("on").items, ElementsAre("true"));
  EXPECT_THAT(Parse({"--on=true"})->values.at("on").items, ElementsAre("true"));
  EXPECT_THAT(Parse({"--on=false"})->values.at("on").items, ElementsAre("false"));
  // The value is judged with those of the file and the environment.
  EXPECT_THAT(Parse({"--on=maybe"})->values.at("on").items, ElementsAre("maybe"));
  EXPECT_THAT(Problem({"--on", "false"}), HasSubstr("unexpected word 'false'"));
}

TEST(ParseFlags, TakesAnEmptyValue) {
  for (const auto& args :
       std::vector<std::vector<const char*>>{{"--lease.max-ttl="}, {"--lease.max-ttl", ""}}) {
    const auto flags = Parse(args);
    ASSERT_TRUE(flags.ok()) << flags.status();
    EXPECT_THAT(flags->values.at("lease.max_ttl").items, ElementsAre(""));
  }
}

TEST(ParseFlags, TakesAnyArgumentsWithoutHarm) {
  EXPECT_TRUE(rc::check("arbitrary arguments", [](const std::vector<std::string>& words) {
    std::vector<std::string> flags = words;
    for (std::string& flag : flags) flag = "--on=" + flag;
    for (const auto& each : {words, flags}) {
      std::vector<const char*> args;
      for (const std::string& word : each) args.push_back(word.c_str());
      const auto parsed = Parse(args);
      if (!parsed.ok()) RC_ASSERT(ReasonOf(parsed.status()) == Reason::kArgumentInvalid);
    }
  }));
}

TEST(ParseFlags, CollectsRepeatedFlags) {
  const auto flags = Parse({"--tags", "a", "--tags=b,c"});
  ASSERT_TRUE(flags.ok()) << flags.status();
  EXPECT_THAT(flags->values.at("tags").items, ElementsAre("a", "b,c"));
}

TEST(ParseFlags, KnowsTheGeneralFlags) {
  EXPECT_EQ(Parse({"--check-config"})->mode, Mode::kCheckConfig);
  EXPECT_EQ(Parse({"--version"})->mode, Mode::kVersion);
  EXPECT_EQ(Parse({"--reference"})->mode, Mode::kReference);
  EXPECT_EQ(Parse({"-h"})->mode, Mode::kHelp);
  EXPECT_EQ(Parse({"--check-config", "--help"})->mode, Mode::kHelp);
}

TEST(ParseFlags, HintsAtTheFlagThatWasMeant) {
  EXPECT_EQ(Problem({"--lease.max_ttl", "5s"}),
            "unknown flag --lease.max_ttl; did you mean --lease.max-ttl?");
  EXPECT_EQ(Problem({"--confg=x"}), "unknown flag --confg; did you mean --config?");
  EXPECT_EQ(Problem({"--frobnicate-all"}), "unknown flag --frobnicate-all; --help lists them");
  EXPECT_NE(Problem({"-x"}), "");
}

TEST(ParseFlags, RefusesAFlagWithoutItsValue) {
  EXPECT_THAT(Problem({"--lease.max-ttl"}), HasSubstr("--lease.max-ttl"));
}

TEST(ParseFlags, RefusesNonsenseForAGeneralFlag) {
  EXPECT_NE(Problem({"--help=abc"}), "");
  EXPECT_NE(Problem({"--version=maybe"}), "");
  EXPECT_NE(Problem({"--config"}), "");
}

TEST(ParseFlags, RefusesSecretsWithoutRepeatingThem) {
  const std::string problem = Problem({"--store.password=canary"});
  EXPECT_THAT(problem, HasSubstr("set store.password in the configuration file"));
  EXPECT_EQ(problem.find("canary"), std::string::npos);
}

TEST(ParseFlags, KnowsTheVerbsOfTheProgram) {
  const std::vector<Verb> verbs = {{"run", "h"}, {"init", "h"}};
  EXPECT_EQ(Parse({}, verbs)->verb, "run");
  EXPECT_EQ(Parse({"init", "--on"}, verbs)->verb, "init");
  EXPECT_EQ(Parse({"--on", "init"}, verbs)->verb, "init");
  EXPECT_EQ(Problem({"inti"}, verbs), "unexpected word 'inti'; expected one of run, init");
  EXPECT_NE(Problem({"init", "run"}, verbs), "");
  EXPECT_THAT(Problem({"init"}), HasSubstr("unexpected word 'init'"));
}

}  // namespace
}  // namespace omninode::config
