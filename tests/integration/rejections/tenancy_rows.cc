#include <gtest/gtest.h>

#include "omninode/registry/v1/namespace_service.pb.h"
#include "omninode/registry/v1/topology_service.pb.h"
#include "tests/integration/rejections/calls.h"
#include "tests/integration/rejections/letter.h"
#include "tests/integration/rejections/runners.h"

// T25 looking into another namespace, T26 moving into one.
namespace omninode::rejections {
namespace {

namespace v1 = registry::v1;

std::string RegistryRpc(const std::string& name) {
  return "omninode.registry.v1.RegistryService/" + name;
}
std::string TopologyRpc(const std::string& name) {
  return "omninode.registry.v1.TopologyService/" + name;
}

// A node of tenant-a asks for tenant-b, which exists and has nodes.
template <typename Request>
Runner Peeks(const std::string& method) {
  return [=](World& world, Outcome& outcome) {
    const Actor owner = world.NewNode(kOtherTenant);
    ASSERT_TRUE(Register(world, owner, Registration(world, owner)).ok());
    const Actor node = world.NewNode();
    Request request;
    request.set_namespace_(std::string(kOtherTenant));
    if constexpr (requires { request.set_node_id(""); }) request.set_node_id("n1");
    outcome.peer = node.spiffe_id;
    outcome.status = CallOnce(world.Registry(node), method, request);

    // Nobody can tell it from a namespace that does not exist: the second refusal of the row.
    request.set_namespace_("no-such-tenant");
    const grpc::Status unknown = CallOnce(world.Registry(node), method, request);
    EXPECT_EQ(unknown.error_code(), outcome.status.error_code());
    EXPECT_EQ(unknown.error_message(), outcome.status.error_message());
    EXPECT_EQ(unknown.error_details(), outcome.status.error_details());
  };
}

// A page token of one request, given to another.
struct Page {
  std::string token;
  Actor owner;
};

void FirstPage(World& world, Page* page) {
  for (int i = 0; i < 2; ++i) {
    const Actor node = world.NewNode();
    ASSERT_TRUE(Register(world, node, Registration(world, node)).ok());
  }
  v1::ListNodesRequest request;
  request.set_namespace_(std::string(kTenant));
  request.set_page_size(1);
  v1::ListNodesResponse answer;
  ASSERT_TRUE(
      CallOnce(world.Registry(page->owner), RegistryRpc("ListNodes"), request, &answer).ok());
  page->token = answer.next_page_token();
  ASSERT_NE(page->token, "");
}

Runner TurnsThePage(bool same_owner, std::string ns,
                    const std::function<std::string(std::string)>& change = nullptr) {
  return [=](World& world, Outcome& outcome) {
    Page page{.owner = world.NewAdmin()};
    FirstPage(world, &page);
    const Actor reader = same_owner ? page.owner : world.NewAdmin();
    v1::ListNodesRequest request;
    request.set_namespace_(ns);
    request.set_page_size(1);
    request.set_page_token(change ? change(page.token) : page.token);
    outcome.peer = reader.spiffe_id;
    outcome.status = CallOnce(world.Registry(reader), RegistryRpc("ListNodes"), request);
  };
}

void AddPeeking(Runners& rows) {
  rows["T25.get_node"] = Peeks<v1::GetNodeRequest>(RegistryRpc("GetNode"));
  rows["T25.list_nodes"] = Peeks<v1::ListNodesRequest>(RegistryRpc("ListNodes"));
  rows["T25.list_tombstones"] = Peeks<v1::ListTombstonesRequest>(RegistryRpc("ListTombstones"));
  rows["T25.get_topology"] = Peeks<v1::GetTopologyRequest>(TopologyRpc("GetTopology"));
  rows["T25.watch_topology"] = Peeks<v1::WatchTopologyRequest>(TopologyRpc("WatchTopology"));
  rows["T25.wait_for_version"] = Peeks<v1::WaitForVersionRequest>(TopologyRpc("WaitForVersion"));
  rows["T25.get_namespace"] =
      Peeks<v1::GetNamespaceRequest>("omninode.registry.v1.NamespaceService/GetNamespace");
  rows["T25.tenant_admin_reads_another_tenant"] = [](World& world, Outcome& outcome) {
    const Actor admin = world.authority().Issue("/ns/tenant-a/admin/" + world.NewName());
    v1::ListNodesRequest request;
    request.set_namespace_(std::string(kOtherTenant));
    outcome.peer = admin.spiffe_id;
    outcome.status = CallOnce(world.Registry(admin), RegistryRpc("ListNodes"), request);
  };
  rows["T25.tenant_admin_removes_a_node_of_another_tenant"] = [](World& world, Outcome& outcome) {
    const Actor admin = world.authority().Issue("/ns/tenant-a/admin/" + world.NewName());
    const Actor node = world.NewNode(kOtherTenant);
    ASSERT_TRUE(Register(world, node, Registration(world, node)).ok());
    v1::DeregisterRequest request;
    request.mutable_admin()->set_namespace_(std::string(kOtherTenant));
    request.mutable_admin()->set_node_id(node.spiffe_id.substr(node.spiffe_id.rfind('/') + 1));
    outcome.peer = admin.spiffe_id;
    outcome.status = CallOnce(world.Registry(admin), RegistryRpc("Deregister"), request);
    v1::GetNodeResponse still_there;
    EXPECT_TRUE(Lookup(world, node, &still_there).ok());
  };
  rows["T25.service_without_read_all"] = [](World& world, Outcome& outcome) {
    const Actor service = world.authority().Issue("/service/attestor/" + world.NewName());
    v1::ListNodesRequest request;
    request.set_namespace_(std::string(kTenant));
    outcome.peer = service.spiffe_id;
    outcome.status = CallOnce(world.Registry(service), RegistryRpc("ListNodes"), request);
  };
  rows["T25.heartbeat_into_another_namespace"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    v1::HeartbeatRequest request;
    request.mutable_batch()->set_namespace_(std::string(kOtherTenant));
    outcome.peer = node.spiffe_id;
    outcome.status = CallOnce(world.Registry(node), RegistryRpc("Heartbeat"), request);
  };
  rows["T25.page_token_of_another_namespace"] =
      TurnsThePage(/*same_owner=*/true, std::string(kOtherTenant));
  rows["T25.page_token_of_somebody_else"] =
      TurnsThePage(/*same_owner=*/false, std::string(kTenant));
  rows["T25.page_token_made_up"] = TurnsThePage(
      /*same_owner=*/true, std::string(kTenant), [](const std::string&) { return "bjE="; });
  rows["T25.page_token_changed"] =
      TurnsThePage(/*same_owner=*/true, std::string(kTenant), [](std::string token) {
        token[0] = token[0] == 'A' ? 'B' : 'A';
        return token;
      });
}

// A node whose words are about another namespace than its identity.
Runner MovesTo(std::string ns) {
  return [=](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    ASSERT_TRUE(Register(world, node, Registration(world, node)).ok());
    NodeIntrospection words = WordsOf(world, node);
    words.set_namespace_(ns);
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, Sign(node, BodyOf(world, node, words)));
    v1::GetNodeResponse still_there;
    EXPECT_TRUE(Lookup(world, node, &still_there).ok());
  };
}

void AddMoves(Runners& rows) {
  rows["T26.into_another_tenant"] = MovesTo(std::string(kOtherTenant));
  rows["T26.into_the_default_namespace"] = MovesTo("default");
  rows["T26.into_system"] = MovesTo("system");
  rows["T26.into_a_namespace_that_is_not_there"] = MovesTo("no-such-tenant");
  rows["T26.tombstone_in_another_tenant"] = [](World& world, Outcome& outcome) {
    const Actor victim = world.NewNode(kOtherTenant);
    ASSERT_TRUE(Register(world, victim, Registration(world, victim)).ok());
    const Actor node = world.NewNode();
    outcome.peer = node.spiffe_id;
    outcome.status = Deregister(world, node, Sign(node, BodyOf(world, node, GoodbyeOf(victim))));
    v1::GetNodeResponse still_there;
    EXPECT_TRUE(Lookup(world, victim, &still_there).ok());
  };
}

}  // namespace

void AddTenancyRows(Runners& rows) {
  AddPeeking(rows);
  AddMoves(rows);
}

}  // namespace omninode::rejections
