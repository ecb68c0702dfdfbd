#include "common/base/status.h"

#include <memory>
#include <string>
#include <string_view>

#include <absl/strings/cord.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode {
namespace {

using absl::StatusCode;

absl::StatusOr<std::unique_ptr<int>> Half(int value) {
  if (value % 2 != 0) return Error(StatusCode::kInvalidArgument, "{} is odd", value);
  return std::make_unique<int>(value / 2);
}

absl::StatusOr<int> Quarter(int value) {
  OMNI_ASSIGN_OR_RETURN(const std::unique_ptr<int> half, Half(value));
  OMNI_ASSIGN_OR_RETURN(const std::unique_ptr<int> quarter, Half(*half));
  return *quarter;
}

absl::Status ReachAfter(const absl::Status& first, int& reached) {
  OMNI_RETURN_IF_ERROR(first);
  ++reached;
  return absl::OkStatus();
}

TEST(Status, FormatsTheMessageOfAnError) {
  const absl::Status status = Error(StatusCode::kNotFound, "{} of {}", 3, "four");
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(Message(status), "3 of four");
}

TEST(Status, ConvertsViewsWithoutCopying) {
  const std::string text("a\0b", 3);
  const std::string_view view = text;
  EXPECT_EQ(ToAbsl(view).data(), text.data());
  EXPECT_EQ(FromAbsl(ToAbsl(view)), view);
}

TEST(Status, AnnotatesTheMessageAndKeepsCodeAndPayload) {
  absl::Status status = Reject(Reason::kReplay, "seen before");
  status.SetPayload("other", absl::Cord("kept"));
  const absl::Status annotated = Annotate(status, "node a");
  EXPECT_EQ(annotated.code(), status.code());
  EXPECT_EQ(Message(annotated), "node a: seen before");
  EXPECT_EQ(ReasonOf(annotated), Reason::kReplay);
  EXPECT_EQ(*annotated.GetPayload("other"), "kept");
}

TEST(Status, LeavesOkUnannotated) { EXPECT_TRUE(Annotate(absl::OkStatus(), "context").ok()); }

TEST(Status, ReturnsTheFirstError) {
  int reached = 0;
  EXPECT_TRUE(ReachAfter(absl::OkStatus(), reached).ok());
  EXPECT_EQ(reached, 1);
  EXPECT_EQ(ReachAfter(absl::CancelledError("x"), reached).code(), StatusCode::kCancelled);
  EXPECT_EQ(reached, 1);
}

TEST(Status, AssignsValuesThatOnlyMove) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Message(Quarter(7).status()), "7 is odd");
  EXPECT_EQ(Message(Quarter(6).status()), "3 is odd");
}

}  // namespace
}  // namespace omninode
