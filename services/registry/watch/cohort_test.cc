#include "services/registry/watch/cohort.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <absl/time/time.h>
#include <gtest/gtest.h>

namespace omninode::registry {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(20);

RingEntryPtr Entry(std::uint64_t version, std::size_t bytes) {
  auto entry = std::make_shared<RingEntry>();
  entry->diff.position = {1, version};
  entry->bytes = bytes;
  return entry;
}

CohortItem Diff(std::uint64_t from, std::uint64_t to, std::size_t bytes = 10) {
  return {.from = from,
          .to = to,
          .encoded = std::make_shared<const EncodedDiff>(EncodedDiff{std::string(bytes, 'x')})};
}
CohortItem Quiet(std::uint64_t from, std::uint64_t to) {
  return {.from = from, .to = to, .encoded = nullptr, .quiet = true};
}
CohortItem Cancelled(std::uint64_t from, std::uint64_t to) { return {.from = from, .to = to}; }

class CohortTest : public ::testing::Test {
 protected:
  void AddMember(WatchMember& member, const std::shared_ptr<Cohort>& cohort) {
    member.cohort = cohort;
    member.notify = std::make_shared<const WatchNotifier>([] {});
    cohort->Join(member);
  }
  void AddVersions(int count, std::size_t bytes = 100) {
    for (int i = 0; i < count; ++i) ring_.Append(Entry(ring_.head().version + 1, bytes));
  }
  // Wakes who waits, as the feed does after a diff; returns how many.
  std::size_t Wake() {
    std::vector<WatchNotifierPtr> notifiers;
    cohort_->WakeAll(now_, notifiers);
    return notifiers.size();
  }
  void SetUp() override {
    AddMember(member_, cohort_);
    cohort_->StartWaiting(member_);
  }

