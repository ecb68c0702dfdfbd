#include "tools/omnictl/error_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/status.h"

namespace omninode::omnictl {
namespace {

using ::testing::HasSubstr;

TEST(ErrorLineTest, SaysWhatWhyAndWhatToDo) {
  EXPECT_EQ(ErrorLine(Reject(Reason::kNodeUnknown, "there is no node 'w1'")),
            "omnictl: there is no node 'w1' (NODE_UNKNOWN); list the nodes with `omnictl node "
            "list`\n");
}

TEST(ErrorLineTest, NamesTheCodeWhereThereIsNoReason) {
  EXPECT_THAT(ErrorLine(absl::UnavailableError("connection refused")),
              HasSubstr("connection refused (UNAVAILABLE); check that the service runs"));
}

TEST(ErrorLineTest, HasAdviceForEveryReasonAndCode) {
  for (const ReasonRow& row : ReasonTable())
    EXPECT_FALSE(AdviceFor(row.reason).empty()) << row.name;
  for (int code = 1; code <= 16; ++code) {
    EXPECT_FALSE(AdviceFor(static_cast<absl::StatusCode>(code)).empty()) << code;
  }
}

TEST(ErrorLineTest, PrefersTheErrorsOwnAdvice) {
  const std::string line =
      ErrorLine(WithAdvice(Reject(Reason::kArgumentInvalid, "no"), "see `omnictl --help`"));
  EXPECT_EQ(line, "omnictl: no (ARGUMENT_INVALID); see `omnictl --help`\n");
}

TEST(ErrorLineTest, StaysOneHarmlessLine) {
  const std::string line = ErrorLine(
      absl::InternalError("several\nlines\r\n\x1b[2J\x07 and " + std::string(10'000, 'x')));
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  EXPECT_EQ(line.back(), '\n');
  EXPECT_LT(line.size(), 2000u);
  for (const char c : line.substr(0, line.size() - 1)) EXPECT_GE(c, 0x20);
}

}  // namespace
}  // namespace omninode::omnictl
