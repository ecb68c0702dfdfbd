#include "services/registry/api/watch_codec.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/envelope/topology_codec.h"
#include "common/envelope/type_codec.h"
#include "services/registry/api/node_codec.h"
#include "services/registry/topology/testing/commands.h"

namespace omninode::registry {
namespace {

using directory::Position;

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(buffer.Dump(&slices).ok());
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

v1::WatchTopologyResponse Sent(const WatchSend& send, bool with_evidence = false) {
  v1::WatchTopologyResponse response;
  EXPECT_TRUE(response.ParseFromString(BytesOf(*Encode(send, with_evidence))));
  EXPECT_EQ(response.previous_version(), send.previous_version);
  return response;
}

class WatchCodecTest : public ::testing::Test {
 protected:
  WatchCodecTest() {
    harness_.Run({testing::Creation("tenant-a")});
    harness_.Run({testing::Registration({.id = "a"}), testing::Registration({.id = "b"})});
    harness_.Run({testing::Registration({.id = "a", .sequence = 2, .capability = "2"}),
                  testing::Goodbye({.id = "b", .sequence = 2})});
  }
  const AppliedRecord& applied(std::size_t place) const { return harness_.applied[place]; }
  NodePtr FindNode(const std::string& id) {
    return harness_.state.Find(*NamespaceName::Parse("tenant-a"))->nodes().Find(*NodeId::Parse(id));
  }

  testing::Harness harness_;
  const TopologyDiffEncoder encoder_{"spiffe://example.org/service/registry/registry-1"};
};

// The frame is written by hand: it must be what protobuf would write.
TEST_F(WatchCodecTest, ADiffIsFramedAsProtobufWouldFrameIt) {
  const auto encoded = encoder_.Encode(applied(1).diff, {.nodes = 2});
  for (const std::uint64_t previous : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{127},
                                       std::uint64_t{128}, ~std::uint64_t{0}}) {
    v1::WatchTopologyResponse expected;
    expected.set_previous_version(previous);
    ASSERT_TRUE(expected.mutable_diff()->ParseFromString(encoded->bytes));
    const auto sent = Encode({previous, WatchDiff{applied(1).diff.position, encoded}}, false);
    EXPECT_EQ(BytesOf(*sent), expected.SerializeAsString()) << previous;
  }
}

TEST_F(WatchCodecTest, ALargeDiffIsFramedLikeASmallOne) {
  v1::WatchTopologyResponse expected;
  expected.set_previous_version(7);
  for (int i = 0; i < 1000; ++i) {
    expected.mutable_diff()->add_changes()->set_node_id("node-" + std::to_string(i));
  }
  const auto encoded =
      std::make_shared<const EncodedDiff>(EncodedDiff{expected.diff().SerializeAsString()});
  EXPECT_EQ(BytesOf(*Encode({7, WatchDiff{{1, 8}, encoded}}, false)), expected.SerializeAsString());
}

// The bytes of a diff are shared, not copied, and live as long as gRPC needs them.
TEST_F(WatchCodecTest, TheBufferKeepsTheDiffAlive) {
  auto encoded = encoder_.Encode(applied(1).diff, {.nodes = 2});
  const std::weak_ptr<const EncodedDiff> weak = encoded;
  const std::string expected = BytesOf(*Encode({1, WatchDiff{{1, 1}, encoded}}, false));
  auto buffer = Encode({1, WatchDiff{{1, 1}, std::move(encoded)}}, false);
  EXPECT_FALSE(weak.expired());
  EXPECT_EQ(BytesOf(*buffer), expected);
  buffer.reset();
  EXPECT_TRUE(weak.expired());
}

TEST_F(WatchCodecTest, ADiffSaysWhoCommittedItAndHowManyNodesThereAre) {
  envelope::v1::TopologyDiff message;
  ASSERT_TRUE(message.ParseFromString(encoder_.Encode(applied(2).diff, {.nodes = 1})->bytes));
  const auto decoded = envelope::Decode(message, *NamespaceName::Parse("tenant-a"));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->origin.source_node, "spiffe://example.org/service/registry/registry-1");
  EXPECT_EQ(decoded->origin.node_count, 1u);
  EXPECT_EQ(decoded->diff.position, (Position{1, 2}));
  ASSERT_EQ(decoded->diff.changes.size(), 2u);
  EXPECT_EQ(decoded->diff.changes[0].kind, directory::ChangeKind::kUpdated);
  EXPECT_EQ(decoded->diff.changes[1].kind, directory::ChangeKind::kRemoved);
  EXPECT_FALSE(decoded->evidence[0].has_value());
}

TEST_F(WatchCodecTest, EvidenceComesWithWhatHasIt) {
  envelope::v1::TopologyDiff message;
  ASSERT_TRUE(message.ParseFromString(
      encoder_
          .Encode(applied(2).diff, {.nodes = 1, .with_evidence = true, .after = applied(2).after})
          ->bytes));
  const auto decoded = envelope::Decode(message, *NamespaceName::Parse("tenant-a"));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->evidence[0], EnvelopeOf(*FindNode("a")));
  EXPECT_FALSE(decoded->evidence[1].has_value());
}

