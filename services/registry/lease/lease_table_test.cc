#include "services/registry/lease/lease_table.h"

#include <algorithm>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace omninode::registry {
namespace {

using directory::Health;

constexpr absl::Duration kTtl = absl::Seconds(60);
const MonotonicTime kStart = MonotonicTime::SinceBoot(absl::Hours(1));
const absl::Time kWall = absl::FromUnixSeconds(1'800'000'000);
constexpr std::uint64_t kWallMs = 1'800'000'000'000;

NamespaceName Ns(std::string_view text = "tenant-a") { return NamespaceName::Parse(text).value(); }

LeaseInfo Lease(std::uint64_t handle, absl::Duration ttl = kTtl, std::string_view ns = "tenant-a") {
  return {.node = {Ns(ns), NodeId::Parse("n" + std::to_string(handle)).value()},
          .incarnation = 1,
          .handle = LeaseHandle::FromValue(handle),
          .ttl = ttl,
          .spiffe_id = "spiffe://example.org/ns/tenant-a/node/worker/n" + std::to_string(handle)};
}

LeaseHandle Handle(std::uint64_t value) { return LeaseHandle::FromValue(value); }

// A beat that was made `age` ago.
LeaseBeat BeatOf(std::uint64_t handle, std::uint64_t sequence_ms = kWallMs,
                 Health health = Health::kServing) {
  return {.handle = Handle(handle), .sequence_ms = sequence_ms, .health = health};
}

std::vector<std::uint64_t> Handles(const std::vector<DueLease>& due) {
  std::vector<std::uint64_t> handles;
  for (const DueLease& lease : due) handles.push_back(lease.lease->handle.value());
  return handles;
}

class LeaseTableTest : public ::testing::Test {
 protected:
  void Grant(std::uint64_t handle, MonotonicTime now = kStart, absl::Duration ttl = kTtl) {
    table_.Grant(Lease(handle, ttl), Health::kServing, now);
  }
  std::vector<std::uint64_t> TakeAll(MonotonicTime now) {
    return Handles(table_.TakeDue(now, 1'000'000));
  }

  LeaseTable table_;
};

TEST_F(LeaseTableTest, ALeaseIsDueAfterItsTtlAndNotBefore) {
  Grant(1);
  EXPECT_TRUE(TakeAll(kStart + kTtl - absl::Nanoseconds(1)).empty());
  const auto due = table_.TakeDue(kStart + kTtl, 10);
  ASSERT_EQ(Handles(due), std::vector<std::uint64_t>{1});
  EXPECT_EQ(due[0].deadline, kStart + kTtl);
  EXPECT_EQ(due[0].lease->node.id.value(), "n1");
  EXPECT_EQ(due[0].lease->incarnation, 1u);
}

TEST_F(LeaseTableTest, ABeatGivesAFullTtlFromItsArrival) {
  Grant(1);
  const MonotonicTime beat_at = kStart + absl::Seconds(59);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1), beat_at, kWall), BeatVerdict::kOk);
  EXPECT_TRUE(TakeAll(beat_at + kTtl - absl::Nanoseconds(1)).empty());
  EXPECT_EQ(TakeAll(beat_at + kTtl), std::vector<std::uint64_t>{1});
}

TEST_F(LeaseTableTest, ABeatThatComesBeforeTheReaperStillCounts) {
  Grant(1);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1), kStart + kTtl + absl::Seconds(1), kWall),
            BeatVerdict::kOk);
  EXPECT_TRUE(TakeAll(kStart + kTtl + absl::Seconds(2)).empty());
}

TEST_F(LeaseTableTest, RefusesBeatsForUnknownLeasesAndNamespaces) {
  Grant(1);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(2), kStart, kWall), BeatVerdict::kUnknown);
  EXPECT_EQ(table_.Beat(Ns("other"), BeatOf(1), kStart, kWall), BeatVerdict::kUnknown);
}

