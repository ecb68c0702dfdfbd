#include "services/registry/watch/watch_cursor.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <absl/status/status.h>
#include <absl/time/time.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "services/registry/watch/testing/watch_world.h"

namespace omninode::registry {
namespace {

using directory::Position;
using testing::Consumer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::NodeSpec;
using testing::Spec;
using ::testing::StartsWith;
using testing::Tenant;
using testing::World;

WatchRequest Request() { return {.ns = Tenant()}; }
WatchRequest EveryVersion() {
  WatchRequest request = Request();
  request.min_interval = absl::ZeroDuration();
  return request;
}
WatchRequest InZone(const std::string& zone) {
  WatchRequest request = Request();
  request.scope = testing::ZoneScope(zone);
  return request;
}
WatchRequest ResumeAt(Position position, WatchRequest request = Request()) {
  request.resume = position;
  return request;
}

class WatchCursorTest : public ::testing::Test {
 protected:
  // A consumer that has read all there is.
  Consumer Reader(WatchRequest request) {
    Consumer consumer(world_, std::move(request));
    consumer.Read();
    return consumer;
  }
  void RegisterMany(int count, const std::string& zone = {}) {
    std::vector<Command> commands;
    for (int i = 0; i < count; ++i) {
      commands.push_back(Registration(Spec("w" + std::to_string(1000 + i), "1", zone)));
    }
    world_.Commit(std::move(commands));
  }
  // Makes every position before now unknown to the ring.
  void OverrunRing() {
    for (std::size_t i = 0; i <= testing::kLargeVersions; ++i) {
      world_.CommitOnly({testing::LargeRegistration(Spec("churn", std::to_string(++churned_)))});
    }
    world_.Publish();
    world_.Pump();
  }
  void ExpectEqual(const Consumer& consumer, const WatchScope& scope = {}) {
    EXPECT_TRUE(consumer.error.ok()) << consumer.error;
    EXPECT_TRUE(consumer.cut.ok()) << consumer.cut;
    EXPECT_EQ(consumer.mirror.hash(), world_.HashOf(scope.filter));
  }

  World world_;
  int churned_ = 0;
};

TEST_F(WatchCursorTest, BeginsWithASnapshotAndThenFollows) {
  world_.Register(Spec("w1"));
  Consumer consumer(world_, Request());
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("began 1:1", "chunk 1", "end 0->1"));
  world_.Register(Spec("w2"));
  EXPECT_EQ(consumer.notified(), 1);
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("diff 1->2 +w2"));
  ExpectEqual(consumer);
}

TEST_F(WatchCursorTest, AnEmptyNamespaceHasAnEmptySnapshot) {
  Consumer consumer(world_, Request());
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("began 1:0", "end 0->0"));
  ExpectEqual(consumer);
}

TEST_F(WatchCursorTest, NamesTheWatchAndItsWatcher) {
  WatchRequest request = Request();
  request.watcher_name = "gateway-1";
  Consumer first(world_, request);
  Consumer second(world_, request);
  EXPECT_EQ(first.cursor()->name(), "gateway-1");
  EXPECT_NE(first.cursor()->watch_id(), second.cursor()->watch_id());
  const WatchStep step = first.cursor()->Next(world_.now);
  const auto& began = std::get<WatchBegan>(std::get<WatchSend>(step).item);
  EXPECT_EQ(began.watch_id, first.cursor()->watch_id());
}

TEST_F(WatchCursorTest, ASnapshotComesInChunksOfBoundedCount) {
  RegisterMany(WatchCursor::kMaxChunkNodes);
  EXPECT_THAT(Reader(Request()).TakeLog(), ElementsAre("began 1:1", "chunk 256", "end 0->1"));
  world_.Register(Spec("one-more"));
  EXPECT_THAT(Reader(Request()).TakeLog(),
              ElementsAre("began 1:2", "chunk 256", "chunk 1", "end 0->2"));
}

