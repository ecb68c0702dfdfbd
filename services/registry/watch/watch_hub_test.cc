#include "services/registry/watch/watch_hub.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
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
using testing::Spec;
using testing::Tenant;
using testing::World;

WatchRequest Request() { return {.ns = Tenant()}; }

std::optional<Reason> Refused(WatchHub& hub, const WatchRequest& request) {
  return ReasonOf(hub.Open(request, [] {}).status());
}

TEST(WatchHubTest, RefusesWhatItDoesNotKnowOrUnderstand) {
  World world;
  EXPECT_EQ(Refused(world.hub, {.ns = *NamespaceName::Parse("other")}), Reason::kNamespaceUnknown);
  WatchRequest request = Request();
  request.min_interval = absl::Hours(1);
  EXPECT_EQ(Refused(world.hub, request), Reason::kArgumentInvalid);
  EXPECT_EQ(Refused(world.hub, Request()), std::nullopt);
}

TEST(WatchHubTest, BoundsTheWatchersOfANamespace) {
  World world({.feed = {.watchers = 2}});
  auto first = world.hub.Open(Request(), [] {}).value();
  auto second = world.hub.Open(Request(), [] {}).value();
  const absl::Status third = world.hub.Open(Request(), [] {}).status();
  EXPECT_EQ(ReasonOf(third), Reason::kLoadShed);
  EXPECT_TRUE(RetryAfterOf(third).has_value());
  second.reset();
  EXPECT_EQ(Refused(world.hub, Request()), std::nullopt);
}

TEST(WatchHubTest, BoundsTheKindsOfWatchesOfANamespaceButNotTheirWatchers) {
  World world({.feed = {.cohorts = 2}});
  const auto zone = [](const std::string& name) {
    WatchRequest request = Request();
    request.scope = testing::ZoneScope(name);
    return request;
  };
  auto first = world.hub.Open(zone("a"), [] {}).value();
  auto second = world.hub.Open(zone("b"), [] {}).value();
  EXPECT_EQ(Refused(world.hub, zone("c")), Reason::kLoadShed);
  EXPECT_EQ(Refused(world.hub, zone("b")), std::nullopt);
  EXPECT_EQ(world.hub.stats().feeds.watchers, 2u);
}

TEST(WatchHubTest, BoundsTheWatchersOfTheProcess) {
  World world({.watchers = 2});
  world.hub.Restore(*NamespaceName::Parse("other"), {.position = {1, 0}}, {});
  auto first = world.hub.Open(Request(), [] {}).value();
  auto second = world.hub.Open({.ns = *NamespaceName::Parse("other")}, [] {}).value();
  EXPECT_EQ(Refused(world.hub, Request()), Reason::kLoadShed);
  first.reset();
  EXPECT_EQ(Refused(world.hub, Request()), std::nullopt);
}

TEST(WatchHubTest, TheDefaultBoundsHold) {
  World world;
  std::vector<std::unique_ptr<WatchCursor>> cursors;
  for (std::size_t i = 0; i < FeedLimits::kMaxWatchersPerNamespace; ++i) {
    cursors.push_back(world.hub.Open(Request(), [] {}).value());
  }
  EXPECT_EQ(Refused(world.hub, Request()), Reason::kLoadShed);
  EXPECT_EQ(world.hub.stats().feeds.watchers, FeedLimits::kMaxWatchersPerNamespace);
  cursors.clear();
  EXPECT_EQ(world.hub.stats().feeds.watchers, 0u);
  EXPECT_EQ(world.hub.stats().feeds.cohorts, 0u);
}

TEST(WatchHubTest, PublishDoesNothingForWatchersItself) {
  World world;
  Consumer consumer(world, Request());
  consumer.Read();
  world.CommitOnly({Registration(Spec("w1"))});
  world.Publish();
  EXPECT_EQ(consumer.notified(), 0);
  EXPECT_EQ(world.encoder.encodes(), 0u);
  world.Pump();
  EXPECT_EQ(consumer.notified(), 1);
  EXPECT_EQ(world.encoder.encodes(), 1u);
}

