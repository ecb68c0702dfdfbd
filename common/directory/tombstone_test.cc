#include "common/directory/tombstone.h"

#include <string>

#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::directory {
namespace {

TEST(RemovalReasonTest, HasTheNamesOfTheApi) {
  const std::pair<RemovalReason, std::string_view> names[] = {
      {RemovalReason::kGracefulShutdown, "graceful_shutdown"},
      {RemovalReason::kLeaseExpired, "lease_expired"},
      {RemovalReason::kManualDeregistration, "manual_deregistration"},
      {RemovalReason::kIdentityRevoked, "identity_revoked"},
      {RemovalReason::kPolicyEvicted, "policy_evicted"},
      {RemovalReason::kFederationWithdrawn, "federation_withdrawn"},
      {RemovalReason::kFilterLeft, "filter_left"},
  };
  for (const auto& [reason, name] : names) {
    EXPECT_EQ(NameOf(reason), name);
    EXPECT_EQ(ParseRemovalReason(name), reason);
  }
  EXPECT_EQ(ParseRemovalReason("expired"), std::nullopt);
}

TEST(ReasonTextTest, IsPlainTextWithinItsBound) {
  EXPECT_TRUE(CheckReasonText("").ok());
  EXPECT_TRUE(CheckReasonText(std::string(kMaxReasonTextBytes, 'x')).ok());
  EXPECT_EQ(ReasonOf(CheckReasonText(std::string(kMaxReasonTextBytes + 1, 'x'))),
            Reason::kArgumentInvalid);
  EXPECT_FALSE(CheckReasonText("two\nlines").ok());
}

}  // namespace
}  // namespace omninode::directory