TEST_F(WatchCursorTest, ASnapshotComesInChunksOfBoundedSize) {
  RegisterMany(3);
  Consumer consumer(world_, Request());
  // Capabilities are bounded, so it takes many to fill a chunk: make the evidence large instead.
  std::vector<Command> commands;
  for (const char* id : {"a", "b", "c"}) {
    RegisterCommand command = Registration(Spec(id));
    auto evidence = std::make_shared<Evidence>(*command.admitted.evidence);
    evidence->body = std::string(WatchCursor::kMaxChunkBytes / 2, 'x');
    command.admitted.evidence = evidence;
    commands.push_back(command);
  }
  world_.Commit(std::move(commands));
  WatchRequest request = Request();
  request.scope.with_evidence = true;
  EXPECT_THAT(Reader(request).TakeLog(),
              ElementsAre("began 1:2", "chunk 1", "chunk 1", "chunk 4", "end 0->2"));
  EXPECT_THAT(Reader(Request()).TakeLog(), ElementsAre("began 1:2", "chunk 6", "end 0->2"));
}

TEST_F(WatchCursorTest, DiffsDuringASnapshotFollowItWithoutGapOrRepetition) {
  RegisterMany(300);
  Consumer consumer(world_, EveryVersion());
  ASSERT_TRUE(consumer.ReadOne());  // began
  ASSERT_TRUE(consumer.ReadOne());  // first chunk
  world_.Remove("w1000");
  world_.Remove("w1299");
  world_.Register(Spec("new"));
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(),
              ElementsAre("began 1:1", "chunk 256", "chunk 44", "end 0->1", "diff 1->2 -w1000",
                          "diff 2->3 -w1299", "diff 3->4 +new"));
  ExpectEqual(consumer);
}

TEST_F(WatchCursorTest, ASnapshotMayBeAheadOfWhatIsPublished) {
  world_.CommitOnly({Registration(Spec("w1"))});
  Consumer consumer = Reader(Request());
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("began 1:0", "chunk 1", "end 0->1"));
  world_.Publish();
  world_.Pump();
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), IsEmpty());
  world_.Advance(WatchRequest::kDefaultMinInterval);
  world_.Register(Spec("w2"));
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("diff 1->2 +w2"));
  ExpectEqual(consumer);
}

TEST_F(WatchCursorTest, ASnapshotWithinAWindowGetsTheRestOfThatWindow) {
  Consumer first = Reader(Request());
  world_.Register(Spec("w1"));
  first.Read();
  world_.Register(Spec("w2"));  // waits for the interval
  Consumer second = Reader(Request());
  EXPECT_THAT(second.TakeLog(), ElementsAre("began 1:2", "chunk 2", "end 0->2"));
  world_.Register(Spec("w3"));
  world_.Advance(WatchRequest::kDefaultMinInterval);
  first.TakeLog();
  first.Read();
  second.Read();
  EXPECT_THAT(first.TakeLog(), ElementsAre("diff 1->3 +w2 +w3"));
  EXPECT_THAT(second.TakeLog(), ElementsAre("diff 2->3 +w3"));
  ExpectEqual(second);
}

TEST_F(WatchCursorTest, MergesWithinTheInterval) {
  Consumer consumer = Reader(Request());
  consumer.TakeLog();
  world_.Register(Spec("w1"));
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("diff 0->1 +w1"));
  world_.Register(Spec("w1", "2"));
  world_.Register(Spec("w2"));
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), IsEmpty());
  EXPECT_EQ(world_.next_tick, world_.now + WatchRequest::kDefaultMinInterval);
  world_.Advance(WatchRequest::kDefaultMinInterval);
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("diff 1->3 ~w1 +w2"));
  ExpectEqual(consumer);
}

TEST_F(WatchCursorTest, WithoutAnIntervalEveryVersionComesOnItsOwn) {
  Consumer consumer = Reader(EveryVersion());
  consumer.TakeLog();
  world_.CommitOnly({Registration(Spec("w1"))});
  world_.CommitOnly({Registration(Spec("w1", "2"))});
  world_.CommitOnly({Goodbye(Spec("w1"))});
  world_.Publish();
  world_.Pump();
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("diff 0->1 +w1", "diff 1->2 ~w1", "diff 2->3 -w1"));
}