TEST_F(LeaseTableTest, RefusesASequenceThatIsNotAboveTheLast) {
  Grant(1);
  ASSERT_EQ(table_.Beat(Ns(), BeatOf(1, kWallMs), kStart, kWall), BeatVerdict::kOk);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1, kWallMs), kStart, kWall), BeatVerdict::kStale);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1, kWallMs - 1), kStart, kWall), BeatVerdict::kStale);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1, kWallMs + 1), kStart, kWall), BeatVerdict::kOk);
}

TEST_F(LeaseTableTest, RefusesASequenceOlderThanTheTtl) {
  Grant(1);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1, kWallMs - 60'001), kStart, kWall), BeatVerdict::kStale);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1, kWallMs - 60'000), kStart, kWall), BeatVerdict::kOk);
}

TEST_F(LeaseTableTest, AStaleBeatRenewsNothing) {
  Grant(1);
  ASSERT_EQ(table_.Beat(Ns(), BeatOf(1, 5), kStart + absl::Seconds(30), kWall),
            BeatVerdict::kStale);
  EXPECT_EQ(TakeAll(kStart + kTtl), std::vector<std::uint64_t>{1});
}

TEST_F(LeaseTableTest, AnySequenceNumberIsHandled) {
  Grant(1);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1, 0), kStart, kWall), BeatVerdict::kStale);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1, ~std::uint64_t{0}), kStart, kWall), BeatVerdict::kOk);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1, ~std::uint64_t{0}), kStart, kWall), BeatVerdict::kStale);
}

TEST_F(LeaseTableTest, ReportsAnotherHealthUntilTheTopologyHasIt) {
  Grant(1);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1, kWallMs, Health::kDegraded), kStart, kWall),
            BeatVerdict::kOkHealthChanged);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1, kWallMs + 1, Health::kDegraded), kStart, kWall),
            BeatVerdict::kOkHealthChanged);
  table_.SetHealth(Ns(), Handle(1), Health::kDegraded);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1, kWallMs + 2, Health::kDegraded), kStart, kWall),
            BeatVerdict::kOk);
}

TEST_F(LeaseTableTest, BeatAllAnswersEachBeatInOrder) {
  Grant(1);
  Grant(2);
  const std::vector<LeaseBeat> beats = {BeatOf(2), BeatOf(9), BeatOf(1, kWallMs, Health::kDegraded),
                                        BeatOf(2)};
  EXPECT_EQ(table_.BeatAll(Ns(), beats, kStart, kWall),
            (std::vector<BeatVerdict>{BeatVerdict::kOk, BeatVerdict::kUnknown,
                                      BeatVerdict::kOkHealthChanged, BeatVerdict::kStale}));
  EXPECT_EQ(table_.BeatAll(Ns("other"), beats, kStart, kWall),
            std::vector<BeatVerdict>(4, BeatVerdict::kUnknown));
}

TEST_F(LeaseTableTest, RenewActsLikeABeat) {
  Grant(1);
  EXPECT_TRUE(table_.Renew(Ns(), Handle(1), kStart + absl::Seconds(30)));
  EXPECT_FALSE(table_.Renew(Ns(), Handle(2), kStart));
  EXPECT_TRUE(TakeAll(kStart + absl::Seconds(89)).empty());
  EXPECT_EQ(TakeAll(kStart + absl::Seconds(90)), std::vector<std::uint64_t>{1});
}

TEST_F(LeaseTableTest, ADroppedLeaseIsForgotten) {
  Grant(1);
  EXPECT_TRUE(table_.Drop(Ns(), Handle(1)));
  EXPECT_FALSE(table_.Drop(Ns(), Handle(1)));
  EXPECT_FALSE(table_.Drop(Ns("other"), Handle(1)));
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1), kStart, kWall), BeatVerdict::kUnknown);
  EXPECT_TRUE(TakeAll(kStart + kTtl).empty());
}

TEST_F(LeaseTableTest, TheSlotOfADroppedLeaseServesAnotherWithoutItsPast) {
  Grant(1);
  ASSERT_EQ(table_.Beat(Ns(), BeatOf(1, kWallMs + 500), kStart, kWall), BeatVerdict::kOk);
  table_.Drop(Ns(), Handle(1));
  Grant(2, kStart + absl::Seconds(10));
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(2, kWallMs), kStart + absl::Seconds(10), kWall),
            BeatVerdict::kOk);
  EXPECT_TRUE(TakeAll(kStart + kTtl).empty()) << "the first lease's alarm is not the second's";
  EXPECT_EQ(TakeAll(kStart + absl::Seconds(70)), std::vector<std::uint64_t>{2});
}

