#include "common/node/registry_client.h"

#include <thread>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/concurrency/gate.h"
#include "common/crypto/random.h"
#include "common/directory/canonical.h"
#include "common/envelope/payload.h"
#include "common/envelope/seal.h"
#include "common/node/testing/fake_registry.h"

namespace omninode::node {
namespace {

const NamespaceName kNs = NamespaceName::Parse("tenant-a").value();

directory::NodeRef Ref(std::string_view id) { return {kNs, NodeId::Parse(id).value()}; }

class RegistryClientTest : public testing::Test {
 protected:
  std::string Seal(envelope::EventType type, std::string payload, std::uint64_t sequence) {
    return envelope::Seal({.type = type,
                           .timestamp = absl::Now(),
                           .audience = {NetworkId::Parse("demo").value(), kNs},
                           .sequence = sequence,
                           .correlation_id = "",
                           .payload = std::move(payload)},
                          crypto::RandomUuid(), absl::Now(), *world.svids.Current())
        .value();
  }
  std::string Introspection(const std::string& id, std::uint64_t sequence = 10) {
    return Seal(
        envelope::EventType::kNodeIntrospection,
        envelope::EncodeIntrospection(directory::Introspection::Create(
                                          {.ns = "tenant-a", .node_type = "worker", .node_id = id})
                                          .value()),
        sequence);
  }
  std::string Tombstone(std::string_view id) {
    return Seal(envelope::EventType::kNodeTombstone,
                envelope::EncodeTombstone({.ns = kNs,
                                           .node_type = NodeType::Parse("worker").value(),
                                           .node_id = NodeId::Parse(id).value(),
                                           .final_health = directory::Health::kServing,
                                           .uptime = absl::Seconds(1),
                                           .reason_text = "done"}),
                20);
  }
  void RegisterThree() {
    for (const char* id : {"w1", "w2", "w3"}) {
      ASSERT_TRUE(client.Register(Introspection(id)).ok());
    }
  }