TEST(WatchHubTest, WakesTheTickingThreadOnceWhenSomethingIsDueSooner) {
  World world;
  Consumer consumer(world, Request());
  consumer.Read();
  world.wakes = 0;
  world.CommitOnly({Registration(Spec("w1"))});
  world.CommitOnly({Registration(Spec("w2"))});
  world.Publish();
  EXPECT_EQ(world.wakes, 1);
  world.Pump();
  consumer.Read();
  world.wakes = 0;
  world.CommitOnly({Registration(Spec("w3"))});
  world.Publish();  // due within the interval: that is when the watcher's wait already asked for
  EXPECT_LE(world.wakes, 1);
  world.Pump();
  EXPECT_EQ(world.next_tick, world.now + WatchRequest::kDefaultMinInterval);
}

TEST(WatchHubTest, DoesNotWakeTheTickingThreadWhenNobodyWatches) {
  World world;
  world.wakes = 0;
  world.CommitOnly({Registration(Spec("w1"))});
  world.Publish();
  EXPECT_EQ(world.wakes, 0);
  EXPECT_EQ(world.hub.Tick(world.now), MonotonicTime::InfiniteFuture());
}

TEST(WatchHubTest, AnIdleHubComesBackForBookmarks) {
  World world;
  Consumer consumer(world, Request());
  consumer.Read();
  EXPECT_EQ(world.next_tick, world.now + WatchRequest::kDefaultBookmarkInterval);
  consumer.Disconnect();
  world.Advance(WatchRequest::kDefaultBookmarkInterval);
  EXPECT_EQ(world.next_tick, MonotonicTime::InfiniteFuture());
}

TEST(WatchHubTest, DrainRefusesNewWatchesAndEndsWaits) {
  World world;
  std::optional<Reason> reason;
  world.hub.WaitForVersion(
      Tenant(), {1, 5}, world.now + absl::Seconds(1),
      [&](absl::StatusOr<Position> answer) { reason = ReasonOf(answer.status()); });
  world.hub.Drain();
  EXPECT_EQ(reason, Reason::kShuttingDown);
  EXPECT_EQ(Refused(world.hub, Request()), Reason::kShuttingDown);
}

TEST(WatchHubTest, AnswersWhoWaitsForAVersion) {
  World world;
  std::vector<Position> answers;
  const auto collect = [&](absl::StatusOr<Position> answer) { answers.push_back(answer.value()); };
  world.Register(Spec("w1"));
  world.hub.WaitForVersion(Tenant(), {1, 1}, world.now + absl::Seconds(1), collect);
  EXPECT_THAT(answers, ElementsAre(Position{1, 1}));
  world.hub.WaitForVersion(Tenant(), {1, 2}, world.now + absl::Seconds(1), collect);
  world.Pump();
  EXPECT_EQ(world.next_tick, world.now + absl::Seconds(1));
  world.Register(Spec("w2"));
  EXPECT_THAT(answers, ElementsAre(Position{1, 1}, Position{1, 2}));
  EXPECT_EQ(world.hub.stats().waiters, 0u);
}

TEST(WatchHubTest, WaitsForAVersionEndAtTheirDeadline) {
  World world;
  std::optional<Reason> reason;
  world.wakes = 0;
  world.hub.WaitForVersion(
      Tenant(), {1, 2}, world.now + absl::Seconds(1),
      [&](absl::StatusOr<Position> answer) { reason = ReasonOf(answer.status()); });
  EXPECT_EQ(world.wakes, 1);
  world.Pump();
  world.Advance(absl::Seconds(1));
  EXPECT_EQ(reason, Reason::kDeadline);
}

// --- After a restart.

// A hub over the same state, as a new process finds it in its store.
class RestartTest : public ::testing::Test {
 protected:
  RestartTest() {
    world_.Register(Spec("w1", "1", "north"));
    world_.Register(Spec("w2", "1", "south"));
    world_.Register(Spec("w1", "2", "north"));
    std::vector<LoggedDiff> log;
    for (const AppliedRecord& applied : world_.harness.applied) {
      if (applied.diff.changes.empty()) continue;
      log.push_back({applied.previous_version, applied.diff, applied.after});
    }
    hub_.Restore(Tenant(), {world_.head(), world_.state().hash(), 2}, std::move(log));
  }

