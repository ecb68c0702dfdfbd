#include <csignal>
#include <iostream>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "tests/integration/bad_input/private_disk.h"
#include "tools/testbed/cluster.h"
#include "tools/testbed/temporary_folder.h"
#include "tools/testbed/wait.h"

namespace omninode::bad_input {
namespace {

using testbed::Cluster;
using testing::HasSubstr;

constexpr absl::Duration kSoon = absl::Seconds(30);
constexpr std::size_t kDiskMegabytes = 40;
constexpr int kAtMost = 2000;  // registrations until the last free page is used

// A program of its own, because what it mounts must not be seen by others and a process with
// threads may not ask for that.
class FullDiskTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const absl::Status own = PrivateDisk::OwnMounts(); !own.ok()) {
      GTEST_SKIP() << "no small file system can be made here: " << own;
    }
    auto cluster = Cluster::Create({.dir = folder_.path() + "/c", .bin_dir = OMNINODE_BIN_DIR});
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = *std::move(cluster);
    ASSERT_TRUE(cluster_->StartBootstrap().ok());
    ASSERT_TRUE(cluster_->StartAttestor().ok());
    auto disk = PrivateDisk::Make(folder_.path() + "/c/data/registry", kDiskMegabytes);
    ASSERT_TRUE(disk.ok()) << disk.status();
    disk_ = *std::move(disk);
    const absl::Status started = cluster_->StartRegistry();
    ASSERT_TRUE(started.ok()) << started;
    ASSERT_TRUE(cluster_->AllowNodes("default").ok());
    auto member = cluster_->JoinNode(Worker(0));
    ASSERT_TRUE(member.ok()) << member.status();
    member_ = *std::move(member);
  }
  void TearDown() override {
    if (!HasFailure() || cluster_ == nullptr) return;
    std::cerr << cluster_->LogExcerpts();
  }

  static directory::Introspection Worker(int state) {
    return *directory::Introspection::Create(
        {.ns = "default",
         .node_type = "worker",
         .node_id = "w1",
         .capabilities = {{"state", std::to_string(state)}, {"more", std::string(200, 'x')}}});
  }

  absl::Status Register(int state) {
    OMNI_ASSIGN_OR_RETURN(const std::string envelope,
                          member_->Seal(Worker(state), member_->NextSequence()));
    return member_->registry().Register(envelope).status();
  }

  // The capability "state" of the node as the registry shows it.
  std::string Shown() {
    const auto record = cluster_->admin().registry().GetNode(
        {*NamespaceName::Parse("default"), *NodeId::Parse("w1")}, false);
    EXPECT_TRUE(record.ok()) << record.status();
    if (!record.ok()) return "";
    for (const auto& capability : record->view->introspection.capabilities()) {
      if (capability.name().value() == "state") return capability.value();
    }
    return "";
  }

  double Metric(std::string_view name, const std::map<std::string, std::string>& labels = {}) {
    const auto value = Cluster::CounterValue(cluster_->registry(), name, labels);
    EXPECT_TRUE(value.ok()) << value.status();
    return value.value_or(-1);
  }

  testbed::TemporaryFolder folder_;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<PrivateDisk> disk_;
  std::unique_ptr<testbed::Member> member_;
};

TEST_F(FullDiskTest, MakesTheRegistryReadOnlyAndNotReadyUntilThereIsSpace) {
  ASSERT_TRUE(Register(1).ok());
  const absl::Status before =
      testbed::Eventually(kSoon, [&] { return cluster_->registry().HttpGet("/readyz").status(); });
  ASSERT_TRUE(before.ok()) << before;
  EXPECT_EQ(Metric("omninode_ready"), 1);

  ASSERT_TRUE(disk_->Fill().ok());
  int last_good = 1;
  absl::Status refused;
  for (int state = 2; refused.ok() && state < kAtMost; ++state) {
    refused = Register(state);
    if (refused.ok()) last_good = state;
  }
  EXPECT_EQ(ReasonOf(refused), Reason::kStoreUnavailable) << refused;
  EXPECT_THAT(Message(refused), HasSubstr("look at the disk and its free space"));

  // Read-only: what was acknowledged is shown, and nothing else.
  EXPECT_EQ(Shown(), std::to_string(last_good));
  const absl::Status not_ready = cluster_->registry().HttpGet("/readyz").status();
  EXPECT_THAT(Message(not_ready), HasSubstr("answers 503"));
  EXPECT_THAT(Message(not_ready), HasSubstr(R"("name":"store","state":"failed")"));
  EXPECT_TRUE(cluster_->registry().HttpGet("/livez").ok());
  EXPECT_EQ(Metric("omninode_ready"), 0);
  EXPECT_GE(Metric("omninode_reject_total", {{"reason", "STORE_UNAVAILABLE"}}), 1);

  ASSERT_TRUE(disk_->Empty().ok());
  const absl::Status ready =
      testbed::Eventually(kSoon, [&] { return cluster_->registry().HttpGet("/readyz").status(); });
  EXPECT_TRUE(ready.ok()) << ready;
  const absl::Status again = Register(kAtMost + 1);
  EXPECT_TRUE(again.ok()) << again;
  EXPECT_EQ(Metric("omninode_ready"), 1);

  const absl::Status restarted = cluster_->RestartRegistry(SIGKILL);
  ASSERT_TRUE(restarted.ok()) << restarted;
  EXPECT_EQ(Shown(), std::to_string(kAtMost + 1));
}

TEST_F(FullDiskTest, IsOneLineAndAnExitCodeWhenTheRegistryStartsOnIt) {
  ASSERT_TRUE(cluster_->StopRegistry().ok());
  ASSERT_TRUE(disk_->Fill().ok());
  const absl::Status started = cluster_->StartRegistry();
  EXPECT_THAT(Message(started), HasSubstr("ended with exit code 74"));
  EXPECT_THAT(Message(started), HasSubstr("omninode-registry: "));
  ASSERT_TRUE(disk_->Empty().ok());
  const absl::Status again = cluster_->StartRegistry();
  EXPECT_TRUE(again.ok()) << again;
}

}  // namespace
}  // namespace omninode::bad_input
