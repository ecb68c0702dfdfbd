#include "tools/testbed/for_each.h"

#include <atomic>
#include <vector>

#include <gtest/gtest.h>

namespace omninode::testbed {
namespace {

TEST(ForEachTest, CallsEachOnce) {
  std::vector<std::atomic<int>> calls(1000);
  EXPECT_TRUE(ForEach(calls.size(), 4, [&](std::size_t i) {
                ++calls[i];
                return absl::OkStatus();
              }).ok());
  for (const auto& count : calls) EXPECT_EQ(count, 1);
}

TEST(ForEachTest, BeginsNothingAfterAnError) {
  int calls = 0;
  const absl::Status status = ForEach(1000, 1, [&](std::size_t i) {
    ++calls;
    return i == 9 ? absl::InternalError("the tenth") : absl::OkStatus();
  });
  EXPECT_EQ(status, absl::InternalError("the tenth"));
  EXPECT_EQ(calls, 10);
}

TEST(ForEachTest, NothingToDoIsNoError) {
  EXPECT_TRUE(ForEach(0, 4, [](std::size_t) { return absl::InternalError(""); }).ok());
}

}  // namespace
}  // namespace omninode::testbed
