#include "common/node/service_session.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/node/testing/fake_registry.h"

namespace omninode::node {
namespace {

ServiceSelf Self(std::vector<std::string> addresses) {
  return {.network = NetworkId::Parse("demo").value(),
          .registry_addresses = std::move(addresses),
          .version = "1.2.3",
          .grpc_address = "10.0.0.7:7101",
          .admin_address = ""};
}

TEST(ServiceSessionTest, RegistersAServiceAsWhatItsIdentitySays) {
  NodeWorld world("/service/bootstrap/bootstrap-1");
  FakeRegistry registry(world.authority, world.trust);
  const auto session = RegisterService(Self({registry.address()}), world.clock, world.svids,
                                       world.trust, world.logger);
  ASSERT_TRUE(session.ok()) << session.status();
  ASSERT_TRUE((*session)->WaitRegistered(kLong).ok());
  const auto node = registry.seen().nodes.at("bootstrap-1").view->introspection;
  EXPECT_EQ(node.ns().value(), "system");
  EXPECT_EQ(node.node_type().value(), "bootstrap");
  EXPECT_EQ(node.version(), "1.2.3");
  ASSERT_EQ(node.endpoints().size(), 1u) << "an empty address is left out";
  EXPECT_EQ(node.endpoints()[0].url(), "grpcs://10.0.0.7:7101");
}

TEST(ServiceSessionTest, RefusesWhoIsNoService) {
  NodeWorld world;
  EXPECT_EQ(ReasonOf(RegisterService(Self({"127.0.0.1:1"}), world.clock, world.svids, world.trust,
                                     world.logger)
                         .status()),
            Reason::kRoleRequired);
}

TEST(ServiceSessionTest, NeedsARegistry) {
  NodeWorld world("/service/bootstrap/bootstrap-1");
  EXPECT_EQ(
      ReasonOf(
          RegisterService(Self({}), world.clock, world.svids, world.trust, world.logger).status()),
      Reason::kArgumentInvalid);
}

}  // namespace
}  // namespace omninode::node