TEST_F(WatchCodecTest, TheOtherItems) {
  const auto started = Sent({0, WatchBegan{"w-7", {1, 2}}});
  EXPECT_EQ(started.started().watch_id(), "w-7");
  EXPECT_EQ(envelope::Decode(started.started().position()), (Position{1, 2}));

  const auto chunk = Sent({0, WatchSnapshotChunk{{FindNode("a")}}});
  ASSERT_EQ(chunk.snapshot_chunk().nodes_size(), 1);
  EXPECT_EQ(chunk.snapshot_chunk().nodes(0).node_id(), "a");
  EXPECT_FALSE(chunk.snapshot_chunk().nodes(0).has_evidence());
  EXPECT_TRUE(Sent({0, WatchSnapshotChunk{{FindNode("a")}}}, true)
                  .snapshot_chunk()
                  .nodes(0)
                  .has_evidence());

  const auto end = Sent({0, WatchSnapshotEnd{{1, 2}, applied(2).hash}});
  EXPECT_EQ(end.snapshot_end().hash(), applied(2).hash.ToBytes());
  EXPECT_TRUE(Sent({0, WatchSnapshotEnd{{1, 2}, std::nullopt}}).snapshot_end().hash().empty());

  const auto bookmark = Sent({2, WatchBookmark{{1, 2}, applied(2).hash, absl::Milliseconds(7)}});
  EXPECT_EQ(bookmark.bookmark().hash(), applied(2).hash.ToBytes());
  EXPECT_EQ(*envelope::Decode(bookmark.bookmark().age()), absl::Milliseconds(7));

  EXPECT_EQ(Sent({2, WatchResync{ResyncReason::kSlow, {1, 9}}}).resync().reason(),
            v1::RESYNC_REASON_SLOW);
  EXPECT_TRUE(Sent({2, WatchDraining{}}).has_draining());
}

// An empty chunk must still be a chunk.
TEST_F(WatchCodecTest, AnEmptyChunkIsAChunk) {
  EXPECT_TRUE(Sent({0, WatchSnapshotChunk{}}).has_snapshot_chunk());
}

TEST_F(WatchCodecTest, ResyncReasonsHaveTheNumbersOfTheApi) {
  EXPECT_EQ(static_cast<int>(ResyncReason::kCompacted), v1::RESYNC_REASON_COMPACTED);
  EXPECT_EQ(static_cast<int>(ResyncReason::kIncarnation), v1::RESYNC_REASON_INCARNATION);
  EXPECT_EQ(static_cast<int>(ResyncReason::kAhead), v1::RESYNC_REASON_AHEAD);
  EXPECT_EQ(static_cast<int>(ResyncReason::kSlow), v1::RESYNC_REASON_SLOW);
}

TEST(WatchRequestCodecTest, ARequestWithEverything) {
  v1::WatchTopologyRequest message;
  message.set_namespace_("tenant-a");
  message.mutable_filter()->add_node_types("worker");
  message.mutable_filter()->add_labels("zone=north");
  message.mutable_filter()->add_epochs("blue");
  *message.mutable_resume() = envelope::Encode(Position{1, 5});
  *message.mutable_min_interval() = envelope::Encode(absl::ZeroDuration());
  *message.mutable_bookmark_interval() = envelope::Encode(absl::Seconds(3));
  message.set_watcher_name("console");
  message.set_with_evidence(true);
  const auto request = Decode(message);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->ns.value(), "tenant-a");
  EXPECT_FALSE(request->scope.filter.is_unrestricted());
  EXPECT_TRUE(request->scope.with_evidence);
  EXPECT_EQ(request->resume, (Position{1, 5}));
  EXPECT_EQ(request->min_interval, absl::ZeroDuration());
  EXPECT_EQ(request->bookmark_interval, absl::Seconds(3));
  EXPECT_EQ(request->watcher_name, "console");
}

TEST(WatchRequestCodecTest, WhatIsUnsetTakesTheDefaults) {
  v1::WatchTopologyRequest message;
  message.set_namespace_("tenant-a");
  const auto request = Decode(message);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_TRUE(request->scope.filter.is_unrestricted());
  EXPECT_FALSE(request->resume.has_value());
  EXPECT_EQ(request->min_interval, WatchRequest::kDefaultMinInterval);
  EXPECT_EQ(request->bookmark_interval, WatchRequest::kDefaultBookmarkInterval);
}

TEST(WatchRequestCodecTest, WrongNamesFiltersAndTimesAreRefused) {
  v1::WatchTopologyRequest message;
  EXPECT_EQ(ReasonOf(Decode(message).status()), Reason::kNameInvalid);
  message.set_namespace_("tenant-a");
  message.mutable_filter()->add_labels("no equals sign");
  const absl::Status refused = Decode(message).status();
  ASSERT_TRUE(ReasonOf(refused).has_value());
  EXPECT_TRUE(MetadataOf(refused).at("field").starts_with("filter."));
  message.clear_filter();
  message.mutable_min_interval()->set_nanos(2'000'000'000);
  EXPECT_EQ(ReasonOf(Decode(message).status()), Reason::kArgumentInvalid);
}

}  // namespace
}  // namespace omninode::registry
