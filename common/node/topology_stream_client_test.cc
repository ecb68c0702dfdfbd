#include "common/node/topology_stream_client.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/node/testing/fake_registry.h"

namespace omninode::node {
namespace {

class TopologyStreamClientTest : public testing::Test {
 protected:
  std::unique_ptr<TopologyStreamClient> Open() {
    return std::make_unique<TopologyStreamClient>(channels->Current().channel, request);
  }
  void Script(std::function<absl::Status(const WatchRequest&, WatchWriter&)> script) {
    registry.Set([&](auto& hooks) { hooks.on_watch = std::move(script); });
  }

  NodeWorld world;
  FakeRegistry registry{world.authority, world.trust};
  std::shared_ptr<RegistryChannels> channels = world.Channels({registry.address()});
  WatchRequest request{
      .ns = NamespaceName::Parse("tenant-a").value(),
      .filter = {.node_types = {"worker"}, .labels = {"zone=eu"}, .epochs = {"blue"}},
      .resume = directory::Position{3, 9},
      .min_interval = absl::ZeroDuration(),
      .bookmark_interval = absl::Milliseconds(500),
      .watcher_name = "watcher",
      .with_evidence = true};
};

TEST_F(TopologyStreamClientTest, AsksForWhatItIsTold) {
  const auto stream = Open();
  ASSERT_TRUE(registry.Await([](const auto& seen) { return seen.watches.size() == 1; }));
  const WatchRequest seen = registry.seen().watches[0];
  EXPECT_EQ(seen.filter.node_types, request.filter.node_types);
  EXPECT_EQ(seen.filter.labels, request.filter.labels);
  EXPECT_EQ(seen.filter.epochs, request.filter.epochs);
  EXPECT_EQ(seen.resume, request.resume);
  EXPECT_EQ(seen.min_interval, absl::ZeroDuration()) << "zero is not the default";
  EXPECT_EQ(seen.bookmark_interval, request.bookmark_interval);
  EXPECT_EQ(seen.watcher_name, "watcher");
  EXPECT_TRUE(seen.with_evidence);
}

TEST_F(TopologyStreamClientTest, GivesMessagesInOrderThenTheEnd) {
  Script([](const WatchRequest&, WatchWriter& writer) {
    for (std::uint64_t i = 1; i <= 50; ++i) writer.Send({i, Draining{}});
    return Reject(Reason::kWatchSlow, "too slow");
  });
  const auto stream = Open();
  for (std::uint64_t i = 1; i <= 50; ++i) {
    const auto event = stream->Next(kLong);
    ASSERT_TRUE(event.ok()) << event.status();
    ASSERT_TRUE(event->has_value());
    EXPECT_EQ((*event)->previous_version, i);
  }
  EXPECT_EQ(ReasonOf(stream->Next(kLong).status()), Reason::kWatchSlow);
}

TEST_F(TopologyStreamClientTest, APoliteEndIsAnErrorToo) {
  Script([](const WatchRequest&, WatchWriter&) { return absl::OkStatus(); });
  EXPECT_TRUE(absl::IsUnavailable(Open()->Next(kLong).status()));
}

TEST_F(TopologyStreamClientTest, WakesUpWithoutAMessage) {
  const auto stream = Open();
  stream->Wake();
  const auto event = stream->Next(kLong);
  ASSERT_TRUE(event.ok());
  EXPECT_FALSE(event->has_value());
}

TEST_F(TopologyStreamClientTest, EndsWhenNothingComesOrItIsCancelled) {
  EXPECT_TRUE(absl::IsDeadlineExceeded(Open()->Next(absl::Milliseconds(20)).status()));
  const auto stream = Open();
  stream->Cancel();
  EXPECT_TRUE(absl::IsCancelled(stream->Next(kLong).status()));
}

TEST_F(TopologyStreamClientTest, CanBeDroppedAtAnyMoment) {
  Script([](const WatchRequest&, WatchWriter& writer) {
    while (writer.Send({1, Draining{}})) {
    }
    return absl::OkStatus();
  });
  for (int taken = 0; taken < 5; ++taken) {
    const auto stream = Open();
    for (int i = 0; i < taken; ++i) ASSERT_TRUE(stream->Next(kLong).ok());
  }
}

}  // namespace
}  // namespace omninode::node
