#include "tools/omnictl/help.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/exit_code.h"
#include "common/base/text.h"

namespace omninode::omnictl {
namespace {

using ::testing::HasSubstr;

std::string DocsPath(std::string_view name) {
  return fmt::format("{}/docs/reference/{}", OMNINODE_SOURCE_DIR, name);
}

std::string ReadAll(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(HelpTest, ShowsTheProgramNounsAndVerbs) {
  const Program program = OmnictlProgram();
  EXPECT_THAT(HelpText(program, {}), HasSubstr("identity token create"));
  EXPECT_THAT(HelpText(program, {"identity", "entry"}), HasSubstr("omnictl identity entry VERB"));
  EXPECT_THAT(HelpText(program, {"topology", "watch"}), HasSubstr("--since POSITION"));
  EXPECT_EQ(HelpText(program, {"nonsense"}), HelpText(program, {}));
}

TEST(HelpTest, KnowsEveryWordOnTheWayToAVerb) {
  const Program program = OmnictlProgram();
  for (const Verb& verb : program.verbs) {
    for (std::size_t length = 1; length < verb.words.size(); ++length) {
      const std::vector<std::string> words(
          verb.words.begin(), verb.words.begin() + static_cast<std::ptrdiff_t>(length));
      EXPECT_NE(HelpText(program, words), HelpText(program, {})) << Join(words, " ");
    }
  }
}

TEST(HelpTest, FitsIntoAHundredColumns) {
  const Program program = OmnictlProgram();
  for (const Verb& verb : program.verbs) {
    const std::string text = HelpText(program, verb.words);
    for (const std::string_view line : Split(text, '\n')) {
      // Commands to copy are not broken.
      if (line.starts_with("  omnictl ")) continue;
      EXPECT_LE(line.size(), 100u) << line;
    }
  }
}

TEST(HelpTest, IsWhatTheReferencePageSays) {
  const std::string path = DocsPath("omnictl.md");
  const std::string expected = HelpMarkdown(OmnictlProgram());
  if (std::getenv("OMNINODE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << expected;
  EXPECT_EQ(ReadAll(path), expected) << "run: omnictl --help-markdown > docs/reference/omnictl.md";
}

TEST(HelpTest, TheTableOfExitCodesIsThatOfTheCode) {
  const std::string page = ReadAll(DocsPath("exit-codes.md"));
  std::size_t rows = 0;
  for (const std::string_view line : Split(page, '\n')) rows += line.starts_with("| ") ? 1 : 0;
  EXPECT_EQ(rows, kExitCodeTable.size() + 1);  // and the header
  for (const ExitCodeRow& row : kExitCodeTable) {
    EXPECT_THAT(page,
                HasSubstr(fmt::format("| {} | {} |", static_cast<int>(row.code), row.meaning)));
  }
}

}  // namespace
}  // namespace omninode::omnictl
