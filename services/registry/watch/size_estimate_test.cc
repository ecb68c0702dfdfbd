#include "services/registry/watch/size_estimate.h"

#include <cstddef>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "services/registry/watch/testing/watch_world.h"

namespace omninode::registry {
namespace {

NodePtr NodeOf(const std::string& capability) {
  testing::World world;
  world.Register(testing::Spec("w1", capability));
  return world.state().nodes().Find(*NodeId::Parse("w1"));
}

TEST(SizeEstimateTest, GrowsWithTheTextsOfANode) {
  const std::size_t small = ApproximateBytes(*NodeOf("1")->view);
  const std::size_t large = ApproximateBytes(*NodeOf(std::string(201, '1'))->view);
  EXPECT_EQ(large - small, 200u);
}

TEST(SizeEstimateTest, CountsEvidenceOnceWithTheNodeAndItsCertificatesOnlyInMessages) {
  auto node = std::make_shared<Node>(*NodeOf("1"));
  auto evidence = std::make_shared<Evidence>(*node->evidence);
  const std::size_t memory = ApproximateBytes(*node);
  const std::size_t message = ApproximateMessageBytes(*node, true);
  const std::size_t bare = ApproximateMessageBytes(*node, false);

  evidence->body += std::string(1000, 'x');
  evidence->chain = std::make_shared<const CertificateChain>(
      CertificateChain{{}, {evidence->chain->der.front() + std::string(5000, 'x')}});
  node->evidence = evidence;
  EXPECT_EQ(ApproximateBytes(*node) - memory, 1000u);
  EXPECT_EQ(ApproximateMessageBytes(*node, true) - message, 6000u);
  EXPECT_EQ(ApproximateMessageBytes(*node, false), bare);
}

TEST(SizeEstimateTest, CountsTheTextsOfAChange) {
  testing::World world;
  world.Register(testing::Spec("w1"));
  directory::TopologyChange change = world.harness.applied.back().diff.changes.front();
  const std::size_t before = ApproximateBytes(change);
  change.reason_text = std::string(100, 'x');
  change.correlation_id = std::string(50, 'x');
  EXPECT_EQ(ApproximateBytes(change) - before, 150u);
}

}  // namespace
}  // namespace omninode::registry
