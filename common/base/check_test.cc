#include "common/base/check.h"

#include <gtest/gtest.h>

namespace omninode {
namespace {

TEST(Check, GoesOnWhenTheConditionHolds) {
  int evaluations = 0;
  OMNI_CHECK(++evaluations == 1);
  EXPECT_EQ(evaluations, 1);
}

TEST(CheckDeathTest, StopsWithPlaceAndCondition) {
  EXPECT_DEATH(OMNI_CHECK(1 + 1 == 3), "check_test.cc:[0-9]+.*1 \\+ 1 == 3");
}

}  // namespace
}  // namespace omninode
