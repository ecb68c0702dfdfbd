#include "tools/omnictl/command_line.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/exit_code.h"
#include "common/base/status.h"
#include "tools/omnictl/error_line.h"
#include "tools/omnictl/testing/fake_client.h"

namespace omninode::omnictl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CommandLineTest : public ::testing::Test {
 protected:
  absl::StatusOr<Invocation> Parse(const std::vector<std::string>& args) {
    return ParseCommandLine(program_, args,
                            [this](std::string_view name) -> std::optional<std::string> {
                              const auto it = environment_.find(std::string(name));
                              if (it == environment_.end()) return std::nullopt;
                              return it->second;
                            });
  }
  absl::StatusOr<Invocation> Parse(std::string_view command) {
    return Parse(testing::Words(command));
  }
  // The line that a person would see.
  std::string Refusal(const std::vector<std::string>& args) {
    const auto invocation = Parse(args);
    if (invocation.ok()) return "accepted";
    EXPECT_EQ(ExitCodeFor(invocation.status()), ExitCode::kUsage);
    return ErrorLine(invocation.status());
  }
  std::string Refusal(std::string_view command) { return Refusal(testing::Words(command)); }

  const Program program_ = OmnictlProgram();
  std::map<std::string, std::string> environment_;
};

TEST_F(CommandLineTest, FindsVerbsOfOneTwoAndThreeWords) {
  EXPECT_EQ(Parse("check")->verb->Name(), "check");
  EXPECT_EQ(Parse("node list")->verb->Name(), "node list");
  EXPECT_EQ(Parse("identity entry list")->verb->Name(), "identity entry list");
}

TEST_F(CommandLineTest, TakesOptionsInAnyOrderAndBothSpellings) {
  const auto invocation =
      Parse("node get --namespace=tenant-a w1 --timeout 3s --with-evidence -o json");
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  EXPECT_EQ(invocation->args.Text("ID"), "w1");
  EXPECT_EQ(invocation->args.Text("namespace"), "tenant-a");
  EXPECT_EQ(invocation->args.Duration("timeout"), absl::Seconds(3));
  EXPECT_EQ(invocation->args.Text("output"), "json");
  EXPECT_TRUE(invocation->args.Has("with-evidence"));
}

TEST_F(CommandLineTest, FillsInDefaults) {
  const auto invocation = Parse("node list");
  ASSERT_TRUE(invocation.ok());
  EXPECT_EQ(invocation->args.Text("namespace"), "default");
  EXPECT_EQ(invocation->args.Duration("timeout"), absl::Seconds(10));
  EXPECT_EQ(invocation->args.Text("output"), "table");
  EXPECT_THAT(invocation->args.All("type"), IsEmpty());
  EXPECT_FALSE(invocation->args.Has("registry"));
}

TEST_F(CommandLineTest, KeepsRepeatedOptionsInOrder) {
  const auto invocation = Parse("node run --label a=1 --label b=2 --endpoint grpc=grpcs://h:1");
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  EXPECT_THAT(invocation->args.All("label"), ElementsAre("a=1", "b=2"));
}

TEST_F(CommandLineTest, GivesARepeatedOptionOneValueEachTime) {
  EXPECT_THAT(Refusal("node get --with-evidence w1 w2"), HasSubstr("w2"));
  EXPECT_THAT(Refusal("node run --label a=1 b=2"), HasSubstr("b=2"));
}

TEST_F(CommandLineTest, TakesTheIdentityFromTheEnvironmentUnlessItIsGiven) {
  environment_["OMNINODE_IDENTITY"] = "from-env";
  EXPECT_EQ(Parse("node list")->args.Text("identity"), "from-env");
  EXPECT_EQ(Parse("node list --identity mine")->args.Text("identity"), "mine");
  environment_["OMNINODE_IDENTITY"] = "";
  EXPECT_EQ(Parse("node list")->args.Text("identity"), "");
}

TEST_F(CommandLineTest, NeverRunsANodeWithTheAdministratorsIdentity) {
  environment_["OMNINODE_IDENTITY"] = "alice";
  EXPECT_EQ(Parse("node run --type a --id b")->args.Text("identity"), "");
}

TEST_F(CommandLineTest, ChecksWhatComesFromTheEnvironment) {
  environment_["OMNINODE_BOOTSTRAP_SOCKET"] = "/run/x.sock";
  EXPECT_EQ(Parse("identity issue --spiffe-id x --out d")->args.Text("socket"), "/run/x.sock");
}

