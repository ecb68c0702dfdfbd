#include "common/node/topology_event_codec.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/directory/test_nodes.h"
#include "common/envelope/node_fields_codec.h"
#include "common/envelope/topology_codec.h"

namespace omninode::node {
namespace {

namespace v1 = registry::v1;

const NamespaceName kNs = directory::testing::Ns("tenant-a");

std::string FieldOf(const absl::Status& status) { return MetadataOf(status)["field"]; }

TEST(TopologyEventCodecTest, ReadsTheBeginning) {
  v1::WatchTopologyResponse message;
  message.mutable_started()->set_watch_id("w-1");
  *message.mutable_started()->mutable_position() = envelope::Encode(directory::Position{1, 4});
  const auto event = Decode(message, kNs);
  ASSERT_TRUE(event.ok());
  EXPECT_EQ(std::get<WatchStarted>(event->what).watch_id, "w-1");
  EXPECT_EQ(std::get<WatchStarted>(event->what).position, directory::Position(1, 4));
}

TEST(TopologyEventCodecTest, ReadsADiffWithWhatStandsBesideIt) {
  directory::TopologyChange added = directory::testing::Added(directory::testing::Node("w1", 6));
  added.actor = added.node->actor;  // one field of the message
  added.decision = added.node->decision;
  const directory::TopologyDiff diff = directory::testing::Diff(6, {added});
  v1::WatchTopologyResponse message;
  message.set_previous_version(5);
  *message.mutable_diff() = envelope::Encode(
      diff, {.source_node = "spiffe://example.org/service/registry/r1", .node_count = 11});
  const auto event = Decode(message, kNs);
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->previous_version, 5u);
  const auto& step = std::get<TopologyStep>(event->what);
  EXPECT_EQ(step.diff, diff);
  EXPECT_EQ(step.node_count, 11u);
  EXPECT_EQ(step.evidence.size(), 1u);
}

TEST(TopologyEventCodecTest, ReadsSnapshotsWithAndWithoutHash) {
  v1::WatchTopologyResponse message;
  *message.mutable_snapshot_end()->mutable_position() = envelope::Encode(directory::Position{1, 4});
  EXPECT_EQ(std::get<SnapshotEnd>(Decode(message, kNs)->what).hash, std::nullopt);
  message.mutable_snapshot_end()->set_hash(std::string(32, '\x01'));
  EXPECT_TRUE(std::get<SnapshotEnd>(Decode(message, kNs)->what).hash.has_value());
  message.mutable_snapshot_end()->set_hash("short");
  EXPECT_EQ(FieldOf(Decode(message, kNs).status()), "snapshot_end.hash");
}

TEST(TopologyEventCodecTest, NamesTheNodeThatCannotBeRead) {
  v1::WatchTopologyResponse message;
  for (const char* id : {"w1", "NO"}) {
    v1::Node* node = message.mutable_snapshot_chunk()->add_nodes();
    node->set_namespace_("tenant-a");
    node->set_node_type("worker");
    node->set_node_id(id);
  }
  const auto event = Decode(message, kNs);
  EXPECT_EQ(ReasonOf(event.status()), Reason::kNameInvalid);
  EXPECT_EQ(FieldOf(event.status()), "snapshot_chunk.nodes[1].node_id");
}

TEST(TopologyEventCodecTest, ReadsBookmarksAndResyncs) {
  v1::WatchTopologyResponse message;
  *message.mutable_bookmark()->mutable_position() = envelope::Encode(directory::Position{1, 4});
  *message.mutable_bookmark()->mutable_age() = envelope::Encode(absl::Milliseconds(30));
  EXPECT_EQ(std::get<Bookmark>(Decode(message, kNs)->what).age, absl::Milliseconds(30));
  message.mutable_resync()->set_reason(v1::RESYNC_REASON_SLOW);
  EXPECT_EQ(std::get<Resync>(Decode(message, kNs)->what).reason, ResyncReason::kSlow);
  message.mutable_resync()->set_reason(static_cast<v1::ResyncReason>(77));
  EXPECT_EQ(std::get<Resync>(Decode(message, kNs)->what).reason, ResyncReason::kUnknown);
  EXPECT_EQ(NameOf(ResyncReason::kCompacted), "compacted");
}

TEST(TopologyEventCodecTest, RefusesAMessageItDoesNotKnow) {
  EXPECT_EQ(ReasonOf(Decode(v1::WatchTopologyResponse(), kNs).status()), Reason::kMsgMalformed);
}

}  // namespace
}  // namespace omninode::node