TEST_F(LeaseTableTest, TakesTheLongestDueFirstAndAtMostMax) {
  Grant(1, kStart + absl::Seconds(2));
  Grant(2, kStart + absl::Seconds(1));
  Grant(3, kStart + absl::Seconds(3));
  const MonotonicTime later = kStart + absl::Hours(1);
  EXPECT_EQ(Handles(table_.TakeDue(later, 2)), (std::vector<std::uint64_t>{2, 1}));
  EXPECT_EQ(Handles(table_.TakeDue(later, 2)), std::vector<std::uint64_t>{3});
  EXPECT_TRUE(table_.TakeDue(later, 2).empty());
}

TEST_F(LeaseTableTest, ATakenLeaseIsNotRenewedButStillFound) {
  Grant(1);
  ASSERT_EQ(TakeAll(kStart + kTtl).size(), 1u);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1), kStart + kTtl, kWall), BeatVerdict::kUnknown);
  EXPECT_FALSE(table_.Renew(Ns(), Handle(1), kStart + kTtl));
  EXPECT_NE(table_.Find(Ns(), Handle(1)), nullptr);
  EXPECT_EQ(table_.size(), 1u);
}

TEST_F(LeaseTableTest, AGivenBackLeaseCanBeRenewed) {
  Grant(1);
  const auto due = table_.TakeDue(kStart + kTtl, 1);
  ASSERT_EQ(due.size(), 1u);
  table_.GiveBack(due[0], kStart + kTtl);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1), kStart + kTtl, kWall), BeatVerdict::kOk);
  EXPECT_TRUE(TakeAll(kStart + kTtl + kTtl - absl::Nanoseconds(1)).empty());
  EXPECT_EQ(TakeAll(kStart + kTtl + kTtl).size(), 1u);
}

TEST_F(LeaseTableTest, AGivenBackLeaseGetsNoExtraTime) {
  Grant(1);
  const auto due = table_.TakeDue(kStart + kTtl, 1);
  ASSERT_EQ(due.size(), 1u);
  table_.GiveBack(due[0], kStart);
  EXPECT_EQ(TakeAll(kStart + kTtl), std::vector<std::uint64_t>{1});
}

TEST_F(LeaseTableTest, AHeldLeaseIsNotTakenBeforeItsTimeAndDoesNotBlockOthers) {
  Grant(1);
  Grant(2, kStart + absl::Seconds(1));
  const auto due = table_.TakeDue(kStart + kTtl, 1);
  ASSERT_EQ(due.size(), 1u);
  const MonotonicTime until = kStart + absl::Minutes(5);
  table_.GiveBack(due[0], until);
  EXPECT_EQ(Handles(table_.TakeDue(kStart + absl::Minutes(2), 1)), std::vector<std::uint64_t>{2});
  EXPECT_TRUE(TakeAll(until - absl::Nanoseconds(1)).empty());
  EXPECT_EQ(TakeAll(until), std::vector<std::uint64_t>{1});
}

TEST_F(LeaseTableTest, GivingBackADroppedLeaseDoesNothing) {
  Grant(1);
  const auto due = table_.TakeDue(kStart + kTtl, 1);
  ASSERT_EQ(due.size(), 1u);
  table_.Drop(Ns(), Handle(1));
  table_.GiveBack(due[0], kStart);
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_TRUE(TakeAll(kStart + absl::Hours(1)).empty());
}

TEST_F(LeaseTableTest, RegisteringAgainWinsOverAnExpiryThatIsUnderWay) {
  Grant(1);
  const auto due = table_.TakeDue(kStart + kTtl, 1);
  ASSERT_EQ(due.size(), 1u);
  Grant(1, kStart + kTtl);
  table_.GiveBack(due[0], kStart);
  EXPECT_TRUE(TakeAll(kStart + kTtl + absl::Seconds(1)).empty());
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1), kStart + kTtl, kWall), BeatVerdict::kOk);
}

