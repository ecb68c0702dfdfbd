#include "services/bootstrap/issuance/issue_request.h"

#include <gtest/gtest.h>

namespace omninode::bootstrap {
namespace {

TEST(IssuePathTest, HasStableNumbersAndNames) {
  EXPECT_EQ(ParseIssuePath(1), IssuePath::kAttested);
  EXPECT_EQ(ParseIssuePath(2), IssuePath::kLocal);
  EXPECT_EQ(ParseIssuePath(3), IssuePath::kRenewal);
  EXPECT_EQ(ParseIssuePath(0), std::nullopt);
  EXPECT_EQ(ParseIssuePath(4), std::nullopt);
  EXPECT_EQ(NameOf(IssuePath::kLocal), "local");
}

}  // namespace
}  // namespace omninode::bootstrap
