#ifndef OMNINODE_TESTS_INTEGRATION_NETWORK_FIXTURE_H_
#define OMNINODE_TESTS_INTEGRATION_NETWORK_FIXTURE_H_

#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "common/node/registry_client.h"
#include "tools/testbed/cluster.h"
#include "tools/testbed/fleet.h"
#include "tools/testbed/temporary_folder.h"
#include "tools/testbed/topology_watch.h"

namespace omninode::integration {

inline constexpr absl::Duration kSoon = absl::Seconds(20);

inline NamespaceName Namespace(std::string_view text) { return *NamespaceName::Parse(text); }

// A network of real processes for the tests of one suite; each test has a namespace of its own.
// After a failure its folder stays and what matters of its logs is printed.
class NetworkFixture : public testing::Test {
 protected:
  static void StartNetwork(testbed::Cluster::Options options) {
    folder_ = std::make_unique<testbed::TemporaryFolder>();
    options.dir = folder_->path();
    options.bin_dir = OMNINODE_BIN_DIR;
    auto cluster = testbed::Cluster::Start(std::move(options));
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = *std::move(cluster);
  }
  static void TearDownTestSuite() {
    if (testing::UnitTest::GetInstance()->current_test_suite()->Failed()) {
      folder_->Keep();
      if (cluster_ != nullptr) std::cerr << cluster_->LogExcerpts();
      std::cerr << "logs and state: " << folder_->path() << "\n";
    }
    cluster_.reset();
    folder_.reset();
  }
  void SetUp() override { ASSERT_NE(cluster_, nullptr) << "the network is not up"; }

  static testbed::Cluster& cluster() { return *cluster_; }

  static void MakeNamespace(const std::string& ns, const node::NamespaceRules& rules = {}) {
    const absl::Status allowed = cluster_->AllowNodes(ns);
    ASSERT_TRUE(allowed.ok()) << allowed;
    const auto made = cluster_->admin().registry().CreateNamespace(Namespace(ns), rules);
    ASSERT_TRUE(made.ok()) << made.status();
  }
  static std::unique_ptr<testbed::Fleet> Enroll(const std::string& ns, std::size_t nodes) {
    auto fleet = testbed::Fleet::Enroll(*cluster_, {.ns = ns, .prefix = ns, .nodes = nodes});
    EXPECT_TRUE(fleet.ok()) << fleet.status();
    return fleet.ok() ? *std::move(fleet) : nullptr;
  }
  static std::unique_ptr<testbed::TopologyWatch> Watch(testbed::Member& member,
                                                       const std::string& ns) {
    auto watch = testbed::TopologyWatch::Start(member, Namespace(ns), cluster_->logger(), kSoon);
    EXPECT_TRUE(watch.ok()) << watch.status();
    return watch.ok() ? *std::move(watch) : nullptr;
  }

 private:
  static inline std::unique_ptr<testbed::TemporaryFolder> folder_;
  static inline std::unique_ptr<testbed::Cluster> cluster_;
};

}  // namespace omninode::integration

#endif  // OMNINODE_TESTS_INTEGRATION_NETWORK_FIXTURE_H_
