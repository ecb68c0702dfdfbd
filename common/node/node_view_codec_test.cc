#include "common/node/node_view_codec.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/directory/canonical.h"
#include "common/directory/test_nodes.h"
#include "common/envelope/node_fields_codec.h"

namespace omninode::node {
namespace {

registry::v1::Node MessageOf(const directory::NodeView& node) {
  registry::v1::Node message;
  message.set_namespace_(node.ns().value());
  envelope::EncodeNodeFields(node.introspection, &message);
  message.set_node_version(node.version);
  *message.mutable_registered_at() = envelope::Encode(node.registered_at);
  message.set_actor(node.actor);
  message.set_decision(node.decision);
  *message.mutable_ttl() = envelope::Encode(node.lease_ttl);
  return message;
}

std::string FieldOf(const absl::Status& status) { return MetadataOf(status)["field"]; }

TEST(NodeViewCodecTest, ReadsEveryField) {
  const auto node = directory::testing::Node("w1", 9);
  const auto record = Decode(MessageOf(*node));
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(*record->view, *node);
  EXPECT_EQ(directory::CanonicalDigest(*record->view), directory::CanonicalDigest(*node));
  EXPECT_EQ(record->last_sequence, std::nullopt);
  EXPECT_EQ(record->evidence, std::nullopt);
}

TEST(NodeViewCodecTest, ReadsWhatIsForTheNodeItself) {
  auto message = MessageOf(*directory::testing::Node("w1", 9));
  message.set_last_sequence(17);
  EXPECT_EQ(Decode(message)->last_sequence, 17u);
}

TEST(NodeViewCodecTest, ReadsEvidenceAndItsFaults) {
  auto message = MessageOf(*directory::testing::Node("w1", 9));
  auto* evidence = message.mutable_evidence();
  evidence->set_envelope_version("1.0");
  evidence->set_body("body");
  evidence->mutable_security()->set_spiffe_id("spiffe://example.org/node/worker/w1");
  evidence->mutable_security()->set_signature_algorithm(envelope::v1::SIGNATURE_ALGORITHM_ED25519);
  ASSERT_TRUE(Decode(message).ok()) << Decode(message).status();
  EXPECT_EQ(Decode(message)->evidence->body, "body");
  evidence->set_envelope_version("9.9");
  EXPECT_EQ(ReasonOf(Decode(message).status()), Reason::kMsgMalformed);
}

TEST(NodeViewCodecTest, NamesTheFieldOfAnError) {
  auto message = MessageOf(*directory::testing::Node("w1", 9));
  message.mutable_endpoints(0)->set_url("not a url");
  EXPECT_EQ(FieldOf(Decode(message).status()), "endpoints[0].url");
  message = MessageOf(*directory::testing::Node("w1", 9));
  message.mutable_ttl()->set_nanos(-7);
  message.mutable_ttl()->set_seconds(7);
  EXPECT_EQ(FieldOf(Decode(message).status()), "ttl");
  message = MessageOf(*directory::testing::Node("w1", 9));
  message.set_namespace_("Not A Name");
  EXPECT_EQ(ReasonOf(Decode(message).status()), Reason::kNameInvalid);
}

}  // namespace
}  // namespace omninode::node
