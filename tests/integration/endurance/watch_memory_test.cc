#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "common/base/status.h"
#include "tests/bench/process_usage.h"
#include "tests/integration/endurance/deaf_watchers.h"
#include "tests/integration/network_fixture.h"
#include "tools/testbed/for_each.h"
#include "tools/testbed/wait.h"

// What watchers that do not read cost the registry's memory.
namespace omninode::integration {
namespace {

constexpr char kNamespace[] = "memory-a";
constexpr std::size_t kNodes = 16;
constexpr std::size_t kDeaf = 120;
constexpr std::uint64_t kHistoryBytes = std::uint64_t{16} << 20;
#ifdef OMNINODE_SANITIZED
constexpr std::uint64_t kMostPerWatcher = 512 << 10;  // small blocks have red zones around them
#else
constexpr std::uint64_t kMostPerWatcher = 256 << 10;
#endif

class WatchMemoryTest : public NetworkFixture {
 protected:
  static void SetUpTestSuite() {
    // What is freed counts as free: the sanitizer would keep 256 MiB of it back.
    ::setenv("ASAN_OPTIONS", "quarantine_size_mb=1:thread_local_quarantine_size_kb=64", 1);
    StartNetwork({});
    ::unsetenv("ASAN_OPTIONS");
  }

  // A description of some 16 KiB, which differs each time.
  absl::Status Describe(std::size_t node) {
    directory::Introspection::NamedStrings capabilities;
    const std::uint64_t sequence = fleet_->NextSequence();
    for (int i = 0; i < 64; ++i) {
      capabilities.emplace_back(fmt::format("c{}", i), fmt::format("{:0>240}", sequence));
    }
    OMNI_ASSIGN_OR_RETURN(const auto words,
                          fleet_->Introspection(node, sequence, std::move(capabilities)));
    return fleet_->agent().registry().Register(words).status();
  }
  // Of every node, so many times; those of one node one after the other, because they have an
  // order.
  absl::Status DescribeAll(int times) {
    return testbed::ForEach(kNodes, kNodes, [&](std::size_t node) {
      absl::Status described;
      for (int i = 0; i < times && described.ok(); ++i) described = Describe(node);
      return described;
    });
  }

  static double Metric(std::string_view name) {
    return *testbed::Cluster::CounterValue(cluster().registry(), name);
  }
  static std::uint64_t Resident() { return *bench::ResidentBytesOf(cluster().registry().pid()); }

  std::unique_ptr<testbed::Fleet> fleet_;
};

TEST_F(WatchMemoryTest, AWatcherThatNeverReadsCostsTheRegistryABoundedAmountOfMemory) {
  MakeNamespace(kNamespace);
  fleet_ = Enroll(kNamespace, kNodes);
  ASSERT_NE(fleet_, nullptr);
  // The history is as large as it gets, so that it does not grow meanwhile.
  const auto history = [] { return Metric("omninode_registry_watch_history_bytes"); };
  while (history() < 0.95 * static_cast<double>(kHistoryBytes) && !HasFailure()) {
    const absl::Status described = DescribeAll(20);
    ASSERT_TRUE(described.ok()) << described;
  }
  const std::uint64_t before = Resident();

  const auto watches = [] { return Metric("omninode_registry_watches"); };
  const double others = watches();
  auto member = cluster().JoinNode(*directory::Introspection::Create(
      {.ns = kNamespace, .node_type = "worker", .node_id = "deaf"}));
  ASSERT_TRUE(member.ok()) << member.status();
  auto& membership = (*member)->membership();
  DeafWatchers deaf;
  for (std::size_t i = 0; i < kDeaf; ++i) {
    // Each has a connection of its own, as processes have.
    const auto way = node::RegistryChannels::Create({.addresses = {cluster().registry_address()},
                                                     .svids = &membership.svids(),
                                                     .trust = &membership.trust(),
                                                     .clock = &cluster().clock()});
    ASSERT_TRUE(way.ok()) << way.status();
    deaf.Open((*way)->Current().channel, kNamespace);
  }
  ASSERT_TRUE(testbed::WaitUntil(kSoon, [&] { return watches() >= others + kDeaf; }));
  const testbed::StepClock since;
  const std::uint64_t connected = Resident();
  std::uint64_t most = before;
  while (watches() > others && since.elapsed() < absl::Seconds(40)) {
    const absl::Status described = DescribeAll(1);
    ASSERT_TRUE(described.ok()) << described;
    most = std::max(most, Resident());
  }
  EXPECT_EQ(watches(), others) << "they are still there";
  const std::uint64_t each = (most - before) / kDeaf;
  EXPECT_LE(each, kMostPerWatcher);
  std::cout << fmt::format(
      "{} deaf watchers, each on a connection of its own: {} KiB of memory for each at most, {} of "
      "them for the connection; cut off after {}; the registry had {} MiB before\n",
      kDeaf, each >> 10, (connected - before) / kDeaf >> 10, absl::FormatDuration(since.elapsed()),
      before >> 20);
}

}  // namespace
}  // namespace omninode::integration