TEST_F(LeaseTableTest, ARegrantWithAShorterTtlActsAtOnce) {
  Grant(1, kStart, absl::Hours(1));
  Grant(1, kStart, absl::Seconds(10));
  EXPECT_EQ(table_.size(), 1u);
  EXPECT_EQ(TakeAll(kStart + absl::Seconds(10)), std::vector<std::uint64_t>{1});
  EXPECT_TRUE(TakeAll(kStart + absl::Hours(2)).empty()) << "one lease falls due once";
}

TEST_F(LeaseTableTest, ARegrantKeepsTheLastSequenceWithinTheIncarnation) {
  Grant(1);
  ASSERT_EQ(table_.Beat(Ns(), BeatOf(1), kStart, kWall), BeatVerdict::kOk);
  Grant(1);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1), kStart, kWall), BeatVerdict::kStale);
  LeaseInfo reborn = Lease(1);
  reborn.incarnation = 2;
  table_.Grant(reborn, Health::kServing, kStart);
  EXPECT_EQ(table_.Beat(Ns(), BeatOf(1), kStart, kWall), BeatVerdict::kOk);
  EXPECT_EQ(table_.Find(Ns(), Handle(1))->incarnation, 2u);
}

TEST_F(LeaseTableTest, OurOwnPauseMovesEveryDeadlineByItself) {
  Grant(1);
  Grant(2, kStart + absl::Seconds(10));
  table_.ShiftAll(absl::Seconds(90));
  EXPECT_TRUE(TakeAll(kStart + absl::Seconds(149)).empty());
  EXPECT_EQ(TakeAll(kStart + absl::Seconds(150)), std::vector<std::uint64_t>{1});
  EXPECT_EQ(TakeAll(kStart + absl::Seconds(160)), std::vector<std::uint64_t>{2});
}

TEST_F(LeaseTableTest, ABeatNeverShortensAShiftedLease) {
  Grant(1);
  table_.ShiftAll(absl::Seconds(90));
  ASSERT_EQ(table_.Beat(Ns(), BeatOf(1), kStart + absl::Seconds(1), kWall), BeatVerdict::kOk);
  EXPECT_TRUE(TakeAll(kStart + absl::Seconds(149)).empty());
}

TEST_F(LeaseTableTest, ATakeoverGivesEveryoneAFullTtlOfTheirOwn) {
  Grant(1, kStart, absl::Seconds(10));
  Grant(2, kStart, absl::Seconds(100));
  Grant(3, kStart, absl::Seconds(5));
  const auto due = table_.TakeDue(kStart + absl::Seconds(5), 1);
  ASSERT_EQ(Handles(due), std::vector<std::uint64_t>{3});
  table_.ExtendAllFull(kStart + absl::Seconds(9));
  table_.GiveBack(due[0], kStart);
  EXPECT_TRUE(TakeAll(kStart + absl::Seconds(13)).empty());
  EXPECT_EQ(TakeAll(kStart + absl::Seconds(14)), std::vector<std::uint64_t>{3});
  EXPECT_EQ(TakeAll(kStart + absl::Seconds(19)), std::vector<std::uint64_t>{1});
  EXPECT_TRUE(TakeAll(kStart + absl::Seconds(108)).empty());
  EXPECT_EQ(TakeAll(kStart + absl::Seconds(109)), std::vector<std::uint64_t>{2});
}

TEST_F(LeaseTableTest, NextDeadlineIsNeverTooLate) {
  EXPECT_EQ(table_.NextDeadline(), MonotonicTime::InfiniteFuture());
  Grant(1);
  EXPECT_EQ(table_.NextDeadline(), kStart + kTtl);
  table_.Renew(Ns(), Handle(1), kStart + absl::Seconds(30));
  EXPECT_LE(table_.NextDeadline(), kStart + absl::Seconds(90));
  TakeAll(kStart + kTtl);
  EXPECT_EQ(table_.NextDeadline(), kStart + absl::Seconds(90)) << "armed anew by the early alarm";
  TakeAll(kStart + absl::Seconds(90));
  EXPECT_EQ(table_.NextDeadline(), MonotonicTime::InfiniteFuture());
}

