#include "services/registry/api/snapshot_pins.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::registry {
namespace {

class SnapshotPinsTest : public ::testing::Test {
 protected:
  static PinnedSnapshotPtr Snapshot(std::uint64_t version) {
    return std::make_shared<const PinnedSnapshot>(PinnedSnapshot{.position = {1, version}});
  }
  std::optional<Reason> Refusal(std::string_view key) {
    return ReasonOf(pins_.Find(key, now_).status());
  }

  SnapshotPins pins_;
  MonotonicTime now_ = MonotonicTime::SinceBoot(absl::Hours(1));
};

TEST_F(SnapshotPinsTest, FindsWhatWasPinned) {
  pins_.Pin("a", Snapshot(1), now_);
  pins_.Pin("b", Snapshot(2), now_);
  EXPECT_EQ((*pins_.Find("a", now_))->position.version, 1u);
  EXPECT_EQ((*pins_.Find("b", now_))->position.version, 2u);
  EXPECT_EQ(Refusal("c"), Reason::kRevisionCompacted);
}

TEST_F(SnapshotPinsTest, APinLivesForItsTimeAndNotLonger) {
  pins_.Pin("a", Snapshot(1), now_);
  now_ = now_ + SnapshotPins::kMaxAge;
  EXPECT_TRUE(pins_.Find("a", now_).ok());
  now_ = now_ + absl::Nanoseconds(1);
  EXPECT_EQ(Refusal("a"), Reason::kRevisionCompacted);
}

TEST_F(SnapshotPinsTest, WhatIsTooOldIsReleased) {
  std::weak_ptr<const PinnedSnapshot> weak;
  {
    const auto snapshot = Snapshot(1);
    weak = snapshot;
    pins_.Pin("a", snapshot, now_);
  }
  now_ = now_ + SnapshotPins::kMaxAge + absl::Seconds(1);
  pins_.Pin("b", Snapshot(2), now_);
  EXPECT_TRUE(weak.expired());
}

TEST_F(SnapshotPinsTest, OneMoreThanTheBoundDropsTheOldest) {
  for (std::size_t i = 0; i < SnapshotPins::kMaxPins; ++i) {
    pins_.Pin(std::to_string(i), Snapshot(i), now_);
  }
  EXPECT_TRUE(pins_.Find("0", now_).ok());
  pins_.Pin("one more", Snapshot(0), now_);
  EXPECT_EQ(Refusal("0"), Reason::kRevisionCompacted);
  EXPECT_TRUE(pins_.Find("1", now_).ok());
}

}  // namespace
}  // namespace omninode::registry
