#include <gtest/gtest.h>

#include "common/envelope/beat_mac.h"
#include "omninode/bootstrap/v1/authority_service.pb.h"
#include "omninode/bootstrap/v1/entry_service.pb.h"
#include "omninode/bootstrap/v1/identity_service.pb.h"
#include "omninode/registry/v1/namespace_service.pb.h"
#include "tests/integration/rejections/calls.h"
#include "tests/integration/rejections/letter.h"
#include "tests/integration/rejections/runners.h"

// T3 who submits, T4 who is spoken for, T5 who may call what.
namespace omninode::rejections {
namespace {

using registry::v1::HeartbeatRequest;
using registry::v1::HeartbeatResponse;

constexpr char kHeartbeat[] = "omninode.registry.v1.RegistryService/Heartbeat";

void AddSubmitters(Runners& rows) {
  rows["T3.stolen_registration"] = [](World& world, Outcome& outcome) {
    const Actor victim = world.NewNode();
    const Actor thief = world.NewNode();
    outcome.peer = thief.spiffe_id;
    outcome.status = Register(world, thief, Registration(world, victim));
  };
  rows["T3.stolen_tombstone"] = [](World& world, Outcome& outcome) {
    const Actor victim = world.NewNode();
    const Actor thief = world.NewNode();
    ASSERT_TRUE(Register(world, victim, Registration(world, victim)).ok());
    outcome.peer = thief.spiffe_id;
    outcome.status = Deregister(world, thief, Tombstone(world, victim));
  };
  rows["T3.submitted_by_another_service"] = [](World& world, Outcome& outcome) {
    const Actor service = world.authority().Issue("/service/gateway/" + world.NewName());
    outcome.peer = service.spiffe_id;
    outcome.status = Register(world, service, Registration(world, world.NewNode()));
  };
  rows["T3.names_the_submitter_signed_by_another"] = [](World& world, Outcome& outcome) {
    const Actor thief = world.NewNode();
    SignedEnvelope envelope = Registration(world, world.NewNode());
    envelope.mutable_security()->set_spiffe_id(thief.spiffe_id);
    outcome.peer = thief.spiffe_id;
    outcome.status = Register(world, thief, envelope);
  };
  rows["T3.carried_by_an_agent"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    outcome.status = Register(world, world.NewAgent(), Registration(world, node));
    registry::v1::GetNodeResponse found;
    ASSERT_TRUE(Lookup(world, node, &found).ok());
    EXPECT_EQ(found.node().actor(), node.spiffe_id);
  };
  rows["T3.carried_by_a_registry_instance"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    const Actor instance = world.authority().Issue("/service/registry/" + world.NewName());
    registry::v1::RegisterResponse answer;
    outcome.status = Register(world, instance, Registration(world, node), &answer);
    EXPECT_EQ(answer.lease().key(), "");  // it has no use for it
  };
}

// A node says with its own certificate what is another's to say.
Runner SpeaksAs(const std::function<void(NodeIntrospection&)>& change) {
  return [=](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    NodeIntrospection words = WordsOf(world, node);
    change(words);
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, Sign(node, BodyOf(world, node, words)));
  };
}

// One beat for the lease of `registered`, sent by `peer`.
grpc::Status Beat(World& world, const Actor& peer, const registry::v1::RegisterResponse& registered,
                  std::uint64_t sequence, const std::string& key, HeartbeatResponse* answer) {
  const auto network = NetworkId::Parse(world.cluster().options().network);
  const auto ns = NamespaceName::Parse(kTenant);
  const auto mac = envelope::ComputeBeatMac(
      key, {*network, *ns, registered.lease().handle(), sequence, directory::Health::kServing});
  HeartbeatRequest request;
  request.mutable_batch()->set_namespace_(std::string(kTenant));
  auto* beat = request.mutable_batch()->add_beats();
  beat->set_lease_handle(registered.lease().handle());
  beat->set_sequence(sequence);
  beat->set_mac(mac.data(), mac.size());
  return CallOnce(world.Registry(peer), kHeartbeat, request, answer);
}

// What is wrong with a beat stands in its result; the stream goes on, so that the call ends well.
void TakeResult(const HeartbeatResponse& answer, Outcome& outcome) {
  ASSERT_EQ(answer.results_size(), 1);
  outcome.within = registry::v1::BeatOutcome_Name(answer.results(0).outcome());
}

void AddSubjects(Runners& rows) {
  rows["T4.registers_as_another"] =
      SpeaksAs([](NodeIntrospection& words) { words.set_node_id("somebody-else"); });
  rows["T4.registers_as_another_type"] =
      SpeaksAs([](NodeIntrospection& words) { words.set_node_type("orchestrator"); });
  rows["T4.leaves_as_another"] = [](World& world, Outcome& outcome) {
    const Actor victim = world.NewNode();
    const Actor node = world.NewNode();
    ASSERT_TRUE(Register(world, victim, Registration(world, victim)).ok());
    outcome.peer = node.spiffe_id;
    outcome.status = Deregister(world, node, Sign(node, BodyOf(world, node, GoodbyeOf(victim))));
    registry::v1::GetNodeResponse still_there;
    EXPECT_TRUE(Lookup(world, victim, &still_there).ok());
  };
  rows["T4.an_agent_signs_for_a_node"] = [](World& world, Outcome& outcome) {
    const Actor agent = world.NewAgent();
    outcome.peer = agent.spiffe_id;
    outcome.status =
        Register(world, agent, Sign(agent, BodyOf(world, agent, WordsOf(world, world.NewNode()))));
  };
  rows["T4.takes_the_id_of_a_live_node_of_another_type"] = [](World& world, Outcome& outcome) {
    const Actor victim = world.NewNode();
    ASSERT_TRUE(Register(world, victim, Registration(world, victim)).ok());
    const std::string name = victim.spiffe_id.substr(victim.spiffe_id.rfind('/') + 1);
    const Actor node = world.authority().Issue("/ns/tenant-a/node/reducer/" + name);
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, Registration(world, node));
  };
  rows["T4.beats_for_another"] = [](World& world, Outcome& outcome) {
    const Actor victim = world.NewNode();
    const Actor node = world.NewNode();
    registry::v1::RegisterResponse registered;
    ASSERT_TRUE(Register(world, victim, Registration(world, victim), &registered).ok());
    HeartbeatResponse answer;
    outcome.peer = node.spiffe_id;
    outcome.status =
        Beat(world, node, registered, world.NextSequence(), registered.lease().key(), &answer);
    TakeResult(answer, outcome);
  };
  rows["T4.beats_with_a_wrong_key"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    registry::v1::RegisterResponse registered;
    ASSERT_TRUE(Register(world, node, Registration(world, node), &registered).ok());
    HeartbeatResponse answer;
    outcome.peer = node.spiffe_id;
    outcome.status = Beat(world, node, registered, world.NextSequence(), "another", &answer);
    TakeResult(answer, outcome);
  };
  rows["T10.replayed_beat"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    registry::v1::RegisterResponse registered;
    ASSERT_TRUE(Register(world, node, Registration(world, node), &registered).ok());
    const std::uint64_t sequence = world.NextSequence();
    HeartbeatResponse answer;
    ASSERT_TRUE(Beat(world, node, registered, sequence, registered.lease().key(), &answer).ok());
    ASSERT_EQ(answer.results(0).outcome(), registry::v1::BEAT_OUTCOME_OK);
    outcome.peer = node.spiffe_id;
    outcome.status = Beat(world, node, registered, sequence, registered.lease().key(), &answer);
    TakeResult(answer, outcome);
  };
}