TEST_F(LeaseTableTest, NamespacesHaveTheirOwnHandles) {
  table_.Grant(Lease(1, kTtl, "a"), Health::kServing, kStart);
  table_.Grant(Lease(1, absl::Hours(1), "b"), Health::kServing, kStart);
  EXPECT_EQ(table_.size(), 2u);
  const auto due = table_.TakeDue(kStart + kTtl, 10);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].lease->node.ns.value(), "a");
  EXPECT_EQ(table_.Beat(Ns("b"), BeatOf(1), kStart, kWall), BeatVerdict::kOk);
}

TEST_F(LeaseTableTest, PressureCountsDueAndLateLeases) {
  for (std::uint64_t handle = 1; handle <= 10; ++handle) Grant(handle);
  for (std::uint64_t handle = 1; handle <= 4; ++handle) {
    table_.Renew(Ns(), Handle(handle), kStart + absl::Seconds(30));
  }
  const auto pressure = [&](absl::Duration after) {
    return table_.PressureOf(Ns(), kStart + after);
  };
  EXPECT_EQ(pressure(absl::Seconds(44)).late, 0u) << "16 s are more than a quarter of the TTL";
  EXPECT_EQ(pressure(absl::Seconds(45)).late, 6u);
  EXPECT_EQ(pressure(absl::Seconds(45)).due, 0u);
  EXPECT_EQ(pressure(absl::Seconds(60)).due, 6u);
  EXPECT_EQ(pressure(absl::Seconds(60)).late, 0u);
  ASSERT_EQ(table_.TakeDue(kStart + kTtl, 2).size(), 2u);
  EXPECT_EQ(pressure(absl::Seconds(60)).due, 4u) << "taken ones are no longer waiting";
  EXPECT_EQ(pressure(absl::Seconds(60)).leases, 10u);
  EXPECT_EQ(table_.PressureOf(Ns("other"), kStart).leases, 0u);
}

TEST_F(LeaseTableTest, LateMeansAtMostAMinuteForLongLeases) {
  Grant(1, kStart, absl::Hours(1));
  EXPECT_EQ(table_.PressureOf(Ns(), kStart + absl::Minutes(58)).late, 0u);
  EXPECT_EQ(table_.PressureOf(Ns(), kStart + absl::Minutes(59)).late, 1u);
}

TEST_F(LeaseTableTest, AlarmsOfDroppedLeasesDoNotPileUp) {
  // Registrations that come and go with long leases: no alarm fires in all this time.
  for (std::uint64_t i = 0; i < 3 * LeaseTable::kAlarmSlack; ++i) {
    Grant(i, kStart, absl::Hours(24));
    table_.Drop(Ns(), Handle(i));
    ASSERT_LE(table_.alarms(), LeaseTable::kAlarmSlack);
  }
}

TEST_F(LeaseTableTest, AlarmsOfRegrantsDoNotPileUpAndTheLeaseStaysArmed) {
  absl::Duration ttl = absl::Hours(24);
  for (std::size_t i = 0; i < 3 * LeaseTable::kAlarmSlack; ++i) {
    ttl -= absl::Seconds(1);  // each one is earlier, so each one needs an alarm of its own
    Grant(1, kStart, ttl);
    ASSERT_LE(table_.alarms(), 2 + LeaseTable::kAlarmSlack);
  }
  EXPECT_TRUE(TakeAll(kStart + ttl - absl::Nanoseconds(1)).empty());
  EXPECT_EQ(TakeAll(kStart + ttl), std::vector<std::uint64_t>{1});
}

