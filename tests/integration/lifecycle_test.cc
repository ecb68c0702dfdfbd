#include <csignal>
#include <iostream>
#include <memory>
#include <variant>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/identity/principal.h"
#include "common/node/topology_stream_client.h"
#include "tools/testbed/cluster.h"
#include "tools/testbed/temporary_folder.h"

namespace omninode {
namespace {

using testbed::Cluster;

constexpr absl::Duration kSoon = absl::Seconds(15);

// Each test has a network of its own, because it starts or stops parts of it.
class LifecycleTest : public testing::Test {
 protected:
  void SetUp() override {
    auto cluster = Cluster::Create({.dir = folder_.path(), .bin_dir = OMNINODE_BIN_DIR});
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = *std::move(cluster);
    const absl::Status started = cluster_->StartBootstrap();
    ASSERT_TRUE(started.ok()) << started;
  }
  void TearDown() override {
    if (!HasFailure()) return;
    folder_.Keep();
    if (cluster_ != nullptr) std::cerr << cluster_->LogExcerpts();
    std::cerr << "logs and state: " << folder_.path() << "\n";
  }

  testbed::TemporaryFolder folder_;
  std::unique_ptr<Cluster> cluster_;
};

TEST_F(LifecycleTest, EverythingEndsWithExitCodeZero) {
  ASSERT_TRUE(cluster_->StartAttestor().ok());
  ASSERT_TRUE(cluster_->StartRegistry().ok());
  const absl::Status stopped = cluster_->StopAll();
  EXPECT_TRUE(stopped.ok()) << stopped;
}

TEST_F(LifecycleTest, WatchersHearThatTheRegistryDrainsBeforeItEndsTheirStreams) {
  ASSERT_TRUE(cluster_->StartRegistry().ok());
  node::TopologyStreamClient watch(cluster_->admin().channels()->Current().channel,
                                   {.ns = *NamespaceName::Parse(identity::kSystemNamespace)});
  const auto began = watch.Next(kSoon);
  ASSERT_TRUE(began.ok()) << began.status();
  ASSERT_TRUE(cluster_->registry().Signal(SIGTERM).ok());
  bool draining = false;
  absl::StatusOr<std::optional<node::TopologyEvent>> event = watch.Next(kSoon);
  for (; event.ok(); event = watch.Next(kSoon)) {
    EXPECT_FALSE(draining) << "nothing comes after the last word";
    draining |= event->has_value() && std::holds_alternative<node::Draining>((*event)->what);
  }
  EXPECT_TRUE(draining);
  EXPECT_EQ(ReasonOf(event.status()), Reason::kShuttingDown) << event.status();
}

// Nobody can tell what was revoked while the registry was down.
TEST_F(LifecycleTest, ARegistryThatStartsWithoutBootstrapRefusesWritesUntilItIsBack) {
  ASSERT_TRUE(cluster_->bootstrap().Stop(kSoon).ok());
  const absl::Status alone = cluster_->StartRegistry();
  ASSERT_TRUE(alone.ok()) << alone;
  node::RegistryClient& registry = cluster_->admin().registry();
  const NamespaceName tenant = *NamespaceName::Parse("tenant-a");
  EXPECT_EQ(ReasonOf(registry.CreateNamespace(tenant, {}).status()), Reason::kTrustStale);
  const NamespaceName system = *NamespaceName::Parse(identity::kSystemNamespace);
  EXPECT_EQ(ReasonOf(registry.GetNamespace(system).status()), Reason::kNamespaceUnknown);
  const absl::Status back = cluster_->bootstrap().Start(kSoon);
  ASSERT_TRUE(back.ok()) << back;
  const absl::Status made =
      testbed::Eventually(kSoon, [&] { return registry.GetNamespace(system).status(); });
  EXPECT_TRUE(made.ok()) << made;
  EXPECT_TRUE(registry.CreateNamespace(tenant, {}).ok());
}

}  // namespace
}  // namespace omninode
