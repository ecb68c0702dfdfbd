#include "common/node/registry_channels.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/node/testing/fake_registry.h"

namespace omninode::node {
namespace {

TEST(RegistryChannelsTest, TakesOneToSixteenAddresses) {
  NodeWorld world;
  const auto with = [&](std::vector<std::string> addresses) {
    return RegistryChannels::Create({.addresses = std::move(addresses),
                                     .svids = &world.svids,
                                     .trust = &world.trust,
                                     .clock = &world.clock})
        .status();
  };
  const std::size_t max = RegistryChannels::kMaxAddresses;
  EXPECT_EQ(ReasonOf(with({})), Reason::kArgumentInvalid);
  EXPECT_EQ(ReasonOf(with({""})), Reason::kArgumentInvalid);
  EXPECT_TRUE(with(std::vector<std::string>(max, "127.0.0.1:1")).ok());
  EXPECT_EQ(ReasonOf(with(std::vector<std::string>(max + 1, "127.0.0.1:1"))),
            Reason::kArgumentInvalid);
}

TEST(RegistryChannelsTest, KeepsOneUntilItFails) {
  NodeWorld world;
  const auto channels = world.Channels({"127.0.0.1:1", "127.0.0.1:2"});
  const auto first = channels->Current();
  EXPECT_EQ(channels->Current().channel, first.channel);
  channels->Failed(first.index);
  const auto second = channels->Current();
  EXPECT_NE(second.channel, first.channel);
  channels->Failed(first.index);
  EXPECT_EQ(channels->Current().index, second.index) << "somebody had moved on already";
  channels->Failed(second.index);
  EXPECT_EQ(channels->Current().channel, first.channel);
}

TEST(RegistryChannelsTest, GivesAnotherChannelAfterARotation) {
  NodeWorld world;
  const auto channels = world.Channels({"127.0.0.1:1"});
  const auto before = channels->Current();
  world.Rotate();
  EXPECT_NE(channels->Current().channel, before.channel);
}

TEST(RegistryChannelsTest, BlamesTheInstanceOnlyForWhatIsItsFault) {
  const auto fault = &RegistryChannels::IsInstanceFault;
  EXPECT_TRUE(fault(absl::UnavailableError("refused")));
  EXPECT_TRUE(fault(Reject(Reason::kShuttingDown, "")));
  EXPECT_TRUE(fault(absl::DeadlineExceededError("hangs")));
  EXPECT_FALSE(fault(Reject(Reason::kDeadline, "not yet")));
  EXPECT_FALSE(fault(Reject(Reason::kPolicyDenied, "")));
  EXPECT_FALSE(fault(absl::CancelledError("")));
  EXPECT_FALSE(fault(absl::OkStatus()));
}

}  // namespace
}  // namespace omninode::node
