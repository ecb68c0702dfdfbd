#include "services/bootstrap/desk/page.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::bootstrap {
namespace {

TEST(PageTest, BoundsThePageSize) {
  EXPECT_EQ(PageSizeOf({.size = 0}), kDefaultPageSize);
  EXPECT_EQ(PageSizeOf({.size = 1}), 1u);
  EXPECT_EQ(PageSizeOf({.size = kMaxPageSize}), kMaxPageSize);
  EXPECT_EQ(PageSizeOf({.size = kMaxPageSize + 1}), kMaxPageSize);
}

TEST(PageTest, ATokenLeadsBackToItsKey) {
  const std::string token = MakePageToken("entries", "e1");
  EXPECT_EQ(ReadPageToken("entries", {.token = token}).value(), "e1");
  EXPECT_EQ(ReadPageToken("entries", {}).value(), "");
}

TEST(PageTest, RefusesTokensThatAreNotOfTheList) {
  const std::string endless(kMaxPageTokenBytes + 4, 'A');
  for (const std::string& token : {MakePageToken("other", "e1"), MakePageToken("entries", ""),
                                   std::string("%%%"), std::string("AAAA"), endless}) {
    EXPECT_EQ(ReasonOf(ReadPageToken("entries", {.token = token}).status()),
              Reason::kPageTokenInvalid)
        << token.substr(0, 20);
  }
}

}  // namespace
}  // namespace omninode::bootstrap