enum class At : std::uint8_t { kRegistry, kBootstrap };

// Somebody calls what is not for him.
template <typename Request>
Runner Calls(std::string path, At service, std::string method, Request request = {}) {
  return [=](World& world, Outcome& outcome) {
    const Actor caller = world.authority().Issue(path + "/" + world.NewName());
    const auto channel =
        service == At::kRegistry ? world.Registry(caller) : world.Bootstrap(caller);
    outcome.peer = caller.spiffe_id;
    outcome.status = CallOnce(channel, method, request);
  };
}

void AddRoles(Runners& rows) {
  namespace b1 = bootstrap::v1;
  namespace r1 = registry::v1;
  const std::string registry = "omninode.registry.v1.";
  const std::string bootstrap = "omninode.bootstrap.v1.";
  rows["T5.agent_creates_a_namespace"] = Calls<r1::CreateNamespaceRequest>(
      "/agent", At::kRegistry, registry + "NamespaceService/CreateNamespace");
  rows["T5.agent_lists_namespaces"] = Calls<r1::ListNamespacesRequest>(
      "/agent", At::kRegistry, registry + "NamespaceService/ListNamespaces");
  rows["T5.tenant_admin_creates_a_namespace"] = Calls<r1::CreateNamespaceRequest>(
      "/ns/tenant-a/admin", At::kRegistry, registry + "NamespaceService/CreateNamespace");
  rows["T5.agent_makes_a_token"] = Calls<b1::CreateJoinTokenRequest>(
      "/agent", At::kBootstrap, bootstrap + "EntryService/CreateJoinToken");
  rows["T5.node_makes_an_entry"] = Calls<b1::CreateEntryRequest>(
      "/ns/tenant-a/node/worker", At::kBootstrap, bootstrap + "EntryService/CreateEntry");
  rows["T5.agent_revokes"] = Calls<b1::RevokeSvidRequest>(
      "/agent", At::kBootstrap, bootstrap + "AuthorityService/RevokeSvid");
  rows["T5.tenant_admin_bans"] = Calls<b1::BanIdentityRequest>(
      "/ns/tenant-a/admin", At::kBootstrap, bootstrap + "AuthorityService/BanIdentity");
  rows["T5.agent_relays_an_attestation"] = Calls<b1::BeginAttestationRequest>(
      "/agent", At::kBootstrap, bootstrap + "IdentityService/BeginAttestation");
  rows["T5.registry_finishes_an_attestation"] = Calls<b1::FinishAttestationRequest>(
      "/service/registry", At::kBootstrap, bootstrap + "IdentityService/FinishAttestation");
  rows["T5.identity_without_a_role"] =
      Calls<r1::GetNodeRequest>("/robot", At::kRegistry, registry + "RegistryService/GetNode");
  rows["T5.admin_registers"] = [](World& world, Outcome& outcome) {
    const Actor admin = world.NewAdmin();
    outcome.peer = admin.spiffe_id;
    outcome.status = Register(world, admin, Registration(world, world.NewNode()));
  };
  rows["T5.agent_removes_a_node"] = [](World& world, Outcome& outcome) {
    const Actor agent = world.NewAgent();
    r1::DeregisterRequest request;
    request.mutable_admin()->set_namespace_(std::string(kTenant));
    request.mutable_admin()->set_node_id("n1");
    outcome.peer = agent.spiffe_id;
    outcome.status =
        CallOnce(world.Registry(agent), "omninode.registry.v1.RegistryService/Deregister", request);
  };
}

}  // namespace

void AddSpeakerRows(Runners& rows) {
  AddSubmitters(rows);
  AddSubjects(rows);
  AddRoles(rows);
}

}  // namespace omninode::rejections