  // What a watch that resumes at `version` sends first after WatchBegan.
  WatchItem FirstItem(WatchRequest request, std::uint64_t version) {
    request.resume = Position{1, version};
    auto cursor = hub_.Open(request, [] {}).value();
    cursor->Next(world_.now);
    return std::get<WatchSend>(cursor->Next(world_.now)).item;
  }

  World world_;
  WatchHub hub_{{.encoder = world_.encoder, .snapshots = world_, .wake = [] {}}};
};

TEST_F(RestartTest, AnUnfilteredWatchResumesFromTheLog) {
  const WatchItem item = FirstItem(Request(), 1);
  const auto made = world_.encoder.Decode(*std::get<WatchDiff>(item).encoded);
  EXPECT_EQ(testing::TextOf(made.diff), "~w1 +w2");
  EXPECT_EQ(made.nodes, 2u);
}

TEST_F(RestartTest, AFilteredWatchBeginsAgainBecauseTheLogDoesNotSayWhatWasBefore) {
  WatchRequest request = Request();
  request.scope = testing::ZoneScope("north");
  EXPECT_EQ(std::get<WatchResync>(FirstItem(request, 1)).reason, ResyncReason::kCompacted);
}

TEST_F(RestartTest, AtTheHeadEveryWatchResumes) {
  WatchRequest request = Request();
  request.scope = testing::ZoneScope("north");
  request.resume = world_.head();
  auto cursor = hub_.Open(request, [] {}).value();
  cursor->Next(world_.now);
  EXPECT_TRUE(std::holds_alternative<WatchWait>(cursor->Next(world_.now)));
}

TEST_F(RestartTest, TheHeadIsKnownToWhoWaitsForIt) {
  std::optional<Position> answer;
  hub_.WaitForVersion(Tenant(), world_.head(), world_.now,
                      [&](absl::StatusOr<Position> position) { answer = position.value(); });
  EXPECT_EQ(answer, world_.head());
}

// --- Threads: one publishes, one ticks, several read.

// Lets a thread sleep until poked.
class Bell {
 public:
  void Ring() {
    MutexLock lock(mutex_);
    rung_ = true;
    changed_.NotifyAll();
  }
  void Await() {
    MutexLock lock(mutex_);
    while (!rung_) changed_.WaitFor(mutex_, absl::Milliseconds(5));
    rung_ = false;
  }
  // As Await, for at most a moment.
  void AwaitBriefly() {
    MutexLock lock(mutex_);
    if (!rung_) changed_.WaitFor(mutex_, absl::Milliseconds(1));
    rung_ = false;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  bool rung_ ABSL_GUARDED_BY(mutex_) = false;
};

// The table that a server has: written by one thread, read by all.
class TableSource final : public SnapshotSource {
 public:
  explicit TableSource(TopologyTable& table) : table_(table) {}
  absl::StatusOr<NamespaceSnapshot> TakeSnapshot(const NamespaceName& ns) const override {
    return table_.TakeSnapshot(ns);
  }
  absl::Duration Age(const NamespaceName&, MonotonicTime) const override {
    return absl::ZeroDuration();
  }

 private:
  TopologyTable& table_;
};

MonotonicTime RealNow() {
  return MonotonicTime::SinceBoot(
      absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()));
}

class ThreadsTest : public ::testing::Test {
 protected:
  static constexpr int kVersions = 400;