TEST_F(WatchCursorTest, CatchingUpWithoutAnIntervalEveryVersionComesOnItsOwnToo) {
  world_.Register(Spec("w1"));
  world_.Register(Spec("w1", "2"));
  world_.Register(Spec("w1", "3"));
  Consumer consumer = Reader(ResumeAt({1, 1}, EveryVersion()));
  consumer.error = absl::OkStatus();  // its mirror never saw version 1
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("began 1:3", "diff 1->2 ~w1", "diff 2->3 ~w1"));
}

TEST_F(WatchCursorTest, AddedAndRemovedWithinAWindowMovesThePositionByABookmark) {
  Consumer consumer = Reader(Request());
  world_.Register(Spec("w1"));
  consumer.Read();
  world_.Register(Spec("w2"));
  world_.Remove("w2");
  consumer.TakeLog();
  world_.Advance(WatchRequest::kDefaultMinInterval);
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), IsEmpty());
  world_.Advance(Cohort::kMaxPositionLag);
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("bookmark 1->3"));
  ExpectEqual(consumer);
}

TEST_F(WatchCursorTest, UnshownVersionsMoveThePositionSoonButNotEachByItself) {
  Consumer consumer = Reader(InZone("north"));
  consumer.TakeLog();
  world_.Advance(absl::Seconds(2));
  world_.Register(Spec("w1", "1", "south"));
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("bookmark 0->1"));
  for (int i = 0; i < 5; ++i) {
    world_.Register(Spec("w1", std::to_string(i), "south"));
    world_.Advance(absl::Milliseconds(100));
    consumer.Read();
  }
  EXPECT_THAT(consumer.TakeLog(), IsEmpty());
  world_.Advance(absl::Milliseconds(500));
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("bookmark 1->6"));
}

TEST_F(WatchCursorTest, ADiffAfterUnshownVersionsSpansThem) {
  Consumer consumer = Reader(InZone("north"));
  consumer.TakeLog();
  world_.Register(Spec("w1", "1", "south"));
  world_.Register(Spec("w2", "1", "south"));
  world_.Register(Spec("w3", "1", "north"));
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("diff 0->3 +w3"));
  ExpectEqual(consumer, testing::ZoneScope("north"));
}

TEST_F(WatchCursorTest, ASnapshotShowsTheFilterAndNoHash) {
  world_.Commit({Registration(Spec("w1", "1", "north")), Registration(Spec("w2", "1", "south"))});
  Consumer consumer(world_, InZone("north"));
  consumer.cursor()->Next(world_.now);
  consumer.cursor()->Next(world_.now);
  const WatchStep step = consumer.cursor()->Next(world_.now);
  EXPECT_EQ(std::get<WatchSnapshotEnd>(std::get<WatchSend>(step).item).hash, std::nullopt);
  Consumer reader = Reader(InZone("north"));
  EXPECT_THAT(reader.TakeLog(), ElementsAre("began 1:1", "chunk 1", "end 0->1"));
  ExpectEqual(reader, testing::ZoneScope("north"));
}

TEST_F(WatchCursorTest, OnlyEvidenceIsShownToWhoAskedForIt) {
  WatchRequest request = Request();
  request.scope.with_evidence = true;
  Consumer with = Reader(request);
  Consumer without = Reader(Request());
  world_.Register(Spec("w1"));
  with.Read();
  without.Read();
  with.TakeLog();
  without.TakeLog();
  world_.Advance(absl::Seconds(1));
  NodeSpec signed_anew = Spec("w1");
  signed_anew.leaf = "leaf-2";
  world_.Register(signed_anew);
  with.Read();
  without.Read();
  EXPECT_THAT(with.TakeLog(), ElementsAre("diff 1->2 ~w1"));
  EXPECT_THAT(without.TakeLog(), ElementsAre("bookmark 1->2"));
  ExpectEqual(with);
  ExpectEqual(without);
}