TEST_F(LeaseTableTest, BeatsAndTheReaperMayRunAtTheSameTime) {
  constexpr std::uint64_t kLeases = 64;
  for (std::uint64_t handle = 0; handle < kLeases; ++handle) Grant(handle);
  std::jthread beating([&] {
    for (std::uint64_t i = 0; i < 2'000; ++i) {
      table_.Beat(Ns(), BeatOf(i % kLeases, kWallMs + i), kStart + absl::Milliseconds(i), kWall);
    }
  });
  std::size_t taken = 0;
  for (int i = 0; i < 2'000; ++i) {
    const auto due = table_.TakeDue(kStart + kTtl, 4);
    taken += due.size();
    for (const DueLease& lease : due) table_.GiveBack(lease, kStart + kTtl);
    table_.PressureOf(Ns(), kStart);
  }
  beating.join();
  EXPECT_EQ(table_.size(), kLeases);
  EXPECT_EQ(TakeAll(kStart + absl::Hours(1)).size(), kLeases) << "every lease is still armed";
}

// The plainest possible model of the table beside the table itself: a map of deadlines.
class TableAndModel final {
 public:
  void Grant(std::uint64_t handle, absl::Duration ttl) {
    table_.Grant(Lease(handle, ttl), Health::kServing, now_);
    model_[handle] = {now_ + ttl, ttl};
  }
  void Beat(std::uint64_t handle) {
    const auto verdict = table_.Beat(Ns(), BeatOf(handle, ++sequence_), now_, kWall);
    const auto known = model_.find(handle);
    RC_ASSERT(verdict == (known == model_.end() ? BeatVerdict::kUnknown : BeatVerdict::kOk));
    if (known == model_.end()) return;
    auto& [deadline, ttl] = known->second;
    deadline = std::max(deadline, now_ + ttl);
  }
  void Drop(std::uint64_t handle) {
    RC_ASSERT(table_.Drop(Ns(), Handle(handle)) == (model_.erase(handle) == 1));
  }
  void Shift(absl::Duration by) {
    table_.ShiftAll(by);
    for (auto& entry : model_) entry.second.first = entry.second.first + by;
  }
  void Wait(absl::Duration by) { now_ = now_ + by; }

  // Nothing is taken early, and everything due is taken.
  void Reap(bool commits) {
    std::map<std::uint64_t, MonotonicTime> expected;
    for (const auto& [handle, lease] : model_) {
      if (lease.first <= now_) expected[handle] = lease.first;
    }
    std::map<std::uint64_t, MonotonicTime> taken;
    const auto due = table_.TakeDue(now_, 100);
    for (const DueLease& lease : due) taken[lease.lease->handle.value()] = lease.deadline;
    RC_ASSERT(taken == expected);
    RC_ASSERT(due.size() == taken.size());
    for (const DueLease& lease : due) {
      if (commits) {
        Drop(lease.lease->handle.value());
      } else {
        table_.GiveBack(lease, now_);
      }
    }
  }
  void CheckInvariants() const {
    RC_ASSERT(table_.size() == model_.size());
    for (const auto& entry : model_) {
      RC_ASSERT(table_.NextDeadline() <= std::max(entry.second.first, now_));
    }
  }

 private:
  LeaseTable table_;
  std::map<std::uint64_t, std::pair<MonotonicTime, absl::Duration>> model_;  // deadline, ttl
  MonotonicTime now_ = kStart;
  std::uint64_t sequence_ = kWallMs;
};

TEST(LeaseTablePropertyTest, TakesExactlyWhatTheModelSays) {
  EXPECT_TRUE(rc::check([] {
    TableAndModel both;
    const int steps = *rc::gen::inRange(1, 200);
    for (int step = 0; step < steps; ++step) {
      const auto handle = *rc::gen::inRange<std::uint64_t>(0, 12);
      const int what = *rc::gen::inRange(0, 8);
      if (what == 0) both.Grant(handle, absl::Seconds(*rc::gen::inRange(1, 120)));
      if (what == 1 || what == 2) both.Beat(handle);
      if (what == 3) both.Drop(handle);
      if (what == 4) both.Shift(absl::Seconds(*rc::gen::inRange(0, 30)));
      if (what == 5) both.Wait(absl::Milliseconds(*rc::gen::inRange(0, 40'000)));
      if (what > 5) both.Reap(*rc::gen::arbitrary<bool>());
      both.CheckInvariants();
    }
  }));
}

}  // namespace
}  // namespace omninode::registry
