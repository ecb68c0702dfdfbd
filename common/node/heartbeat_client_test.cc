#include "common/node/heartbeat_client.h"

#include <gtest/gtest.h>

#include "common/node/testing/fake_registry.h"

namespace omninode::node {
namespace {

class HeartbeatClientTest : public testing::Test {
 protected:
  std::unique_ptr<HeartbeatClient> Open() {
    return std::make_unique<HeartbeatClient>(channels->Current().channel,
                                             NetworkId::Parse("demo").value(),
                                             NamespaceName::Parse("tenant-a").value());
  }

  NodeWorld world;
  FakeRegistry registry{world.authority, world.trust};
  std::shared_ptr<RegistryChannels> channels = world.Channels({registry.address()});
};

TEST_F(HeartbeatClientTest, SendsAuthenticatedBeatsOnOneStream) {
  const auto stream = Open();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    const auto outcome =
        stream->Beat({.lease_handle = 5, .sequence = i, .health = directory::Health::kDegraded},
                     kFakeLeaseKey, kLong);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_EQ(*outcome, BeatOutcome::kReregister) << "nobody has that lease";
  }
  const auto seen = registry.seen();
  EXPECT_EQ(seen.heartbeat_streams.size(), 1u);
  ASSERT_EQ(seen.beats.size(), 3u);
  EXPECT_EQ(seen.beats[2].sequence, 3u);
  EXPECT_EQ(seen.beats[2].health, directory::Health::kDegraded);
}

TEST_F(HeartbeatClientTest, AnotherKeyIsFound) {
  EXPECT_EQ(*Open()->Beat({.lease_handle = 5, .sequence = 1}, "another key", kLong),
            BeatOutcome::kMacInvalid);
  EXPECT_TRUE(registry.seen().beats.empty());
}

TEST_F(HeartbeatClientTest, FailsWhenTheRegistryIsGone) {
  const auto stream = Open();
  ASSERT_TRUE(stream->Beat({.lease_handle = 5, .sequence = 1}, kFakeLeaseKey, kLong).ok());
  registry.Stop();
  EXPECT_TRUE(absl::IsUnavailable(
      stream->Beat({.lease_handle = 5, .sequence = 2}, kFakeLeaseKey, kLong).status()));
  EXPECT_FALSE(stream->Beat({.lease_handle = 5, .sequence = 3}, kFakeLeaseKey, kLong).ok());
}

// Of such a beat the write fails at once, perhaps while the read is being started. Many streams end
// before the first of them beats again, so that most of their calls are over by then.
TEST_F(HeartbeatClientTest, SurvivesThatItsCallEndedBetweenBeats) {
  for (int round = 0; round < 60; ++round) {
    std::vector<std::unique_ptr<HeartbeatClient>> streams(8);
    for (auto& stream : streams) {
      stream = Open();
      ASSERT_TRUE(stream->Beat({.lease_handle = 5, .sequence = 1}, kFakeLeaseKey, kLong).ok());
    }
    for (const auto& stream : streams) stream->Cancel();
    for (auto& stream : streams) {
      const auto outcome = stream->Beat({.lease_handle = 5, .sequence = 2}, kFakeLeaseKey, kLong);
      EXPECT_TRUE(absl::IsCancelled(outcome.status())) << outcome.status();
      stream.reset();
    }
  }
}

TEST_F(HeartbeatClientTest, EndsABeatThatIsNotAnsweredInTimeOrIsCancelled) {
  const auto stream = Open();
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      stream->Beat({.lease_handle = 5, .sequence = 1}, kFakeLeaseKey, absl::ZeroDuration())
          .status()));
  EXPECT_FALSE(stream->Beat({.lease_handle = 5, .sequence = 2}, kFakeLeaseKey, kLong).ok())
      << "of no use after that";
  const auto other = Open();
  other->Cancel();
  EXPECT_TRUE(absl::IsCancelled(
      other->Beat({.lease_handle = 5, .sequence = 1}, kFakeLeaseKey, kLong).status()));
}

}  // namespace
}  // namespace omninode::node