// --- Bookmarks.

TEST_F(WatchCursorTest, AnIdleWatchGetsBookmarksWithTheHashOfExactlyThatPosition) {
  world_.Register(Spec("w1"));
  Consumer consumer = Reader(Request());
  consumer.TakeLog();
  EXPECT_EQ(consumer.wait_until, world_.now + WatchRequest::kDefaultBookmarkInterval);
  world_.Advance(WatchRequest::kDefaultBookmarkInterval - absl::Milliseconds(1));
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), IsEmpty());
  world_.Advance(absl::Milliseconds(1));
  ASSERT_NE(consumer.cursor(), nullptr);
  const WatchStep step = consumer.cursor()->Next(world_.now);
  const auto& bookmark = std::get<WatchBookmark>(std::get<WatchSend>(step).item);
  EXPECT_EQ(bookmark.position, world_.head());
  EXPECT_EQ(bookmark.hash, world_.state().hash());
  EXPECT_EQ(bookmark.age, world_.Age(Tenant(), world_.now));
}

TEST_F(WatchCursorTest, AMessagePutsTheNextBookmarkOff) {
  Consumer consumer = Reader(Request());
  world_.Advance(absl::Seconds(9));
  world_.Register(Spec("w1"));
  consumer.Read();
  consumer.TakeLog();
  world_.Advance(absl::Seconds(9));
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), IsEmpty());
  world_.Advance(absl::Seconds(1));
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("bookmark 1->1"));
}

TEST_F(WatchCursorTest, ABookmarkDuringAWindowHasTheHashOfItsPositionNotOfTheHead) {
  WatchRequest request = Request();
  request.min_interval = absl::Seconds(1);
  request.bookmark_interval = absl::Milliseconds(100);
  Consumer consumer = Reader(request);
  world_.Register(Spec("w1"));
  consumer.Read();
  world_.Register(Spec("w2"));  // pending for a second
  consumer.TakeLog();
  world_.Advance(absl::Milliseconds(100));
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("bookmark 1->1"));
  EXPECT_TRUE(consumer.error.ok()) << consumer.error;
}

// --- Resuming.

TEST_F(WatchCursorTest, AResumeAtTheHeadHasNothingToSend) {
  world_.Register(Spec("w1"));
  EXPECT_THAT(Reader(ResumeAt({1, 1})).TakeLog(), ElementsAre("began 1:1"));
}

TEST_F(WatchCursorTest, AResumeContinuesAfterItsPosition) {
  Consumer consumer = Reader(Request());
  consumer.Disconnect();
  consumer.TakeLog();
  world_.Register(Spec("w1"));
  world_.Register(Spec("w2"));
  world_.Remove("w1");
  consumer.Reconnect();
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("began 1:3", "diff 0->3 +w2"));
  ExpectEqual(consumer);
}

TEST_F(WatchCursorTest, AFilteredResumeContinuesAfterItsPosition) {
  Consumer consumer = Reader(InZone("north"));
  world_.Register(Spec("w1", "1", "north"));
  consumer.Read();
  consumer.Disconnect();
  world_.Register(Spec("w1", "1", "south"));
  world_.Register(Spec("w2", "1", "north"));
  consumer.TakeLog();
  consumer.Reconnect();
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("began 1:3", "diff 1->3 -w1 +w2"));
  ExpectEqual(consumer, testing::ZoneScope("north"));
}

TEST_F(WatchCursorTest, AResumeThatIsTooOldBeginsWithASnapshot) {
  Consumer consumer = Reader(Request());
  consumer.Disconnect();
  OverrunRing();
  consumer.TakeLog();
  consumer.Reconnect();
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(),
              ElementsAre("began 1:6", "resync compacted", "chunk 1", "end 0->6"));
  ExpectEqual(consumer);
}

TEST_F(WatchCursorTest, TheOldestPositionInTheRingCanBeResumed) {
  OverrunRing();
  EXPECT_THAT(Reader(ResumeAt({1, 1})).TakeLog()[1], StartsWith("diff 1->"));
  EXPECT_EQ(Reader(ResumeAt({1, 0})).TakeLog()[1], "resync compacted");
}

