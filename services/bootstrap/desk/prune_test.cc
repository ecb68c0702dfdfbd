#include "services/bootstrap/desk/prune.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "services/bootstrap/desk/test_room.h"

namespace omninode::bootstrap {
namespace {

class PruneTest : public TestRoom {};

TEST_F(PruneTest, ForgetsWhatHasEndedAndNothingElse) {
  AddEntry("/node/*/*", absl::Hours(1));
  const auto revoked = IssueNode("/node/cache/c1", NewKey());
  const auto token = AddToken("/node/cache/c2");
  ASSERT_TRUE(revocations_->RevokeSvid(revoked.svid.record.serial, order_, {}).ok());
  ASSERT_TRUE(revocations_->BanIdentity(Text("/node/cache/c3"), order_, {}).ok());
  ASSERT_TRUE(revocations_->BanIdentity(Text("/node/cache/c4"), order_, {}).ok());
  ASSERT_TRUE(revocations_->UnbanIdentity(Text("/node/cache/c4"), {}).ok());

  ASSERT_TRUE(PruneEnded(*store_, *ledger_, Now()).ok());
  EXPECT_EQ(ledger_->View()->records.revocations.size(), 1u);
  EXPECT_EQ(ledger_->View()->records.bans.size(), 2u);
  EXPECT_TRUE(store_->FindSvid(revoked.svid.record.serial)->has_value());

  clock_.Advance(absl::Hours(48));
  ASSERT_TRUE(PruneEnded(*store_, *ledger_, Now()).ok());
  EXPECT_TRUE(ledger_->View()->records.revocations.empty());
  EXPECT_EQ(ledger_->View()->records.bans.size(), 1u);
  EXPECT_FALSE(store_->FindSvid(revoked.svid.record.serial)->has_value());
  EXPECT_FALSE(store_->FindToken(token.token.id)->has_value());
}

TEST_F(PruneTest, RemembersLongerThanAnyLeafLives) {
  EXPECT_GT(kLongestLeafLife, kMaxSvidTtl + kBackdating);
}

TEST_F(PruneTest, FailsWhenTheStoreDoes) {
  faults_.Fail(sql::FaultPoint::kBegin, sql::Fault::kBusy);
  EXPECT_EQ(ReasonOf(PruneEnded(*store_, *ledger_, Now())), Reason::kStoreUnavailable);
}

}  // namespace
}  // namespace omninode::bootstrap
