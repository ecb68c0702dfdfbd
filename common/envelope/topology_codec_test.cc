#include "common/envelope/topology_codec.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/directory/canonical.h"
#include "common/directory/topology_mirror_state.h"
#include "common/envelope/test_envelopes.h"
#include "common/envelope/test_wire.h"

namespace omninode::envelope {
namespace {

using directory::ChangedField;
using directory::ChangeKind;
using directory::NodeView;
using directory::NodeViewPtr;
using directory::TopologyChange;
using directory::TopologyDiff;

const NamespaceName& Ns() {
  static const NamespaceName kNs = NamespaceName::Parse("tenant-a").value();
  return kNs;
}

NodeViewPtr NodeOf(const std::string& id, std::uint64_t version) {
  auto fields = testing::IntrospectionFields();
  fields.node_id = id;
  fields.requested_ttl = absl::ZeroDuration();  // not told in diffs
  return std::make_shared<const NodeView>(
      NodeView{.introspection = directory::Introspection::Create(fields).value(),
               .version = version,
               .registered_at = testing::kSignedAt,
               .actor = "spiffe://example.org/agent/host-1",
               .decision = "d-7",
               .lease_ttl = absl::Seconds(4)});
}

TopologyChange Added(const std::string& id) {
  const auto node = NodeOf(id, 41);
  return {.kind = ChangeKind::kAdded,
          .node = node,
          .node_id = node->node_id(),
          .node_type = node->node_type(),
          .actor = node->actor,
          .decision = node->decision,
          .correlation_id = "deploy 17"};
}
TopologyChange Updated(const std::string& id) {
  TopologyChange change = Added(id);
  change.kind = ChangeKind::kUpdated;
  change.changed_fields = {ChangedField::kHealth, ChangedField::kVersion, ChangedField::kEvidence};
  change.previous_node_version = 12;
  return change;
}
TopologyChange Removed(const std::string& id) {
  return {.kind = ChangeKind::kRemoved,
          .node_id = NodeId::Parse(id).value(),
          .node_type = NodeType::Parse("worker").value(),
          .removal_reason = directory::RemovalReason::kManualDeregistration,
          .reason_text = "retired",
          .previous_node_version = 9,
          .actor = "spiffe://example.org/admin/ann",
          .decision = "d-8"};
}
TopologyDiff Diff() {
  return {.position = {.incarnation = 2, .version = 41},
          .changes = {Added("w1"), Updated("w2"), Removed("w3")},
          .timestamp = testing::kSignedAt};
}
const DiffOrigin kOrigin{.source_node = "spiffe://example.org/service/registry/registry-1",
                         .node_count = 17};

TEST(TopologyCodecTest, KeepsEveryKindOfChange) {
  const v1::TopologyDiff message = Encode(Diff(), kOrigin);
  EXPECT_EQ(message.topology_version(), 41u);
  EXPECT_EQ(message.summary().added(), 1u);
  EXPECT_EQ(message.summary().updated(), 1u);
  EXPECT_EQ(message.summary().removed(), 1u);
  EXPECT_EQ(message.summary().nodes(), 17u);
  EXPECT_EQ(message.changes(1).changed_fields_size(), 3);
  EXPECT_EQ(message.changes(1).changed_fields(1), "software_version");

  const auto decoded = Decode(message, Ns());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->diff, Diff());
  EXPECT_EQ(decoded->origin.source_node, kOrigin.source_node);
  EXPECT_EQ(decoded->origin.node_count, 17u);
  EXPECT_EQ(decoded->evidence, std::vector<std::optional<RawEnvelope>>(3));
}

TEST(TopologyCodecTest, KeepsADiffWithoutChanges) {
  const TopologyDiff empty{.position = {1, 5}, .timestamp = testing::kSignedAt};
  const auto decoded = Decode(Encode(empty, kOrigin), Ns());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->diff, empty);
}

TEST(TopologyCodecTest, CarriesEvidenceOfThoseWhoHaveSome) {
  const RawEnvelope envelope{.spiffe_id = "spiffe://example.org/ns/tenant-a/node/worker/w2",
                             .certificates_der = {"leaf"},
                             .signature = "s",
                             .body = "b"};
  std::vector<std::string> asked;
  const auto lookup = [&](const TopologyChange& change) -> std::optional<RawEnvelope> {
    asked.push_back(change.node_id.value());
    if (change.node_id.value() == "w2") return envelope;
    return std::nullopt;
  };
  const auto decoded = Decode(Encode(Diff(), kOrigin, lookup), Ns());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(asked, (std::vector<std::string>{"w1", "w2"})) << "not for removals";
  EXPECT_EQ(decoded->evidence,
            (std::vector<std::optional<RawEnvelope>>{std::nullopt, envelope, std::nullopt}));
}