TEST_F(WatchCursorTest, AResumeOfAnotherHistoryBeginsWithASnapshot) {
  EXPECT_THAT(Reader(ResumeAt({0, 0})).TakeLog(),
              ElementsAre("began 1:0", "resync incarnation", "end 0->0"));
}

TEST_F(WatchCursorTest, AResumeAheadWaitsForThisInstance) {
  world_.CommitOnly({Registration(Spec("w1"))});
  Consumer consumer = Reader(ResumeAt({1, 1}));
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("began 1:0"));
  EXPECT_EQ(consumer.wait_until, world_.now + WatchCursor::kMaxAheadWait);
  world_.Advance(absl::Seconds(1));
  world_.Publish();
  world_.Pump();
  world_.Advance(absl::Seconds(2));
  consumer.Read();
  EXPECT_EQ(consumer.resyncs, 0);
  world_.Register(Spec("w2"));
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("diff 1->2 +w2"));
}

TEST_F(WatchCursorTest, AResumeAheadForTooLongBeginsWithASnapshot) {
  for (const Position ahead : {Position{1, 1}, Position{2, 0}}) {
    Consumer consumer = Reader(ResumeAt(ahead));
    world_.Advance(WatchCursor::kMaxAheadWait - absl::Milliseconds(1));
    consumer.Read();
    EXPECT_THAT(consumer.TakeLog(), ElementsAre("began 1:0"));
    world_.Advance(absl::Milliseconds(1));
    consumer.Read();
    EXPECT_EQ(consumer.TakeLog()[0], "resync ahead");
    ExpectEqual(consumer);
  }
}

// --- Slow readers.

TEST_F(WatchCursorTest, AWatcherWithASendInProgressIsNotNotified) {
  Consumer consumer = Reader(Request());
  world_.Register(Spec("w1"));
  EXPECT_EQ(consumer.notified(), 1);
  world_.Advance(absl::Seconds(1));
  world_.Register(Spec("w2"));
  EXPECT_EQ(consumer.notified(), 1);
}

TEST_F(WatchCursorTest, AWatcherThatIsALittleLateGetsTheSharedMessages) {
  Consumer fast = Reader(EveryVersion());
  Consumer late = Reader(EveryVersion());
  for (int i = 0; i < 10; ++i) {
    world_.Register(Spec("w1", std::to_string(i)));
    fast.Read();
  }
  late.TakeLog();
  late.Read();
  EXPECT_EQ(late.TakeLog().size(), 10u);
  EXPECT_EQ(world_.encoder.encodes(), 10u) << "each is made once";
  ExpectEqual(late);
}

TEST_F(WatchCursorTest, AWatcherBehindTheSharedMessagesIsServedFromTheRing) {
  world_.encoder.padding = Cohort::kMaxItemBytes / 4;
  Consumer fast = Reader(Request());
  Consumer late = Reader(Request());
  for (int i = 0; i < 20; ++i) {
    world_.Register(Spec("w" + std::to_string(i)));
    world_.Advance(absl::Seconds(1));
    fast.Read();
  }
  late.TakeLog();
  late.Read();
  const std::vector<std::string> log = late.TakeLog();
  EXPECT_THAT(log.front(), StartsWith("diff 0->"));
  EXPECT_LT(log.size(), 10u) << "what is not shared is merged";
  EXPECT_EQ(late.resyncs, 0);
  ExpectEqual(late);
}

TEST_F(WatchCursorTest, AWatcherBehindTheRingBeginsAgainWithASnapshot) {
  Consumer consumer = Reader(Request());
  OverrunRing();
  OverrunRing();
  consumer.TakeLog();
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog().back(), StartsWith("end"));
  EXPECT_EQ(consumer.resyncs, 1);
  ExpectEqual(consumer);
}

