#include "tests/bench/watch_peek.h"

#include <string>

#include <gtest/gtest.h>

#include "omninode/registry/v1/topology_service.pb.h"

namespace omninode::bench {
namespace {

using registry::v1::WatchTopologyResponse;

std::optional<WatchPeek> Peek(const WatchTopologyResponse& message) {
  return PeekAt(message.SerializeAsString());
}

TEST(WatchPeekTest, TellsADiffAndWhereItBegins) {
  WatchTopologyResponse message;
  message.set_previous_version(300);
  message.mutable_diff()->set_source_node("registry-1");
  const auto peek = Peek(message);
  ASSERT_TRUE(peek.has_value());
  EXPECT_EQ(peek->event, WatchPeek::Event::kDiff);
  EXPECT_EQ(peek->previous_version, 300u);
}

TEST(WatchPeekTest, AVersionOfZeroIsNotOnTheWire) {
  WatchTopologyResponse message;
  message.mutable_diff();
  EXPECT_EQ(Peek(message)->event, WatchPeek::Event::kDiff);
  EXPECT_EQ(Peek(message)->previous_version, 0u);
}

TEST(WatchPeekTest, TellsTheEndOfASnapshotFromTheRest) {
  WatchTopologyResponse message;
  message.mutable_snapshot_end()->set_hash(std::string(32, 'h'));
  EXPECT_EQ(Peek(message)->event, WatchPeek::Event::kSnapshotEnd);
  message.mutable_bookmark()->set_hash("h");
  EXPECT_EQ(Peek(message)->event, WatchPeek::Event::kOther);
  message.mutable_started()->set_watch_id("w");
  EXPECT_EQ(Peek(message)->event, WatchPeek::Event::kOther);
}

TEST(WatchPeekTest, RefusesWhatIsCutOff) {
  WatchTopologyResponse message;
  message.set_previous_version(1'000'000);
  message.mutable_diff()->set_source_node("registry-1");
  const std::string whole = message.SerializeAsString();
  for (const std::size_t size : {std::size_t{1}, std::size_t{3}, whole.size() - 1}) {
    EXPECT_FALSE(PeekAt(std::string_view(whole).substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(PeekAt("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff").has_value());
}

}  // namespace
}  // namespace omninode::bench
