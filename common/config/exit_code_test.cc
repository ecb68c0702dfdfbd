#include "common/base/exit_code.h"

#include <set>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode {
namespace {

using absl::StatusCode;

ExitCode Of(StatusCode code) { return ExitCodeFor(Error(code, "x")); }
ExitCode Of(Reason reason) { return ExitCodeFor(Reject(reason, "x")); }

TEST(ExitCode, HasTheNumbersThatScriptsRelyOn) {
  std::set<int> numbers;
  for (const ExitCodeRow& row : kExitCodeTable) {
    EXPECT_FALSE(row.meaning.empty());
    numbers.insert(static_cast<int>(row.code));
  }
  EXPECT_EQ(numbers, (std::set<int>{0, 1, 64, 65, 66, 69, 74, 75, 77, 78}));
}

TEST(ExitCode, FollowsTheStatusCode) {
  EXPECT_EQ(ExitCodeFor(absl::OkStatus()), ExitCode::kOk);
  EXPECT_EQ(Of(StatusCode::kInvalidArgument), ExitCode::kUsage);
  EXPECT_EQ(Of(StatusCode::kDataLoss), ExitCode::kBadData);
  EXPECT_EQ(Of(StatusCode::kNotFound), ExitCode::kMissingInput);
  EXPECT_EQ(Of(StatusCode::kUnavailable), ExitCode::kUnavailable);
  EXPECT_EQ(Of(StatusCode::kResourceExhausted), ExitCode::kIo);
  EXPECT_EQ(Of(StatusCode::kInternal), ExitCode::kIo);
  EXPECT_EQ(Of(StatusCode::kDeadlineExceeded), ExitCode::kDeadline);
  EXPECT_EQ(Of(StatusCode::kPermissionDenied), ExitCode::kRefused);
  EXPECT_EQ(Of(StatusCode::kFailedPrecondition), ExitCode::kConfiguration);
}

TEST(ExitCode, TellsARefusalFromAFaultOfThisMachine) {
  EXPECT_EQ(Of(Reason::kNodeUnknown), ExitCode::kRefused);    // NOT_FOUND, no missing file
  EXPECT_EQ(Of(Reason::kRateLimited), ExitCode::kRefused);    // RESOURCE_EXHAUSTED, no full disk
  EXPECT_EQ(Of(Reason::kStaleSequence), ExitCode::kRefused);  // no wrong configuration
  EXPECT_EQ(Of(Reason::kSigInvalid), ExitCode::kRefused);
  EXPECT_EQ(Of(Reason::kArgumentInvalid), ExitCode::kUsage);
  EXPECT_EQ(Of(Reason::kShuttingDown), ExitCode::kUnavailable);
  EXPECT_EQ(Of(Reason::kKeyFileMode), ExitCode::kConfiguration);
  EXPECT_EQ(Of(Reason::kSchemaVersion), ExitCode::kBadData);
}

TEST(ExitCode, PrefersTheCodeThatIsAttached) {
  for (const ExitCodeRow& row : kExitCodeTable) {
    const auto status = WithExitCode(Reject(Reason::kArgumentInvalid, "x"), row.code);
    EXPECT_EQ(ExitCodeFor(status), row.code);
    EXPECT_EQ(ExitCodeFor(Annotate(status, "context")), row.code);
    EXPECT_EQ(ReasonOf(status), Reason::kArgumentInvalid);
  }
  EXPECT_EQ(ExitCodeFor(WithExitCode(absl::OkStatus(), ExitCode::kIo)), ExitCode::kOk);
}

}  // namespace
}  // namespace omninode
