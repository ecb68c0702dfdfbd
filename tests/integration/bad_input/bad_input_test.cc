#include <csignal>
#include <iostream>
#include <memory>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "common/base/exit_code.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "tests/integration/bad_input/row.h"
#include "tests/integration/bad_input/world.h"

namespace omninode::bad_input {
namespace {

using testing::HasSubstr;

constexpr absl::Duration kTimeout = absl::Seconds(40);
constexpr char kTable[] = OMNINODE_SOURCE_DIR "/tests/integration/bad_input.yaml";

// What the table must have a row of at least.
constexpr const char* kInputs[] = {
    "wrong flags",       "unreadable key file", "wrong-mode key",  "port in use",
    "corrupt database",  "newer database",      "locked database", "unknown configuration key",
    "wrong file",        "reused token",        "expired token",   "token of another network",
    "missing token",     "full disk",           "missing peer",    "init twice",
    "bad introspection", "bad envelope",        "unknown command", "unknown namespace",
};

class BadInput : public testing::TestWithParam<Row> {
 protected:
  static void SetUpTestSuite() {
    auto world = World::Make(OMNINODE_BIN_DIR);
    ASSERT_TRUE(world.ok()) << world.status();
    world_ = *std::move(world);
  }
  static void TearDownTestSuite() {
    if (world_ != nullptr && testing::UnitTest::GetInstance()->current_test_suite()->Failed()) {
      std::cerr << world_->Keep();
    }
    world_.reset();
  }
  void SetUp() override { ASSERT_NE(world_, nullptr) << "the networks are not up"; }

  static void Arrange(Shell& shell, const Row& row) {
    if (row.arrange.empty()) return;
    const auto arranged = shell.Run(row.arrange, kTimeout);
    ASSERT_TRUE(arranged.ok()) << arranged.status();
    ASSERT_EQ(arranged->code, 0) << arranged->err;
  }

  static absl::StatusOr<Outcome> Execute(Shell& shell, const Row& row) {
    OMNI_ASSIGN_OR_RETURN(auto started, shell.Start(row.process));
    if (row.stays) {
      OMNI_RETURN_IF_ERROR(Shell::WaitForText(started, row.line, kTimeout));
      OMNI_RETURN_IF_ERROR(started.process->Signal(SIGTERM));
    }
    return Shell::Finish(started, kTimeout);
  }

  static inline std::unique_ptr<World> world_;
};

TEST_P(BadInput, IsSaidInOneLineAndByTheExitCode) {
  const Row& row = GetParam();
  if (row.root && ::geteuid() != 0) GTEST_SKIP() << "only root can arrange this";
  Shell shell = world_->MakeShell(row.name);
  ASSERT_NO_FATAL_FAILURE(Arrange(shell, row));
  const auto outcome = Execute(shell, row);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->code, row.code) << outcome->out << outcome->err;
  const auto lines = PlainLines(outcome->err);
  if (row.code == 0) {
    EXPECT_TRUE(lines.empty()) << outcome->err;
    EXPECT_THAT(outcome->out + outcome->err, HasSubstr(row.line));
  } else {
    ASSERT_EQ(lines.size(), 1u) << outcome->err;
    EXPECT_THAT(lines.front(), HasSubstr(row.line));
    EXPECT_THAT(lines.front(), testing::MatchesRegex("(omnictl|omninode-[a-z]+|usage): .*"));
    EXPECT_TRUE(outcome->out.empty()) << outcome->out;
  }
}

INSTANTIATE_TEST_SUITE_P(Row, BadInput, testing::ValuesIn(ReadRows(kTable)),
                         [](const auto& row) { return row.param.name; });

TEST(BadInputTable, HasARowOfEveryInputThatWasAskedFor) {
  std::set<std::string> inputs;
  for (const Row& row : ReadRows(kTable)) inputs.insert(row.input);
  for (const char* input : kInputs) EXPECT_TRUE(inputs.contains(input)) << input;
}

// 1 is of `omnictl check` alone and has its test in omnictl_test.cc.
TEST(BadInputTable, HasARowOfEveryExitCode) {
  std::set<int> codes = {static_cast<int>(ExitCode::kProblemsFound)};
  for (const Row& row : ReadRows(kTable)) codes.insert(row.code);
  std::set<int> documented;
  for (const ExitCodeRow& row : kExitCodeTable) documented.insert(static_cast<int>(row.code));
  EXPECT_EQ(codes, documented);
}

TEST(BadInputTable, HasRowsOfEveryProgram) {
  for (const char* program : {"omninode-bootstrap init", "omninode-bootstrap run",
                              "omninode-attestor", "omninode-registry", "omnictl"}) {
    bool found = false;
    for (const Row& row : ReadRows(kTable)) {
      found |= row.process.find(program) != std::string::npos;
    }
    EXPECT_TRUE(found) << program;
  }
}

TEST(BadInputTable, RefusesRowsThatSayTooLittleOrTooMuch) {
  const std::string good = "- {name: a, input: b, process: c, line: d, code: 64}\n";
  EXPECT_TRUE(ParseRows(good).ok());
  EXPECT_FALSE(ParseRows(good + good).ok());
  EXPECT_FALSE(ParseRows("- {name: a, input: b, process: c, line: d}\n").ok());
  EXPECT_FALSE(ParseRows("- {name: a, input: b, line: d, code: 64}\n").ok());
  EXPECT_FALSE(ParseRows("- {name: a, input: b, process: c, line: d, code: 64, x: 1}\n").ok());
  EXPECT_FALSE(ParseRows("- {name: a-b, input: b, process: c, line: d, code: 64}\n").ok());
}

}  // namespace
}  // namespace omninode::bad_input
