#include "common/directory/position.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::directory {
namespace {

TEST(PositionTest, ParsesWhatItPrints) {
  EXPECT_EQ(Position::Parse("1:42").value(), (Position{1, 42}));
  EXPECT_EQ((Position{1, 42}).ToString(), "1:42");
  const Position largest{UINT64_MAX, UINT64_MAX};
  EXPECT_EQ(Position::Parse(largest.ToString()).value(), largest);
}

TEST(PositionTest, ComparesIncarnationBeforeVersion) {
  EXPECT_LT((Position{1, 900}), (Position{2, 1}));
  EXPECT_LT((Position{2, 1}), (Position{2, 2}));
  EXPECT_EQ(Position(), (Position{0, 0}));
}

TEST(PositionTest, RefusesEveryOtherSpelling) {
  for (const auto* text : {"", ":", "1", "1:", ":1", "1:2:3", "01:2", "1:02", "+1:2", "1:-2",
                           " 1:2", "1:2 ", "1 :2", "0x1:2", "18446744073709551616:1", "a:b"}) {
    const auto position = Position::Parse(text);
    ASSERT_FALSE(position.ok()) << text;
    EXPECT_EQ(ReasonOf(position.status()), Reason::kArgumentInvalid) << text;
  }
}

}  // namespace
}  // namespace omninode::directory
