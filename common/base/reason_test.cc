#include "common/base/reason.h"

#include <cstddef>
#include <optional>
#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "common/base/status.h"

namespace omninode {
namespace {

TEST(Reason, HasARowForEveryValueAndNoNameTwice) {
  std::set<std::string_view> names;
  for (const ReasonRow& row : ReasonTable()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_NE(row.code, absl::StatusCode::kOk) << row.name;
    EXPECT_EQ(&RowOf(row.reason), &row);
    EXPECT_EQ(ParseReason(row.name), row.reason);
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(Reason::kInternal) + 1);
}

TEST(Reason, IsSpelledLikeAnErrorInfoReason) {
  for (const ReasonRow& row : ReasonTable()) {
    EXPECT_LE(row.name.size(), 63U);
    EXPECT_EQ(row.name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"),
              std::string_view::npos)
        << row.name;
  }
}

TEST(Reason, PromisesARetryOnlyWithACodeThatClientsRetry) {
  const std::set<absl::StatusCode> retried = {absl::StatusCode::kUnavailable,
                                              absl::StatusCode::kResourceExhausted,
                                              absl::StatusCode::kDeadlineExceeded};
  for (const ReasonRow& row : ReasonTable()) {
    EXPECT_TRUE(!row.retry_helps || retried.contains(row.code)) << row.name;
    EXPECT_TRUE(row.code != absl::StatusCode::kUnavailable || row.retry_helps) << row.name;
  }
}

TEST(Reason, ParsesExactNamesOnly) {
  EXPECT_EQ(ParseReason("CLOCK_SKEW"), Reason::kClockSkew);
  EXPECT_EQ(ParseReason("clock_skew"), std::nullopt);
  EXPECT_EQ(ParseReason("CLOCK_SKEW "), std::nullopt);
  EXPECT_EQ(ParseReason(""), std::nullopt);
}

TEST(Reject, CarriesReasonCodeAndMessage) {
  const absl::Status status = Reject(Reason::kQuotaNodes, "{} of {} nodes", 5, 5);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Message(status), "5 of 5 nodes");
  EXPECT_EQ(ReasonOf(status), Reason::kQuotaNodes);
}

TEST(Reject, IsToldFromOtherErrors) {
  EXPECT_EQ(ReasonOf(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(ReasonOf(absl::InternalError("x")), std::nullopt);
}

TEST(Reject, CarriesMetadata) {
  absl::Status status = Reject(Reason::kClockSkew, "x");
  EXPECT_TRUE(MetadataOf(status).empty());
  status = WithMetadata(status, "skew", "30s");
  status = WithMetadata(status, "server_time", "");
  const RejectMetadata expected = {{"skew", "30s"}, {"server_time", ""}};
  EXPECT_EQ(MetadataOf(status), expected);
  EXPECT_EQ(ReasonOf(status), Reason::kClockSkew);
}

TEST(Reject, ReplacesMetadataOfOneKey) {
  const absl::Status status =
      WithMetadata(WithMetadata(Reject(Reason::kReplay, "x"), "k", "1"), "k", "2");
  EXPECT_EQ(MetadataOf(status), (RejectMetadata{{"k", "2"}}));
}

TEST(Reject, CarriesARetryHint) {
  const absl::Status status = Reject(Reason::kLoadShed, "x");
  EXPECT_EQ(RetryAfterOf(status), std::nullopt);
  EXPECT_EQ(RetryAfterOf(WithRetryAfter(status, absl::Milliseconds(1500))),
            absl::Milliseconds(1500));
  EXPECT_TRUE(MetadataOf(WithRetryAfter(status, absl::Seconds(1))).empty());
}

TEST(Reject, LeavesOkAlone) {
  EXPECT_EQ(WithMetadata(absl::OkStatus(), "k", "v"), absl::OkStatus());
  EXPECT_EQ(RetryAfterOf(WithRetryAfter(absl::OkStatus(), absl::Seconds(1))), std::nullopt);
}

}  // namespace
}  // namespace omninode