  void PublishAll() {
    for (int i = 0; i < kVersions; ++i) {
      const std::string id = "w" + std::to_string(i % 17);
      std::vector<Command> commands;
      if (i % 5 == 4) {
        commands.push_back(Goodbye(Spec(id)));
      } else {
        commands.push_back(Registration(Spec(id, std::to_string(i))));
      }
      Run(commands);
    }
  }
  void Run(const std::vector<Command>& commands) {
    const Plan plan = MakePlan(
        table_.StateForWriter(), commands,
        {.now = absl::FromUnixSeconds(1'800'000'000), .trust = *harness_.trust, .term = 1});
    for (const ChangeRecord& record : plan.records) {
      hub_.Publish(record.ns, table_.Apply(record).value());
    }
  }

  // Follows until the last version is seen; opens a new stream now and then. Returns the mirror.
  directory::MirrorState Follow(int seed) {
    directory::MirrorState mirror({.ns = Tenant()});
    WatchRequest request = Request();
    request.min_interval = absl::Milliseconds(seed % 3);
    request.bookmark_interval = absl::Milliseconds(100);
    for (int steps = 0; !done_ || mirror.position() != Head();) {
      request.resume = mirror.synced() ? mirror.position() : std::nullopt;
      if (!request.resume) mirror.BeginSnapshot();
      auto bell = std::make_shared<Bell>();
      auto cursor = hub_.Open(request, [bell] { bell->Ring(); }).value();
      for (const int end = steps + 40 + seed; steps < end; ++steps) {
        const WatchStep step = cursor->Next(RealNow());
        if (std::holds_alternative<WatchWait>(step)) {
          if (done_ && mirror.position() == Head()) break;
          bell->Await();
        } else {
          Take(std::get<WatchSend>(step), mirror);
        }
      }
    }
    return mirror;
  }

  void Take(const WatchSend& send, directory::MirrorState& mirror) {
    absl::Status status;
    if (const auto* chunk = std::get_if<WatchSnapshotChunk>(&send.item)) {
      std::vector<directory::NodeViewPtr> views;
      for (const NodePtr& node : chunk->nodes) views.push_back(node->view);
      status = mirror.AddSnapshotChunk(views);
    } else if (const auto* end = std::get_if<WatchSnapshotEnd>(&send.item)) {
      status = mirror.EndSnapshot(end->position, end->hash);
    } else if (const auto* diff = std::get_if<WatchDiff>(&send.item)) {
      status = mirror.ApplyDiff(send.previous_version, encoder_.Decode(*diff->encoded).diff);
    } else if (const auto* bookmark = std::get_if<WatchBookmark>(&send.item)) {
      status = mirror.ApplyBookmark(send.previous_version, bookmark->position, bookmark->hash);
    } else if (std::holds_alternative<WatchResync>(send.item)) {
      mirror.BeginSnapshot();
    }
    EXPECT_TRUE(status.ok()) << status;
  }

  Position Head() const { return table_.GetNamespace(Tenant()).value().position; }

  testing::Harness harness_;
  testing::FakeEncoder encoder_;
  TopologyTable table_{TopologyState()};
  TableSource source_{table_};
  Bell tick_bell_;
  WatchHub hub_{{.encoder = encoder_, .snapshots = source_, .wake = [this] { tick_bell_.Ring(); }}};
  std::atomic<bool> done_{false};
  std::atomic<bool> stop_ticking_{false};
};

TEST_F(ThreadsTest, EveryReaderConverges) {
  Run({testing::Creation("tenant-a")});
  std::thread ticker([&] {
    while (!stop_ticking_) {
      if (hub_.Tick(RealNow()) > RealNow()) tick_bell_.AwaitBriefly();
    }
  });
  std::vector<std::optional<directory::MirrorState>> mirrors(3);
  std::vector<std::thread> readers;
  for (std::size_t i = 0; i < mirrors.size(); ++i) {
    readers.emplace_back([&, i] { mirrors[i] = Follow(static_cast<int>(i)); });
  }
  std::thread publisher([&] {
    PublishAll();
    done_ = true;
  });
  publisher.join();
  for (std::thread& reader : readers) reader.join();
  stop_ticking_ = true;
  ticker.join();
  const auto snapshot = table_.TakeSnapshot(Tenant()).value();
  for (const auto& mirror : mirrors) {
    EXPECT_EQ(mirror->hash(), snapshot.hash);
    EXPECT_EQ(mirror->position(), snapshot.position);
  }
  EXPECT_EQ(hub_.stats().feeds.watchers, 0u);
}

}  // namespace
}  // namespace omninode::registry
