#include "services/registry/watch/namespace_feed.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <absl/time/time.h>
#include <gtest/gtest.h>

#include "services/registry/watch/testing/watch_world.h"

// What lies between two calls of a cursor or within a tick; the rest is tested through cursors.
namespace omninode::registry {
namespace {

using directory::Position;
using testing::Spec;
using testing::Tenant;

// Lets something happen while a message is being made.
class InterruptedEncoder final : public DiffEncoder {
 public:
  explicit InterruptedEncoder(std::function<void()> interrupt) : interrupt_(std::move(interrupt)) {}
  EncodedDiffPtr Encode(const directory::TopologyDiff&, const DiffContext&) const override {
    interrupt_();
    return std::make_shared<const EncodedDiff>(EncodedDiff{"x"});
  }

 private:
  std::function<void()> interrupt_;
};

class NamespaceFeedTest : public ::testing::Test {
 protected:
  std::shared_ptr<WatchMember> Join() {
    return feed_.Join({}, absl::ZeroDuration(), [this] { ++notified_; }).value();
  }
  // The next version with one node added.
  AppliedRecord Next() {
    const std::string id = "w" + std::to_string(++nodes_);
    harness_.Run({Registration(Spec(id))});
    return harness_.applied.back();
  }
  MonotonicTime Later() const { return now_ + absl::Hours(1); }
  void SetUp() override { harness_.Run({testing::Creation("tenant-a")}); }

  const MonotonicTime now_ = MonotonicTime::SinceBoot(absl::Hours(1));
  testing::Harness harness_;
  testing::FakeEncoder encoder_;
  int nodes_ = 0;
  int notified_ = 0;
  std::vector<MonotonicTime> requested_;
  NamespaceFeed feed_{Tenant(), DiffRing({1, 0}), {}, [this](NamespaceFeed&, MonotonicTime due) {
                        requested_.push_back(due);
                      }};
};

TEST_F(NamespaceFeedTest, AMessageMadeBetweenLookingAndWaitingIsNotMissed) {
  const auto waiting = Join();
  const auto late = Join();
  ASSERT_TRUE(feed_.Wait(*waiting, {1, 0}, Later()));
  ASSERT_TRUE(std::holds_alternative<FeedUpToDate>(feed_.Pull(*late, {1, 0}).next));
  feed_.Publish(Next());
  feed_.Tick(now_, encoder_);
  EXPECT_EQ(notified_, 1);
  EXPECT_FALSE(feed_.Wait(*late, {1, 0}, Later()));
  EXPECT_FALSE(late->waiting);
  const Pulled pulled = feed_.Pull(*late, {1, 0});
  EXPECT_EQ(std::get<FeedMessage>(pulled.next).position, (Position{1, 1}));
  EXPECT_TRUE(feed_.Wait(*late, {1, 1}, Later()));
}

TEST_F(NamespaceFeedTest, AVersionPublishedBetweenLookingAndWaitingAsksForATick) {
  const auto member = Join();
  ASSERT_TRUE(std::holds_alternative<FeedUpToDate>(feed_.Pull(*member, {1, 0}).next));
  feed_.Publish(Next());
  EXPECT_EQ(requested_.back(), MonotonicTime::InfiniteFuture()) << "nobody waits yet";
  ASSERT_TRUE(feed_.Wait(*member, {1, 0}, Later()));
  EXPECT_LE(requested_.back(), now_);
  feed_.Tick(now_, encoder_);
  EXPECT_EQ(notified_, 1);
}

TEST_F(NamespaceFeedTest, WaitingForAHistoryThatEndedIsRefused) {
  const auto member = Join();
  AppliedRecord restored;
  restored.diff.position = {2, 0};
  feed_.Publish(restored);
  EXPECT_FALSE(feed_.Wait(*member, {1, 0}, Later()));
  EXPECT_TRUE(std::holds_alternative<FeedOtherIncarnation>(feed_.Pull(*member, {1, 0}).next));
}

TEST_F(NamespaceFeedTest, AMessageOfAHistoryThatEndedMeanwhileIsDropped) {
  const auto member = Join();
  ASSERT_TRUE(feed_.Wait(*member, {1, 0}, Later()));
  feed_.Publish(Next());
  const InterruptedEncoder interrupted([&] {
    AppliedRecord restored;
    restored.diff.position = {2, 0};
    feed_.Publish(restored);
  });
  EXPECT_LE(feed_.Tick(now_, interrupted), now_) << "all are to hear of the new history";
  EXPECT_EQ(notified_, 0);
  feed_.Tick(now_, encoder_);
  EXPECT_EQ(notified_, 1);
  EXPECT_TRUE(std::holds_alternative<FeedUpToDate>(feed_.Pull(*member, {2, 0}).next));
}

TEST_F(NamespaceFeedTest, AMemberMayLeaveWhileItsMessageIsMade) {
  auto member = Join();
  ASSERT_TRUE(feed_.Wait(*member, {1, 0}, Later()));
  feed_.Publish(Next());
  const InterruptedEncoder interrupted([&] {
    feed_.Leave(*member);
    member.reset();
  });
  EXPECT_EQ(feed_.Tick(now_, interrupted), MonotonicTime::InfiniteFuture());
  EXPECT_EQ(notified_, 0);
  EXPECT_EQ(feed_.stats().cohorts, 0u);
}

TEST_F(NamespaceFeedTest, WhoWaitedLongEnoughIsNotifiedOnce) {
  const auto member = Join();
  ASSERT_TRUE(feed_.Wait(*member, {1, 0}, now_ + absl::Seconds(1)));
  EXPECT_EQ(feed_.Tick(now_, encoder_), now_ + absl::Seconds(1));
  EXPECT_EQ(notified_, 0);
  EXPECT_EQ(feed_.Tick(now_ + absl::Seconds(1), encoder_), MonotonicTime::InfiniteFuture());
  EXPECT_EQ(notified_, 1);
  EXPECT_FALSE(member->waiting);
}

TEST_F(NamespaceFeedTest, SnapshotsAreSharedAtTheHeadAndReleased) {
  testing::World world;
  world.Register(Spec("w1"));
  NamespaceFeed feed(Tenant(), DiffRing(world.head()), {}, [](NamespaceFeed&, MonotonicTime) {});
  const SharedSnapshotPtr first = feed.BeginSnapshot(world).value();
  EXPECT_EQ(feed.BeginSnapshot(world).value(), first);
  feed.EndSnapshot(first.get());
  EXPECT_EQ(feed.stats().snapshots, 1u);
  feed.EndSnapshot(first.get());
  EXPECT_EQ(feed.stats().snapshots, 0u);
}

}  // namespace
}  // namespace omninode::registry