  NodeWorld world;
  FakeRegistry registry{world.authority, world.trust};
  RegistryClient client{world.Channels({registry.address()})};
};

TEST_F(RegistryClientTest, RegistersReadsAndRemovesANode) {
  const auto answer = client.Register(Introspection("w1"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->registration.position, directory::Position(1, 1));
  EXPECT_EQ(answer->registration.renew_every, absl::Seconds(30));
  EXPECT_EQ(answer->lease_key->value(), kFakeLeaseKey);
  const auto node = client.GetNode(Ref("w1"), /*with_evidence=*/true);
  ASSERT_TRUE(node.ok()) << node.status();
  EXPECT_EQ(node->view->actor, world.svids.Current()->id().ToString());
  EXPECT_EQ(node->evidence->body, registry.seen().nodes.at("w1").evidence->body);
  EXPECT_EQ(client.GetNode(Ref("w1"))->evidence, std::nullopt);
  const auto gone = client.Deregister(Tombstone("w1"));
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_EQ(gone->reason_text, "done");
}

TEST_F(RegistryClientTest, TellsTheRegistrysReasonAndMetadata) {
  const absl::Status unknown = client.GetNode(Ref("nobody")).status();
  EXPECT_EQ(ReasonOf(unknown), Reason::kNodeUnknown) << unknown;
  ASSERT_TRUE(client.Register(Introspection("w1", 50)).ok());
  const absl::Status stale = client.Register(Introspection("w1", 40)).status();
  EXPECT_EQ(ReasonOf(stale), Reason::kStaleSequence);
  EXPECT_EQ(MetadataOf(stale)["last_sequence"], "50");
}

TEST_F(RegistryClientTest, RefusesToSendWhatIsNoEnvelope) {
  EXPECT_EQ(ReasonOf(client.Register("\xff\xff").status()), Reason::kMsgMalformed);
  EXPECT_EQ(ReasonOf(client.Deregister(std::string(65 * 1024, '\0')).status()),
            Reason::kMsgMalformed);
  EXPECT_TRUE(registry.seen().registrations.empty());
}

TEST_F(RegistryClientTest, RemovesAsAnAdministrator) {
  const auto gone = client.Remove(Ref("w1"), "broken", "request-1");
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_EQ(gone->node, Ref("w1"));
  EXPECT_EQ(gone->reason_text, "broken");
  EXPECT_EQ(gone->decision, "request-1");
}

TEST_F(RegistryClientTest, ReadsAllPages) {
  RegisterThree();
  const auto list = client.ListNodes(kNs);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->nodes.size(), 3u);
  EXPECT_EQ(list->position, directory::Position(1, 3));
  const auto topology = client.GetTopology(kNs);
  ASSERT_TRUE(topology.ok()) << topology.status();
  directory::SetHash hash;
  for (const NodeRecord& node : topology->nodes) hash.Add(directory::CanonicalDigest(*node.view));
  EXPECT_EQ(topology->hash, hash);
  EXPECT_EQ(topology->nodes.size(), 3u);
}

TEST_F(RegistryClientTest, AListMayHaveAsManyItemsAsItsBoundAndNoMore) {
  RegisterThree();
  RegistryClient three(world.Channels({registry.address()}), 3);
  EXPECT_EQ(three.ListNodes(kNs)->nodes.size(), 3u);
  RegistryClient two(world.Channels({registry.address()}), 2);
  EXPECT_TRUE(absl::IsResourceExhausted(two.ListNodes(kNs).status()));
  EXPECT_TRUE(absl::IsResourceExhausted(two.GetTopology(kNs).status()));
}

TEST_F(RegistryClientTest, BeginsASnapshotAgainThatWentAwayButNotForEver) {
  RegisterThree();
  auto lost = std::make_shared<std::atomic<int>>(0);
  registry.Set([&](auto& hooks) {
    hooks.on_page = [lost](const std::string& token) {
      const bool loses = !token.empty() && lost->fetch_add(1) < 2;
      return loses ? Reject(Reason::kRevisionCompacted, "gone") : absl::OkStatus();
    };
  });
  EXPECT_EQ(client.GetTopology(kNs)->nodes.size(), 3u);
  *lost = -100;
  EXPECT_EQ(ReasonOf(client.GetTopology(kNs).status()), Reason::kRevisionCompacted);
}

TEST_F(RegistryClientTest, ReadsTombstonesUpToALimit) {
  for (const char* id : {"w1", "w2", "w3"}) {
    ASSERT_TRUE(client.Register(Introspection(id)).ok());
    ASSERT_TRUE(client.Deregister(Tombstone(id)).ok());
  }
  EXPECT_EQ(client.ListTombstones(kNs)->size(), 3u);
  EXPECT_EQ(client.ListTombstones(kNs, std::nullopt, 2)->size(), 2u);
  EXPECT_EQ(client.ListTombstones(kNs, std::nullopt, 0)->size(), 0u);
}

TEST_F(RegistryClientTest, WaitsForAVersion) {
  RegisterThree();
  EXPECT_EQ(*client.WaitForVersion(kNs, {1, 2}), directory::Position(1, 3));
  EXPECT_EQ(ReasonOf(client.WaitForVersion(kNs, {1, 4}, absl::Milliseconds(10)).status()),
            Reason::kDeadline);
}

TEST_F(RegistryClientTest, MakesAndReadsNamespaces) {
  const auto made = client.CreateNamespace(kNs, {.default_ttl = absl::Seconds(4)}, "request-1");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->rules.default_ttl, absl::Seconds(4));
  ASSERT_TRUE(client.CreateNamespace(NamespaceName::Parse("tenant-b").value(), {}).ok());
  EXPECT_EQ(client.GetNamespace(kNs)->name, kNs);
  EXPECT_EQ(ReasonOf(client.GetNamespace(NamespaceName::Parse("other").value()).status()),
            Reason::kNamespaceUnknown);
  EXPECT_EQ(client.ListNamespaces()->size(), 2u);
}

TEST_F(RegistryClientTest, AsksTheNextInstanceWhenOneIsDown) {
  FakeRegistry second(world.authority, world.trust, "registry-2");
  const auto channels = world.Channels({registry.address(), second.address()});
  RegistryClient both(channels);
  ASSERT_TRUE(both.ListNodes(kNs).ok());
  EXPECT_EQ(channels->Current().index, 0u);
  registry.Stop();
  EXPECT_TRUE(both.ListNodes(kNs).ok());
  EXPECT_EQ(channels->Current().index, 1u) << "and stays there";
  second.Stop();
  EXPECT_TRUE(absl::IsUnavailable(both.ListNodes(kNs, {}, absl::Seconds(2)).status()));
}

TEST_F(RegistryClientTest, AnInstanceThatHangsLeavesTimeForTheNext) {
  FakeRegistry second(world.authority, world.trust, "registry-2");
  Gate release;
  registry.Set([&](auto& hooks) {
    hooks.on_page = [&](const std::string&) {
      release.Await();
      return absl::OkStatus();
    };
  });
  const auto channels = world.Channels({registry.address(), second.address()});
  RegistryClient both(channels);
  channels->Failed(0);
  ASSERT_TRUE(both.ListNodes(kNs).ok());  // connects, which is not to be measured
  channels->Failed(1);
  EXPECT_TRUE(both.ListNodes(kNs, {}, absl::Seconds(3)).ok());
  EXPECT_EQ(channels->Current().index, 1u);
  release.Arrive();
  registry.Stop();  // its handlers use the gate
}

TEST_F(RegistryClientTest, DoesNotBelieveAServerThatIsNoRegistry) {
  RegistryClient stranger(RegistryChannels::Create({.addresses = {registry.address()},
                                                    .expected = rpc::ExpectService("bootstrap"),
                                                    .svids = &world.svids,
                                                    .trust = &world.trust,
                                                    .clock = &world.clock})
                              .value());
  EXPECT_TRUE(absl::IsUnavailable(stranger.ListNamespaces(absl::Seconds(2)).status()));
}

TEST_F(RegistryClientTest, CancelsCallsInProgressAndAfterCloseAllOthers) {
  Gate entered;
  Gate release;
  registry.Set([&](auto& hooks) {
    hooks.on_page = [&](const std::string&) {
      entered.Arrive();
      release.Await();
      return absl::OkStatus();
    };
  });
  absl::Status first;
  std::thread caller([&] { first = client.ListNodes(kNs).status(); });
  entered.Await();
  client.CancelCalls();
  caller.join();
  EXPECT_TRUE(absl::IsCancelled(first)) << first;
  release.Arrive();
  EXPECT_TRUE(client.ListNodes(kNs).ok()) << "only what was in progress";
  client.Close();
  EXPECT_TRUE(absl::IsCancelled(client.ListNodes(kNs).status()));
  registry.Stop();  // its handlers use the gates
}

}  // namespace
}  // namespace omninode::node
