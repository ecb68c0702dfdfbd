#include "common/base/field_path.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode {
namespace {

TEST(FieldPathTest, NamesTheFieldForPeopleAndPrograms) {
  const auto status = AtField(Reject(Reason::kNameInvalid, "bad"), "namespace");
  EXPECT_EQ(Message(status), "namespace: bad");
  EXPECT_EQ(MetadataOf(status)["field"], "namespace");
  EXPECT_EQ(ReasonOf(status), Reason::kNameInvalid);
}

TEST(FieldPathTest, ContinuesAPathFromTheOutside) {
  auto status = WithRetryAfter(Reject(Reason::kArgumentInvalid, "bad"), absl::Seconds(1));
  status = AtField(AtField(status, "endpoints[2].url"), "changes[7]");
  EXPECT_EQ(Message(status), "changes[7].endpoints[2].url: bad");
  EXPECT_EQ(MetadataOf(status)["field"], "changes[7].endpoints[2].url");
  EXPECT_EQ(ReasonOf(status), Reason::kArgumentInvalid);
  EXPECT_EQ(RetryAfterOf(status), absl::Seconds(1));
}

TEST(FieldPathTest, LeavesOkAlone) { EXPECT_EQ(AtField(absl::OkStatus(), "x"), absl::OkStatus()); }

}  // namespace
}  // namespace omninode
