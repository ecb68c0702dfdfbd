#include <gtest/gtest.h>

#include "common/crypto/csr.h"
#include "common/envelope/test_wire.h"
#include "omninode/bootstrap/v1/entry_service.pb.h"
#include "omninode/registry/v1/registry_service.pb.h"
#include "tests/integration/rejections/calls.h"
#include "tests/integration/rejections/letter.h"
#include "tests/integration/rejections/newcomer.h"
#include "tests/integration/rejections/runners.h"

// T20 names, T22 SPIFFE IDs.
namespace omninode::rejections {
namespace {

constexpr char kGetNode[] = "omninode.registry.v1.RegistryService/GetNode";

// A node that describes itself under a name that is none.
Runner Named(const std::string& name) {
  return [=](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    NodeIntrospection words = WordsOf(world, node);
    words.set_node_id(name);
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, Sign(node, BodyOf(world, node, words)));
  };
}

Runner Worded(const std::function<void(NodeIntrospection&)>& change) {
  return [=](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    NodeIntrospection words = WordsOf(world, node);
    change(words);
    EnvelopeBody body = BodyOf(world, node, words);
    body.mutable_audience()->set_namespace_(std::string(kTenant));
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, Sign(node, body));
  };
}

void AddNames(Runners& rows) {
  rows["T20.invalid_utf8"] = Named("w\xc3\x28");
  rows["T20.nul"] = Named(std::string("w\0x", 3));
  rows["T20.right_to_left_override"] = Named("w\u202e1");
  rows["T20.zero_width_space"] = Named("w\u200b1");
  rows["T20.emoji"] = Named("w\U0001F600");
  rows["T20.upper_case"] = Named("W1");
  rows["T20.cyrillic_look_alike"] = Named("w\u0430");
  rows["T20.one_byte_too_long"] = Named(std::string(129, 'w'));
  rows["T20.path_out_of_the_name"] = Named("../w1");
  rows["T20.namespace_with_a_dot"] =
      Worded([](NodeIntrospection& words) { words.set_namespace_("tenant.a"); });
  rows["T20.label_name_with_a_blank"] =
      Worded([](NodeIntrospection& words) { words.add_labels()->set_name("zone "); });
  rows["T20.audience_with_zero_width_joiner"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    EnvelopeBody body = BodyOf(world, node, WordsOf(world, node));
    body.mutable_audience()->set_namespace_("tenant\u200d-a");
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, Sign(node, body));
  };
  rows["T20.emoji_in_a_read"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    registry::v1::GetNodeRequest request;
    request.set_namespace_(std::string(kTenant));
    request.set_node_id("w\U0001F600");
    outcome.peer = node.spiffe_id;
    outcome.status = CallOnce(world.Registry(node), kGetNode, request);
  };
  rows["T20.invalid_utf8_in_a_read"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    outcome.peer = node.spiffe_id;
    outcome.status = CallRaw(world.Registry(node), kGetNode,
                             envelope::testing::BytesField(1, kTenant) +
                                 envelope::testing::BytesField(2, "w\xc3\x28"))
                         .status;
  };
}

// Spellings of a SPIFFE ID that are none, of which parsers disagree.
std::map<std::string, std::string> BadIds() {
  return {
      {"parent_segment", "spiffe://testbed.example/ns/tenant-b/../tenant-a/node/worker/w1"},
      {"dot_segment", "spiffe://testbed.example/ns/./tenant-a/node/worker/w1"},
      {"empty_segment", "spiffe://testbed.example/ns//tenant-a/node/worker/w1"},
      {"trailing_slash", "spiffe://testbed.example/ns/tenant-a/node/worker/w1/"},
      {"percent_encoding", "spiffe://testbed.example/ns/tenant%2Da/node/worker/w1"},
      {"query", "spiffe://testbed.example/ns/tenant-a/node/worker/w1?admin"},
      {"fragment", "spiffe://testbed.example/ns/tenant-a/node/worker/w1#admin"},
      {"port", "spiffe://testbed.example:443/ns/tenant-a/node/worker/w1"},
      {"userinfo", "spiffe://admin@testbed.example/ns/tenant-a/node/worker/w1"},
      {"upper_case_domain", "spiffe://TESTBED.example/ns/tenant-a/node/worker/w1"},
      {"upper_case_scheme", "SPIFFE://testbed.example/ns/tenant-a/node/worker/w1"},
      {"another_scheme", "https://testbed.example/ns/tenant-a/node/worker/w1"},
      {"longer_than_2048_bytes", "spiffe://testbed.example/" + std::string(2024, 'p')},
      {"domain_longer_than_255_bytes", "spiffe://" + std::string(256, 'd') + "/node/worker/w1"},
  };
}

void AddIds(Runners& rows) {
  for (const auto& [name, id] : BadIds()) {
    // In a certificate that chains to the root: as the TLS client. It has no identity to be called
    // by, so each comes from an address of its own.
    rows["T22." + name + "_in_a_certificate"] = [id](World& world, Outcome& outcome) {
      const Actor actor = world.authority().Issue(id);
      const World::Door door = world.NewDoor(world.cluster().registry_address());
      outcome.peer = door.peer;
      outcome.claimed = actor.spiffe_id;
      outcome.status =
          CallOnce(Dial(door.address, &actor), kGetNode, registry::v1::GetNodeRequest());
    };
    rows["T22." + name + "_wanted"] = [id](World& world, Outcome& outcome) {
      const World::Door door = world.NewDoor(world.cluster().attestor_address());
      outcome.peer = door.peer;
      outcome.status =
          Attest(door.address,
                 {.token_id = "t",
                  .csr = crypto::MakeCsr(crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256)),
                  .spiffe_id = id});
    };
  }
  rows["T22.parent_segment_signed"] = [](World& world, Outcome& outcome) {
    const Actor agent = world.NewAgent();
    const Actor forger = world.authority().Issue(BadIds().at("parent_segment"));
    Actor named = world.NewNode();
    EnvelopeBody body = BodyOf(world, named, WordsOf(world, named));
    outcome.peer = agent.spiffe_id;
    outcome.status = Register(world, agent, Sign(forger, body));
  };
  rows["T22.token_for_a_parent_segment"] = [](World& world, Outcome& outcome) {
    const Actor admin = world.NewAdmin();
    bootstrap::v1::CreateJoinTokenRequest request;
    request.set_spiffe_id(BadIds().at("parent_segment"));
    outcome.peer = admin.spiffe_id;
    outcome.status = CallOnce(world.Bootstrap(admin),
                              "omninode.bootstrap.v1.EntryService/CreateJoinToken", request);
  };
}

}  // namespace

void AddNameRows(Runners& rows) {
  AddNames(rows);
  AddIds(rows);
}

}  // namespace omninode::rejections
