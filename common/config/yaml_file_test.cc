#include "common/config/yaml_file.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sys/stat.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/config/test_folder.h"

namespace omninode::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

std::string Problem(std::string_view text) {
  const auto entries = ParseYaml(text, "r.yaml");
  if (entries.ok()) return "";
  EXPECT_EQ(ReasonOf(entries.status()), Reason::kArgumentInvalid);
  return std::string(Message(entries.status()));
}

TEST(ParseYaml, FlattensSectionsAndKeepsLines) {
  const auto entries =
      ParseYaml("# a comment\nlease:\n  ttl: 30s\n  tags: [a, \"b,c\"]\nx.y: true\n", "r.yaml");
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_THAT(*entries, SizeIs(3));
  EXPECT_EQ((*entries)[0].key, "lease.ttl");
  EXPECT_THAT((*entries)[0].raw.items, ElementsAre("30s"));
  EXPECT_FALSE((*entries)[0].raw.is_sequence);
  EXPECT_EQ((*entries)[0].origin, "r.yaml:3");
  EXPECT_THAT((*entries)[1].raw.items, ElementsAre("a", "b,c"));
  EXPECT_TRUE((*entries)[1].raw.is_sequence);
  EXPECT_EQ((*entries)[2].key, "x.y");
  EXPECT_EQ((*entries)[2].origin, "r.yaml:5");
}

TEST(ParseYaml, AcceptsAnEmptyFile) {
  EXPECT_THAT(*ParseYaml("", "r.yaml"), IsEmpty());
  EXPECT_THAT(*ParseYaml("# nothing set\n", "r.yaml"), IsEmpty());
  EXPECT_THAT(*ParseYaml("---\n", "r.yaml"), IsEmpty());
}

TEST(ParseYaml, SaysInWhichLineTheProblemIs) {
  EXPECT_THAT(Problem("a: 1\nb: [1\n"), StartsWith("r.yaml:3: not YAML: "));
  EXPECT_EQ(Problem("a: 1\nb:\n"), "r.yaml:2: b has no value");
  EXPECT_EQ(Problem("a: 1\nb: ~\n"), "r.yaml:2: b has no value");
  EXPECT_EQ(Problem("a: 1\nb: 2\na: 3\n"), "r.yaml:3: a is given twice");
  EXPECT_EQ(Problem("a:\n  b: 1\na.b: 3\n"), "r.yaml:3: a.b is given twice");
  EXPECT_EQ(Problem("a:\n  - x: 1\n"), "r.yaml:2: a must be a list of texts");
  EXPECT_EQ(Problem("[a]: 1\n"), "r.yaml:1: a key must be a word");
  EXPECT_THAT(Problem("just text\n"), StartsWith("r.yaml:1: expected keys and values"));
  EXPECT_THAT(Problem("a: 1\n---\nb: 2\n"), StartsWith("r.yaml:2: expected the end"));
  EXPECT_THAT(Problem("a: 1\n]\n"), StartsWith("r.yaml:2: "));
  EXPECT_THAT(Problem("a: *nowhere\n"), StartsWith("r.yaml:1: not YAML: "));
}

TEST(ParseYaml, EndsWithATextThatBeginsWithAComma) {
  EXPECT_THAT(Problem(",[a"), StartsWith("r.yaml:1: "));
}

TEST(ParseYaml, BoundsDepthAndNumberOfKeys) {
  std::string deep = "1";
  for (int i = 0; i < 8; ++i) deep = "{a: " + deep + "}";
  EXPECT_EQ(Problem(deep), "");
  EXPECT_EQ(Problem("{a: " + deep + "}"), "r.yaml:1: nested too deep");

  std::string many;
  for (std::size_t i = 0; i < kMaxConfigFileEntries; ++i) many += fmt::format("k{}: 1\n", i);
  EXPECT_EQ(Problem(many), "");
  EXPECT_THAT(Problem(many + "one_more: 1\n"), HasSubstr("too many keys"));
}

TEST(ParseYaml, DoesNotFollowAliasesForEver) {
  std::string bomb = "a0: &a0 {}\n";
  for (int i = 1; i < 7; ++i) {
    bomb += fmt::format("a{0}: &a{0} {{", i);
    for (int j = 0; j < 9; ++j) bomb += fmt::format("k{}: *a{}, ", j, i - 1);
    bomb += "}\n";
  }
  EXPECT_THAT(Problem(bomb), HasSubstr("too many keys"));
}

TEST(ParseYaml, TakesAnyBytesWithoutHarm) {
  EXPECT_TRUE(rc::check("arbitrary bytes", [](const std::string& text) {
    const auto entries = ParseYaml(text, "r.yaml");
    if (!entries.ok()) RC_ASSERT(Message(entries.status()).starts_with("r.yaml:"));
  }));
  EXPECT_TRUE(rc::check("arbitrary text of YAML's own characters", [] {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::elementOf(std::string("\n\n :-[]{}#&*!|>'\"%@`?,~ab1")));
    const auto entries = ParseYaml(text, "r.yaml");
    if (!entries.ok()) RC_ASSERT(Message(entries.status()).starts_with("r.yaml:"));
  }));
}

TEST(ReadConfigFile, ReadsAFileAndItsMode) {
  const TestFolder folder;
  const auto file = ReadConfigFile(folder.Write("r.yaml", "a: 1\n", 0640));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->mode, 0640u);
  EXPECT_EQ(file->entries[0].origin, folder.path("r.yaml") + ":1");
}

TEST(ReadConfigFile, RefusesWhatIsMissingOrNoPlainFile) {
  const TestFolder folder;
  EXPECT_EQ(ReadConfigFile(folder.path("none")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(Message(ReadConfigFile(folder.path()).status())),
              HasSubstr("not a plain file"));
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  EXPECT_FALSE(ReadConfigFile(folder.path("pipe")).ok());
}

TEST(ReadConfigFile, RefusesAFileThatEverybodyMayChange) {
  const TestFolder folder;
  const auto file = ReadConfigFile(folder.Write("r.yaml", "a: 1\n", 0666));
  EXPECT_THAT(std::string(Message(file.status())), HasSubstr("chmod o-w " + folder.path("r.yaml")));
}

TEST(ReadConfigFile, BoundsTheSize) {
  const TestFolder folder;
  const std::string fits = "#" + std::string(kMaxConfigFileBytes - 1, 'x');
  EXPECT_TRUE(ReadConfigFile(folder.Write("fits", fits)).ok());
  EXPECT_FALSE(ReadConfigFile(folder.Write("big", fits + "x")).ok());
}

}  // namespace
}  // namespace omninode::config