  const MonotonicTime now_ = MonotonicTime::SinceBoot(absl::Hours(1));
  DiffRing ring_{{1, 0}};
  std::shared_ptr<Cohort> cohort_ =
      std::make_shared<Cohort>(WatchScope{}, kInterval, directory::Position{1, 0});
  WatchMember member_;
};

TEST_F(CohortTest, NothingIsDueWithoutVersions) {
  EXPECT_EQ(cohort_->DueAt(ring_), MonotonicTime::InfiniteFuture());
}

TEST_F(CohortTest, TheFirstDiffAfterQuietIsDueAtOnceTheNextAfterTheInterval) {
  AddVersions(1);
  EXPECT_LE(cohort_->DueAt(ring_), now_);
  EXPECT_TRUE(cohort_->Append(Diff(0, 1), now_));
  EXPECT_EQ(cohort_->DueAt(ring_), MonotonicTime::InfiniteFuture());
  AddVersions(1);
  EXPECT_EQ(cohort_->DueAt(ring_), now_ + kInterval);
}

TEST_F(CohortTest, VersionsThatShowNothingStartNoInterval) {
  AddVersions(1);
  EXPECT_FALSE(cohort_->Append(Quiet(0, 1), now_));
  AddVersions(1);
  EXPECT_LE(cohort_->DueAt(ring_), now_);
}

TEST_F(CohortTest, MuchPendingIsDueBeforeTheInterval) {
  AddVersions(1);
  cohort_->Append(Diff(0, 1), now_);
  AddVersions(1, Cohort::kMaxDiffBytes - 1);
  EXPECT_EQ(cohort_->DueAt(ring_), now_ + kInterval);
  AddVersions(1, 1);
  EXPECT_LE(cohort_->DueAt(ring_), now_);
}

TEST_F(CohortTest, NothingIsDueWhileNobodyWaits) {
  AddVersions(1);
  cohort_->StopWaiting(member_);
  EXPECT_EQ(cohort_->DueAt(ring_), MonotonicTime::InfiniteFuture());
  cohort_->StartWaiting(member_);
  EXPECT_LE(cohort_->DueAt(ring_), now_);
}

TEST_F(CohortTest, PendingVersionsAreCutIntoMessagesOfBoundedSize) {
  AddVersions(5, Cohort::kMaxDiffBytes / 2);
  const auto pending = cohort_->Pending(ring_);
  ASSERT_EQ(pending.size(), 3u);
  EXPECT_EQ(pending[0].size(), 2u);
  EXPECT_EQ(pending[1].size(), 2u);
  EXPECT_EQ(pending[2].size(), 1u);
}

TEST_F(CohortTest, WithoutAnIntervalEveryVersionIsAMessage) {
  Cohort eager({}, absl::ZeroDuration(), {1, 0});
  AddVersions(3);
  EXPECT_EQ(eager.Pending(ring_).size(), 3u);
}

TEST_F(CohortTest, FindsTheItemThatHoldsTheNextVersion) {
  cohort_->Append(Diff(0, 3), now_);
  cohort_->Append(Cancelled(3, 5), now_);
  EXPECT_EQ(cohort_->ItemAfter(0)->to, 3u);
  EXPECT_EQ(cohort_->ItemAfter(2)->to, 3u);
  EXPECT_EQ(cohort_->ItemAfter(3)->to, 5u);
  EXPECT_EQ(cohort_->ItemAfter(5), nullptr);
  EXPECT_EQ(cohort_->first_version(), 0u);
}

TEST_F(CohortTest, QuietItemsGrowTogetherOthersDoNot) {
  cohort_->Append(Quiet(0, 1), now_);
  cohort_->Append(Quiet(1, 2), now_);
  EXPECT_EQ(cohort_->items(), 1u);
  EXPECT_EQ(cohort_->ItemAfter(0)->to, 2u);
  cohort_->Append(Cancelled(2, 3), now_);
  cohort_->Append(Quiet(3, 4), now_);
  EXPECT_EQ(cohort_->items(), 3u);
}

TEST_F(CohortTest, KeepsSoManyItems) {
  std::uint64_t version = 0;
  for (; version < Cohort::kMaxItems; ++version) {
    cohort_->Append(Diff(version, version + 1, 1), now_);
  }
  EXPECT_EQ(cohort_->first_version(), 0u);
  cohort_->Append(Diff(version, version + 1, 1), now_);
  EXPECT_EQ(cohort_->items(), Cohort::kMaxItems);
  EXPECT_EQ(cohort_->first_version(), 1u);
  EXPECT_EQ(cohort_->ItemAfter(0), nullptr);
}

TEST_F(CohortTest, KeepsSoManyBytesButAlwaysTheNewestDiff) {
  cohort_->Append(Diff(0, 1, Cohort::kMaxItemBytes - 1), now_);
  cohort_->Append(Diff(1, 2, 1), now_);
  EXPECT_EQ(cohort_->items(), 2u);
  cohort_->Append(Diff(2, 3, 1), now_);
  EXPECT_EQ(cohort_->first_version(), 1u);
  cohort_->Append(Diff(3, 4, Cohort::kMaxItemBytes + 1), now_);
  EXPECT_EQ(cohort_->first_version(), 3u);
  cohort_->Append(Quiet(4, 5), now_);
  EXPECT_EQ(cohort_->first_version(), 3u) << "a silent move must not cost the diff before it";
  EXPECT_EQ(cohort_->item_bytes(), Cohort::kMaxItemBytes + 1);
}

TEST_F(CohortTest, DiffsAreForgottenWhenEverybodyHasTakenThem) {
  WatchMember slow;
  AddMember(slow, cohort_);
  cohort_->StartWaiting(slow);
  cohort_->Append(Diff(0, 1), now_);
  EXPECT_EQ(Wake(), 2u);
  cohort_->StartWaiting(member_);
  EXPECT_EQ(cohort_->items(), 1u) << "one has not taken it";
  cohort_->StartWaiting(slow);
  EXPECT_EQ(cohort_->items(), 0u);
  EXPECT_EQ(cohort_->item_bytes(), 0u);
  EXPECT_EQ(cohort_->first_version(), 1u);
}

TEST_F(CohortTest, SilentMovesAreKeptForThoseWhoWait) {
  cohort_->Append(Diff(0, 1), now_);
  cohort_->Append(Quiet(1, 4), now_);
  WatchMember other;
  AddMember(other, cohort_);
  cohort_->StartWaiting(other);
  ASSERT_NE(cohort_->ItemAfter(1), nullptr);
  EXPECT_EQ(cohort_->ItemAfter(1)->to, 4u);
  EXPECT_EQ(cohort_->ItemAfter(0), nullptr);
}

TEST_F(CohortTest, ALeavingMemberIsNotWaitedFor) {
  WatchMember stuck;
  AddMember(stuck, cohort_);
  cohort_->Append(Diff(0, 1), now_);
  EXPECT_EQ(cohort_->items(), 1u);
  cohort_->Leave(stuck);
  EXPECT_EQ(cohort_->items(), 0u);
  EXPECT_EQ(cohort_->members(), 1u);
}

TEST_F(CohortTest, WakesOnlyWhoWaits) {
  WatchMember busy;
  AddMember(busy, cohort_);
  EXPECT_EQ(Wake(), 1u);
  EXPECT_FALSE(member_.waiting);
  EXPECT_EQ(Wake(), 0u);
}

TEST_F(CohortTest, StopWaitingKeepsTheOthersWaiting) {
  WatchMember second;
  WatchMember third;
  AddMember(second, cohort_);
  AddMember(third, cohort_);
  cohort_->StartWaiting(second);
  cohort_->StartWaiting(third);
  cohort_->StopWaiting(member_);
  cohort_->StopWaiting(member_);
  cohort_->StopWaiting(third);
  EXPECT_TRUE(second.waiting);
  EXPECT_EQ(Wake(), 1u);
}

TEST_F(CohortTest, SilentMovesWakeAtOnceAndThenRarely) {
  EXPECT_EQ(cohort_->NudgeAt(), MonotonicTime::InfiniteFuture());
  cohort_->Append(Quiet(0, 1), now_);
  EXPECT_LE(cohort_->NudgeAt(), now_);
  EXPECT_EQ(Wake(), 1u);
  EXPECT_EQ(cohort_->NudgeAt(), MonotonicTime::InfiniteFuture());
  cohort_->StartWaiting(member_);
  cohort_->Append(Quiet(1, 2), now_);
  EXPECT_EQ(cohort_->NudgeAt(), now_ + Cohort::kMaxPositionLag);
}

TEST_F(CohortTest, RestartForgetsEverythingButItsMembers) {
  AddVersions(1);
  cohort_->Append(Diff(0, 1), now_);
  cohort_->Restart({2, 7});
  EXPECT_EQ(cohort_->emitted(), (directory::Position{2, 7}));
  EXPECT_EQ(cohort_->items(), 0u);
  EXPECT_EQ(cohort_->item_bytes(), 0u);
  EXPECT_EQ(Wake(), 1u);
}

}  // namespace
}  // namespace omninode::registry
