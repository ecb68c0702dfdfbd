#include "services/registry/store/stored_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/status.h"
#include "services/registry/store/testing/storable_commands.h"

namespace omninode::registry {
namespace {

using ::testing::HasSubstr;

StoredNode StoredOf(std::string_view id) {
  return {.id = NodeId::Parse(id).value(),
          .version = 7,
          .registered_at = absl::FromUnixSeconds(100),
          .health = directory::Health::kDegraded,
          .lease = LeaseHandle(3, 4),
          .ttl = absl::Seconds(60),
          .actor = "actor",
          .decision = "decision",
          .last_message = {.sequence = 9, .submitter = "submitter"},
          .signer = {.spiffe_id = "signer"}};
}

const NamespaceName kNs = NamespaceName::Parse("tenant-a").value();

TEST(StoredNodeTest, TheDescriptionComesFromTheEvidenceAndTheRestFromTheRow) {
  const RegisterCommand command = testing::StorableRegistration({.zone = "eu-1"});
  const auto node = RebuildNode(kNs, StoredOf("worker-1"), command.admitted.evidence);
  ASSERT_TRUE(node.ok()) << node.status();
  const directory::NodeView& view = *(*node)->view;
  EXPECT_EQ(view.introspection, command.introspection.WithHealth(directory::Health::kDegraded));
  EXPECT_EQ(view.version, 7u);
  EXPECT_EQ(view.registered_at, absl::FromUnixSeconds(100));
  EXPECT_EQ(view.actor, "actor");
  EXPECT_EQ(view.decision, "decision");
  EXPECT_EQ(view.lease_ttl, absl::Seconds(60));
  EXPECT_EQ((*node)->lease, LeaseHandle(3, 4));
  EXPECT_EQ((*node)->last_message.sequence, 9u);
  EXPECT_EQ((*node)->signer.spiffe_id, "signer");
  EXPECT_EQ((*node)->evidence, command.admitted.evidence);
}

TEST(StoredNodeTest, EvidenceOfAnotherNodeIsDataLoss) {
  const EvidencePtr evidence = testing::StorableRegistration({}).admitted.evidence;
  const auto other_id = RebuildNode(kNs, StoredOf("worker-2"), evidence);
  EXPECT_EQ(other_id.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(Message(other_id.status())), HasSubstr("describes 'worker-1'"));
  const auto other_ns =
      RebuildNode(NamespaceName::Parse("tenant-b").value(), StoredOf("worker-1"), evidence);
  EXPECT_EQ(other_ns.status().code(), absl::StatusCode::kDataLoss);
}

TEST(StoredNodeTest, EvidenceThatIsNoDescriptionIsDataLoss) {
  Evidence evidence = *testing::StorableRegistration({}).admitted.evidence;
  evidence.body = "not an envelope";
  const auto node =
      RebuildNode(kNs, StoredOf("worker-1"), std::make_shared<const Evidence>(evidence));
  EXPECT_EQ(node.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(Message(node.status())), HasSubstr("worker-1"));
}

TEST(StoredNodeTest, ADigestHasThirtyTwoBytes) {
  EXPECT_EQ(DigestFromStored(std::string(31, 'd')).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DigestFromStored(std::string(33, 'd')).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DigestFromStored(std::string(32, 'd')).value()[31], 'd');
}

}  // namespace
}  // namespace omninode::registry