TEST_F(CommandLineTest, AsksForHelpAtEachLevel) {
  for (const auto& [command, words] : std::map<std::string, std::vector<std::string>>{
           {"--help", {}},
           {"-h", {}},
           {"node --help", {"node"}},
           {"identity entry -h", {"identity", "entry"}},
           {"node list --bogus --help", {"node", "list"}}}) {
    const auto invocation = Parse(command);
    ASSERT_TRUE(invocation.ok()) << command;
    EXPECT_EQ(invocation->mode, Mode::kHelp) << command;
    EXPECT_EQ(invocation->words, words) << command;
  }
  EXPECT_EQ(Parse("--version")->mode, Mode::kVersion);
  EXPECT_EQ(Parse("--help-markdown")->mode, Mode::kHelpMarkdown);
}

TEST_F(CommandLineTest, SaysWhatThereIsInsteadOfAnUnknownWord) {
  EXPECT_EQ(Refusal("nod list"),
            "omnictl: there is no 'nod'; there is node, topology, namespace, identity, envelope, "
            "check (ARGUMENT_INVALID); see `omnictl --help`\n");
  EXPECT_THAT(Refusal("node lst"), HasSubstr("it can run, list, get, deregister"));
  EXPECT_THAT(Refusal("node lst"), HasSubstr("see `omnictl node --help`"));
  EXPECT_THAT(Refusal("node"), HasSubstr("one of run, list, get, deregister"));
  EXPECT_THAT(Refusal(std::vector<std::string>{}), HasSubstr("one of node, topology"));
}

TEST_F(CommandLineTest, RefusesWhatIsUnknownMissingOrWrong) {
  EXPECT_THAT(Refusal("node list --bogus"), HasSubstr("--bogus"));
  EXPECT_THAT(Refusal("node list extra"), HasSubstr("extra"));
  EXPECT_THAT(Refusal("node get"), HasSubstr("ID is missing"));
  EXPECT_THAT(Refusal("topology wait"), HasSubstr("--position is missing"));
  EXPECT_THAT(Refusal("node list --timeout"), HasSubstr("--timeout"));
  EXPECT_THAT(Refusal("node list --timeout x"), HasSubstr("duration"));
  EXPECT_THAT(Refusal("node list -o yaml"), HasSubstr("table, wide, json, name"));
  EXPECT_THAT(Refusal("node list --namespace a --namespace b"), HasSubstr("given twice"));
  EXPECT_THAT(Refusal("node list --namespace="), HasSubstr("--namespace is empty"));
  EXPECT_THAT(Refusal(std::vector<std::string>{"node", "get", ""}), HasSubstr("ID is empty"));
  EXPECT_THAT(Refusal("node list --timeout x"), HasSubstr("see `omnictl node list --help`"));
}

TEST_F(CommandLineTest, TakesNoOptionForAValue) {
  EXPECT_THAT(Refusal("identity issue --spiffe-id x --out --force"),
              HasSubstr("--out needs a value"));
  EXPECT_THAT(Refusal("node list -o"), HasSubstr("-o needs a value"));
  EXPECT_EQ(Parse("identity issue --spiffe-id x --out=--force")->args.Text("out"), "--force");
}

TEST_F(CommandLineTest, RepeatsHostileWordsEscaped) {
  EXPECT_THAT(Refusal(std::vector<std::string>{"\x1b[2J"}), HasSubstr("\\x1b[2J"));
  EXPECT_THAT(Refusal(std::vector<std::string>{"node", "list", "--\x1b[2J"}),
              HasSubstr("\\x1b[2J"));
}

TEST_F(CommandLineTest, ReadsEveryExampleOfTheHelp) {
  for (const Verb& verb : program_.verbs) {
    ASSERT_FALSE(verb.examples.empty()) << verb.Name();
    for (const Example& example : verb.examples) {
      // Quoted texts have blanks in some of them.
      std::vector<std::string> words;
      std::string word;
      bool quoted = false;
      for (const char c : example.command + " ") {
        if (c == '\'')
          quoted = !quoted;
        else if (c == ' ' && !quoted)
          words.push_back(std::exchange(word, ""));
        else
          word.push_back(c);
      }
      const auto invocation = Parse(words);
      ASSERT_TRUE(invocation.ok()) << example.command << ": " << invocation.status();
      EXPECT_EQ(invocation->verb->Name(), verb.Name());
    }
  }
}

TEST_F(CommandLineTest, GivesEveryVerbAnOutputFormat) {
  for (const Verb& verb : program_.verbs) {
    EXPECT_TRUE(std::ranges::any_of(verb.options, [](const OptionSpec& spec) {
      return spec.key() == "output";
    })) << verb.Name();
  }
}

}  // namespace
}  // namespace omninode::omnictl
