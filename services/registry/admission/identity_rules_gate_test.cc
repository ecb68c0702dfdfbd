#include "services/registry/admission/identity_rules_gate.h"

#include <gtest/gtest.h>

#include "services/registry/topology/testing/commands.h"

namespace omninode::registry {
namespace {

TEST(IdentityRulesGateTest, AdmitsEverybodyAndSaysWhoDecided) {
  const auto id = *identity::SpiffeId::Parse("spiffe://example.org/node/worker/w1");
  const directory::Introspection introspection = testing::IntrospectionOf({});
  IdentityRulesGate gate;
  std::vector<absl::StatusOr<Decision>> decisions;
  gate.Decide({{id, introspection}, {id, introspection}},
              [&](std::vector<absl::StatusOr<Decision>> all) { decisions = std::move(all); });
  ASSERT_EQ(decisions.size(), 2u);
  for (const auto& decision : decisions) {
    ASSERT_TRUE(decision.ok());
    EXPECT_EQ(decision->id, IdentityRulesGate::kDecisionId);
    EXPECT_EQ(decision->revision, 0u);
    EXPECT_FALSE(decision->max_nodes_of_type.has_value());
  }
}

}  // namespace
}  // namespace omninode::registry