TEST_F(WatchCursorTest, AWatcherThatIsTooSlowTooOftenIsCut) {
  Consumer consumer = Reader(Request());
  for (std::size_t i = 0; i < WatchCursor::kMaxSlowResyncs; ++i) {
    OverrunRing();
    OverrunRing();
    consumer.Read();
    EXPECT_EQ(consumer.resyncs, static_cast<int>(i) + 1);
    EXPECT_TRUE(consumer.cut.ok());
  }
  OverrunRing();
  OverrunRing();
  consumer.Read();
  EXPECT_EQ(consumer.TakeLog().back(), "cut WATCH_SLOW");
  EXPECT_EQ(ReasonOf(consumer.cut), Reason::kWatchSlow);
}

TEST_F(WatchCursorTest, BeingSlowIsForgivenAfterAWhile) {
  Consumer consumer = Reader(Request());
  for (std::size_t i = 0; i < 2 * WatchCursor::kMaxSlowResyncs; ++i) {
    OverrunRing();
    OverrunRing();
    consumer.Read();
    world_.Advance(WatchCursor::kSlowWindow / WatchCursor::kMaxSlowResyncs);
    consumer.Read();
  }
  EXPECT_EQ(consumer.resyncs, static_cast<int>(2 * WatchCursor::kMaxSlowResyncs));
  ExpectEqual(consumer);
}

TEST_F(WatchCursorTest, ASnapshotThatTakesTooLongToReadBeginsAgain) {
  RegisterMany(300);
  Consumer consumer(world_, Request());
  consumer.ReadOne();
  consumer.ReadOne();
  Consumer other = Reader(Request());  // keeps the ticks coming
  OverrunRing();
  other.Read();
  EXPECT_EQ(world_.hub.stats().feeds.snapshots, 0u) << "useless ones are not pinned";
  consumer.TakeLog();
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog()[0], "resync slow");
  ExpectEqual(consumer);
}

TEST_F(WatchCursorTest, AStuckWatcherHoldsNoMessagesAndNoSnapshot) {
  world_.encoder.padding = 1000;
  Consumer stuck = Reader(EveryVersion());
  for (int i = 0; i < 1000; ++i) world_.Register(Spec("w1", std::to_string(i)));
  const NamespaceFeed::Stats stats = world_.hub.stats().feeds;
  EXPECT_LE(stats.item_bytes, 2000u) << "nothing is made for who does not take it";
  EXPECT_EQ(stats.snapshots, 0u);
  stuck.Read();
  ExpectEqual(stuck);
}

// --- Sharing, stopping, new histories.

TEST_F(WatchCursorTest, WatchersOfOneKindShareEveryMessage) {
  std::vector<std::unique_ptr<Consumer>> consumers;
  for (int i = 0; i < 50; ++i) {
    consumers.push_back(std::make_unique<Consumer>(world_, Request()));
    consumers.back()->Read();
  }
  EXPECT_EQ(world_.hub.stats().feeds.cohorts, 1u);
  for (int i = 0; i < 10; ++i) {
    world_.Register(Spec("w" + std::to_string(i)));
    world_.Advance(absl::Seconds(1));
    for (auto& consumer : consumers) consumer->Read();
  }
  EXPECT_EQ(world_.encoder.encodes(), 10u);
  for (auto& consumer : consumers) ExpectEqual(*consumer);
}

TEST_F(WatchCursorTest, OtherFiltersIntervalsAndWishesAreOtherKinds) {
  WatchRequest evidence = Request();
  evidence.scope.with_evidence = true;
  Consumer a(world_, Request());
  Consumer b(world_, EveryVersion());
  Consumer c(world_, InZone("north"));
  Consumer d(world_, evidence);
  EXPECT_EQ(world_.hub.stats().feeds.cohorts, 4u);
  d.Disconnect();
  EXPECT_EQ(world_.hub.stats().feeds.cohorts, 3u);
}

TEST_F(WatchCursorTest, DrainingIsToldOnceAndTheStreamGoesOn) {
  Consumer consumer = Reader(Request());
  consumer.TakeLog();
  world_.hub.Drain();
  world_.Pump();
  world_.Register(Spec("w1"));
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("draining", "diff 0->1 +w1"));
  ExpectEqual(consumer);
}