// The decoded node is the one that the registry hashed.
TEST(TopologyCodecTest, DecodesWhatAMirrorCanProve) {
  directory::MirrorState mirror({.ns = Ns()});
  mirror.BeginSnapshot();
  ASSERT_TRUE(mirror.EndSnapshot({2, 40}, directory::SetHash()).ok());
  const TopologyDiff diff{.position = {2, 41}, .changes = {Added("w1")}};
  const auto decoded = Decode(Encode(diff, kOrigin), Ns());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  ASSERT_EQ(mirror.ApplyDiff(40, decoded->diff), absl::OkStatus());
  directory::SetHash expected;
  expected.Add(directory::CanonicalDigest(*NodeOf("w1", 41)));
  EXPECT_EQ(mirror.hash(), expected);
}

TEST(TopologyCodecTest, IgnoresWhatANewerRegistryAdds) {
  v1::TopologyDiff message = Encode(Diff(), kOrigin);
  message.mutable_changes(1)->add_changed_fields("colour");
  const std::string bytes = message.SerializeAsString() + testing::NumberField(99, 1);
  ASSERT_TRUE(message.ParseFromString(bytes));
  const auto decoded = Decode(message, Ns());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->diff, Diff());
}

void ExpectRefused(const std::string& field, Reason reason, auto spoil) {
  v1::TopologyDiff message = Encode(Diff(), kOrigin);
  spoil(message);
  const auto status = Decode(message, Ns()).status();
  EXPECT_EQ(ReasonOf(status), reason) << status;
  EXPECT_EQ(MetadataOf(status)["field"], field) << status;
}

TEST(TopologyCodecTest, NamesTheFieldThatIsWrong) {
  ExpectRefused("changes[0].node_id", Reason::kNameInvalid,
                [](auto& m) { m.mutable_changes(0)->set_node_id("W"); });
  ExpectRefused("changes[2].node_type", Reason::kNameInvalid,
                [](auto& m) { m.mutable_changes(2)->clear_node_type(); });
  ExpectRefused("changes[0].kind", Reason::kMsgMalformed,
                [](auto& m) { m.mutable_changes(0)->clear_kind(); });
  ExpectRefused("changes[0].kind", Reason::kMsgMalformed,
                [](auto& m) { m.mutable_changes(0)->set_kind(static_cast<v1::ChangeKind>(4)); });
  ExpectRefused("changes[1].endpoints[0].url", Reason::kArgumentInvalid, [](auto& m) {
    m.mutable_changes(1)->mutable_endpoints(0)->set_url("javascript:alert(1)");
  });
  ExpectRefused("changes[1].registered_at", Reason::kArgumentInvalid,
                [](auto& m) { m.mutable_changes(1)->mutable_registered_at()->set_nanos(-1); });
  ExpectRefused("changes[1].ttl", Reason::kArgumentInvalid,
                [](auto& m) { m.mutable_changes(1)->mutable_ttl()->set_nanos(-1); });
  ExpectRefused("changes[2].removal_reason", Reason::kMsgMalformed,
                [](auto& m) { m.mutable_changes(2)->clear_removal_reason(); });
  ExpectRefused("changes[2].reason_text", Reason::kArgumentInvalid,
                [](auto& m) { m.mutable_changes(2)->set_reason_text("\x1b[31m"); });
  ExpectRefused("changes[0].evidence.envelope_version", Reason::kMsgMalformed,
                [](auto& m) { m.mutable_changes(0)->mutable_evidence(); });
  ExpectRefused("timestamp", Reason::kArgumentInvalid,
                [](auto& m) { m.mutable_timestamp()->set_nanos(-1); });
}

TEST(TopologyCodecTest, RefusesADiffThatContradictsItself) {
  ExpectRefused("topology_version", Reason::kMsgMalformed,
                [](auto& m) { m.set_topology_version(40); });
  ExpectRefused("summary", Reason::kMsgMalformed,
                [](auto& m) { m.mutable_summary()->set_removed(0); });
  ExpectRefused("changes", Reason::kMsgMalformed,
                [](auto& m) { m.mutable_changes()->SwapElements(0, 1); });
  ExpectRefused("changes", Reason::kMsgMalformed,
                [](auto& m) { *m.mutable_changes(1) = m.changes(0); });
  ExpectRefused("changes[0]", Reason::kMsgMalformed,
                [](auto& m) { m.mutable_changes(0)->set_previous_node_version(3); });
  ExpectRefused("changes[1]", Reason::kMsgMalformed,
                [](auto& m) { m.mutable_changes(1)->clear_node_version(); });
}

}  // namespace
}  // namespace omninode::envelope
