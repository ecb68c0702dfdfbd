#include <csignal>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/node/registry_client.h"
#include "tests/integration/network_fixture.h"
#include "tools/testbed/cluster.h"
#include "tools/testbed/topology_watch.h"

namespace omninode {
namespace {

using directory::ChangeKind;
using directory::RemovalReason;
using testbed::Cluster;
using testbed::TopologyWatch;

using integration::kSoon;
using integration::Namespace;

directory::Introspection Worker(std::string_view ns, std::string id, std::string jobs = "4") {
  auto node = directory::Introspection::Create({.ns = std::string(ns),
                                                .node_type = "worker",
                                                .node_id = std::move(id),
                                                .capabilities = {{"max_jobs", std::move(jobs)}}});
  EXPECT_TRUE(node.ok()) << node.status();
  return *std::move(node);
}

class SmokeTest : public integration::NetworkFixture {
 protected:
  static void SetUpTestSuite() { StartNetwork({}); }

  // A namespace of its own, with a watcher.
  static std::unique_ptr<TopologyWatch> MakeNamespace(const std::string& ns) {
    NetworkFixture::MakeNamespace(ns);
    return Watch(cluster().admin(), ns);
  }
};

TEST_F(SmokeTest, EveryServiceIsReady) {
  for (const auto* service :
       {&cluster().bootstrap(), &cluster().attestor(), &cluster().registry()}) {
    const absl::Status ready =
        testbed::Eventually(kSoon, [&] { return service->HttpGet("/readyz").status(); });
    EXPECT_TRUE(ready.ok()) << service->name() << ": " << ready;
  }
}

TEST_F(SmokeTest, TheServicesAreNodesOfNamespaceSystem) {
  const absl::Status seen = testbed::Eventually(kSoon, [&]() -> absl::Status {
    OMNI_ASSIGN_OR_RETURN(const auto list,
                          cluster().admin().registry().ListNodes(Namespace("system")));
    std::set<std::string> ids;
    for (const auto& node : list.nodes) ids.insert(node.view->node_id().value());
    if (ids == std::set<std::string>{"attestor-1", "bootstrap-1", "registry-1"}) {
      return absl::OkStatus();
    }
    return absl::InternalError(fmt::format("{}", fmt::join(ids, ", ")));
  });
  EXPECT_TRUE(seen.ok()) << seen;
}

TEST_F(SmokeTest, ANodeAttestsRegistersAndLeavesByTombstone) {
  const auto watch = MakeNamespace("smoke-a");
  ASSERT_NE(watch, nullptr);
  const auto worker = Worker("smoke-a", "w1");
  const auto process = cluster().StartNode(worker);
  ASSERT_TRUE(process.ok()) << process.status();
  const auto added = watch->WaitFor("w1", ChangeKind::kAdded, kSoon);
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_EQ(added->change.node->introspection, worker);
  EXPECT_EQ(added->position.version, 1u);

  const absl::Status stopped = (*process)->Stop(kSoon);
  EXPECT_TRUE(stopped.ok()) << stopped;
  const auto removed = watch->WaitFor("w1", ChangeKind::kRemoved, kSoon);
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_EQ(removed->change.removal_reason, RemovalReason::kGracefulShutdown);
  EXPECT_EQ(removed->position.version, 2u);
}

TEST_F(SmokeTest, ATokenIsGoodForOneIdentityOnce) {
  ASSERT_NE(MakeNamespace("smoke-b"), nullptr);
  const auto token = cluster().MakeToken(cluster().NodeId(Worker("smoke-b", "w1")));
  ASSERT_TRUE(token.ok()) << token.status();
  const testbed::Member::Options options{
      .clock = cluster().clock(), .logger = cluster().logger(), .token_file = *token};
  const auto first = testbed::Member::Join(options);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(testbed::Member::Join(options).ok());
}

TEST_F(SmokeTest, AForgedEnvelopeIsRefusedAndCounted) {
  ASSERT_NE(MakeNamespace("smoke-c"), nullptr);
  const auto worker = Worker("smoke-c", "w1");
  const auto member = cluster().JoinNode(worker);
  ASSERT_TRUE(member.ok()) << member.status();
  const auto envelope = (*member)->Seal(worker, (*member)->NextSequence());
  ASSERT_TRUE(envelope.ok()) << envelope.status();
  const auto forged = testbed::Forge(*envelope);
  ASSERT_TRUE(forged.ok()) << forged.status();
  const auto refused = [&] {
    return Cluster::CounterValue(cluster().registry(), "omninode_reject_total",
                                 {{"reason", "SIG_INVALID"}});
  };
  const auto before = refused();
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_EQ(ReasonOf((*member)->registry().Register(*forged).status()), Reason::kSigInvalid);
  const auto after = refused();
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(*after, *before + 1);
  const auto registered = (*member)->registry().Register(*envelope);
  EXPECT_TRUE(registered.ok()) << registered.status();
}

TEST_F(SmokeTest, AKilledRegistryComesBackWithWhatItAcknowledged) {
  const auto watch = MakeNamespace("smoke-d");
  ASSERT_NE(watch, nullptr);
  const auto worker = Worker("smoke-d", "w1");
  const auto member = cluster().JoinNode(worker);
  ASSERT_TRUE(member.ok()) << member.status();
  const auto envelope = (*member)->Seal(worker, (*member)->NextSequence());
  ASSERT_TRUE(envelope.ok()) << envelope.status();
  const auto before = (*member)->registry().Register(*envelope);
  ASSERT_TRUE(before.ok()) << before.status();

  const absl::Status restarted = cluster().RestartRegistry(SIGKILL);
  ASSERT_TRUE(restarted.ok()) << restarted;
  const auto again = (*member)->registry().Register(*envelope, kSoon);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->registration.position, before->registration.position);
  const auto other = (*member)->Seal(Worker("smoke-d", "w1", "5"), (*member)->NextSequence());
  ASSERT_TRUE(other.ok()) << other.status();
  ASSERT_TRUE((*member)->registry().Register(*other).ok());
  const auto updated = watch->WaitFor("w1", ChangeKind::kUpdated, kSoon);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->position.version, before->registration.position.version + 1);
  const absl::Status promises = testbed::Eventually(kSoon, [&] { return watch->CheckPromises(); });
  EXPECT_TRUE(promises.ok()) << promises;
}

}  // namespace
}  // namespace omninode