TEST_F(WatchCursorTest, DrainingIsToldDuringASnapshotToo) {
  RegisterMany(300);
  Consumer consumer(world_, Request());
  consumer.ReadOne();
  consumer.ReadOne();
  world_.hub.Drain();
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(),
              ElementsAre("began 1:1", "chunk 256", "draining", "chunk 44", "end 0->1"));
  ExpectEqual(consumer);
}

TEST_F(WatchCursorTest, ANewIncarnationIsToldAtOnce) {
  Consumer consumer = Reader(Request());
  consumer.TakeLog();
  AppliedRecord other;
  other.diff.position = {2, 0};
  world_.hub.Publish(Tenant(), other);
  world_.Pump();
  EXPECT_EQ(consumer.notified(), 1);
  ASSERT_TRUE(consumer.ReadOne());
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("resync incarnation"));
}

TEST_F(WatchCursorTest, AGapInWhatIsPublishedEndsInASnapshotNotInALoss) {
  Consumer consumer = Reader(Request());
  world_.harness.Run({Registration(Spec("w1"))});
  world_.harness.Run({Registration(Spec("w2"))});
  // Version 1 is lost on its way to the hub.
  world_.hub.Publish(Tenant(), world_.harness.applied.back());
  world_.Pump();
  consumer.Read();
  EXPECT_EQ(consumer.resyncs, 1);
  ExpectEqual(consumer);
}

TEST_F(WatchCursorTest, AHistoryThatContradictsItselfEndsInASnapshot) {
  WatchRequest request = Request();
  request.min_interval = absl::Seconds(1);
  Consumer consumer = Reader(request);
  world_.Register(Spec("w1"));
  consumer.Read();
  world_.Register(Spec("w2"));
  AppliedRecord wrong = world_.harness.applied.back();
  wrong.previous_version = 2;
  wrong.diff.position.version = 3;  // w2 is added again
  world_.hub.Publish(Tenant(), wrong);
  consumer.TakeLog();
  world_.Advance(absl::Seconds(1));
  consumer.ReadOne();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("resync compacted"));
}

TEST_F(WatchCursorTest, PublishingTheSameAgainChangesNothing) {
  Consumer consumer = Reader(Request());
  world_.Register(Spec("w1"));
  world_.Register(Spec("w2"));
  for (const AppliedRecord& known : world_.harness.applied) world_.hub.Publish(Tenant(), known);
  world_.Pump();
  EXPECT_EQ(world_.hub.stats().feeds.ring_diffs, 2u);
  consumer.TakeLog();
  consumer.Read();
  world_.Advance(absl::Seconds(1));
  consumer.Read();
  EXPECT_THAT(consumer.TakeLog(), ElementsAre("diff 0->1 +w1", "diff 1->2 +w2"));
}

TEST_F(WatchCursorTest, AskingBeforeBeingNotifiedEndsTheWait) {
  Consumer consumer = Reader(Request());
  world_.hub.Drain();
  // Something else than the notifier made the writer ask: it is writing now, and needs no call.
  const WatchStep step = consumer.cursor()->Next(world_.now);
  ASSERT_TRUE(std::holds_alternative<WatchDraining>(std::get<WatchSend>(step).item));
  world_.Register(Spec("w1"));
  EXPECT_EQ(consumer.notified(), 0);
}

TEST_F(WatchCursorTest, ANamespaceWithoutStateEndsTheWatch) {
  AppliedRecord stray;
  stray.diff.position = {1, 0};
  const NamespaceName ghost = *NamespaceName::Parse("ghost");
  world_.hub.Publish(ghost, stray);
  auto cursor = world_.hub.Open({.ns = ghost}, [] {}).value();
  cursor->Next(world_.now);
  const WatchStep step = cursor->Next(world_.now);
  EXPECT_EQ(ReasonOf(std::get<WatchCut>(step).status), Reason::kNamespaceUnknown);
}

}  // namespace
}  // namespace omninode::registry
