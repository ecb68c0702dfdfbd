#include "services/registry/api/node_codec.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/envelope/signed_envelope_codec.h"
#include "common/envelope/type_codec.h"
#include "services/registry/topology/testing/commands.h"

namespace omninode::registry {
namespace {

class NodeCodecTest : public ::testing::Test {
 protected:
  NodeCodecTest() {
    harness_.Run({testing::Creation("tenant-a")});
    harness_.Run({testing::Registration({.sequence = 5, .zone = "north", .epoch = "blue"})});
    const NamespaceState& state = *harness_.state.Find(*NamespaceName::Parse("tenant-a"));
    node_ = state.nodes().Find(*NodeId::Parse("worker-1"));
  }
  testing::Harness harness_;
  NodePtr node_;
};

TEST_F(NodeCodecTest, ANodeAsEverybodySeesIt) {
  const v1::Node message = Encode(*node_, NodeDetail::kPlain);
  EXPECT_EQ(message.namespace_(), "tenant-a");
  EXPECT_EQ(message.node_id(), "worker-1");
  EXPECT_EQ(message.node_type(), "worker");
  EXPECT_EQ(message.software_version(), "1.0");
  ASSERT_EQ(message.endpoints_size(), 1);
  EXPECT_EQ(message.endpoints(0).url(), "grpcs://127.0.0.1:7000");
  ASSERT_EQ(message.labels_size(), 1);
  EXPECT_EQ(message.labels(0).value(), "north");
  EXPECT_EQ(message.epoch(), "blue");
  EXPECT_EQ(message.node_version(), 1u);
  EXPECT_EQ(*envelope::Decode(message.registered_at()), harness_.now);
  EXPECT_EQ(message.actor(), testing::SpiffeIdOf({}));
  EXPECT_EQ(message.decision(), "decision-1");
  EXPECT_EQ(*envelope::Decode(message.ttl()), absl::Seconds(60));
  // Only the node itself learns it.
  EXPECT_EQ(message.last_sequence(), 0u);
  EXPECT_FALSE(message.has_evidence());
}

TEST_F(NodeCodecTest, EvidenceIsTheEnvelopeAsItWasSigned) {
  const v1::Node message = Encode(*node_, NodeDetail::kWithEvidence);
  const auto raw = envelope::Decode(message.evidence());
  ASSERT_TRUE(raw.ok()) << raw.status();
  EXPECT_EQ(*raw, EnvelopeOf(*node_));
  EXPECT_EQ(raw->body, node_->evidence->body);
  EXPECT_EQ(raw->spiffe_id, testing::SpiffeIdOf({}));
  EXPECT_EQ(raw->certificates_der, node_->evidence->chain->der);
}

TEST_F(NodeCodecTest, ATombstone) {
  harness_.now += absl::Seconds(30);
  const auto removed = harness_.Expect<Removed>(testing::Goodbye({.sequence = 6}));
  const v1::Tombstone message = Encode(removed.tombstone);
  EXPECT_EQ(message.namespace_(), "tenant-a");
  EXPECT_EQ(message.node_id(), "worker-1");
  EXPECT_EQ(message.node_type(), "worker");
  EXPECT_EQ(message.reason(), envelope::Encode(directory::RemovalReason::kGracefulShutdown));
  EXPECT_EQ(message.reason_text(), "bye");
  EXPECT_EQ(envelope::Decode(message.position()), (directory::Position{1, 2}));
  EXPECT_EQ(*envelope::Decode(message.removed_at()), harness_.now);
  EXPECT_EQ(*envelope::Decode(message.uptime()), absl::Seconds(30));
  EXPECT_EQ(message.final_health(), envelope::Encode(directory::Health::kNotServing));
}

TEST_F(NodeCodecTest, ANamespaceAndItsLimitsThereAndBack) {
  const auto limits = *NamespaceLimits::Create({.default_ttl = absl::Seconds(4),
                                                .min_ttl = absl::Seconds(2),
                                                .max_ttl = absl::Seconds(8),
                                                .max_nodes = 7});
  const NamespaceSummary summary{.info = {.name = *NamespaceName::Parse("tenant-a"),
                                          .limits = limits,
                                          .incarnation = 3,
                                          .created_at = harness_.now,
                                          .actor = "spiffe://example.org/admin/alice"},
                                 .position = {3, 9},
                                 .nodes = 2};
  const v1::Namespace message = Encode(summary);
  EXPECT_EQ(message.namespace_(), "tenant-a");
  EXPECT_EQ(envelope::Decode(message.position()), (directory::Position{3, 9}));
  EXPECT_EQ(message.nodes(), 2u);
  EXPECT_EQ(*Decode(message.limits()), limits);
}

TEST(LimitsCodecTest, UnsetFieldsTakeTheDefaults) {
  EXPECT_EQ(*Decode(v1::NamespaceLimits()), NamespaceLimits::Default());
}

TEST(LimitsCodecTest, ADefaultOutsideTheDefaultBoundsMovesThem) {
  v1::NamespaceLimits message;
  *message.mutable_default_ttl() = envelope::Encode(absl::Seconds(4));
  EXPECT_EQ(Decode(message)->min_ttl(), absl::Seconds(4));
  *message.mutable_default_ttl() = envelope::Encode(absl::Hours(2));
  EXPECT_EQ(Decode(message)->max_ttl(), absl::Hours(2));
}

TEST(LimitsCodecTest, BoundsThatContradictAreRefused) {
  v1::NamespaceLimits message;
  *message.mutable_min_ttl() = envelope::Encode(absl::Minutes(2));
  EXPECT_EQ(ReasonOf(Decode(message).status()), Reason::kArgumentInvalid);
  message.Clear();
  message.mutable_default_ttl()->set_nanos(-5);
  EXPECT_EQ(ReasonOf(Decode(message).status()), Reason::kArgumentInvalid);
  message.Clear();
  message.set_max_nodes(NamespaceLimits::kMaxNodes + 1);
  EXPECT_EQ(ReasonOf(Decode(message).status()), Reason::kArgumentInvalid);
}

}  // namespace
}  // namespace omninode::registry
