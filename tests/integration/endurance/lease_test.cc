#include <algorithm>
#include <csignal>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "common/base/status.h"
#include "common/node/node_session.h"
#include "tests/integration/endurance/beater.h"
#include "tests/integration/network_fixture.h"
#include "tools/testbed/for_each.h"
#include "tools/testbed/wait.h"

// Leases of many nodes on a real registry. A removal is measured twice: by its tombstone, and at a
// watcher, which is later by the way of the message.
namespace omninode::integration {
namespace {

using directory::ChangeKind;
using directory::RemovalReason;
using testbed::Fleet;
using testbed::SeenChange;
using testbed::TopologyWatch;

constexpr absl::Duration kTtl = absl::Seconds(5);
constexpr absl::Duration kGrace = absl::Seconds(2);
constexpr absl::Duration kBeatEvery = absl::Seconds(1);
constexpr std::size_t kThreads = 16;

node::NamespaceRules ShortLeases() {
  return {.default_ttl = kTtl, .min_ttl = kTtl, .max_ttl = absl::Hours(1), .max_nodes = 5000};
}

// When a monotonic moment was, by the clock on the wall.
absl::Time WallOf(MonotonicTime moment) {
  const SystemClock clock;
  return clock.Now() - (clock.Monotonic() - moment);
}

// Removals by node id, as the watcher saw them.
std::map<std::string, SeenChange> Removals(const TopologyWatch& watch) {
  std::map<std::string, SeenChange> removals;
  for (const SeenChange& seen : watch.Changes()) {
    if (seen.change.kind != ChangeKind::kRemoved) continue;
    EXPECT_EQ(seen.change.removal_reason, RemovalReason::kLeaseExpired) << Describe(seen);
    EXPECT_TRUE(removals.emplace(seen.change.node_id.value(), seen).second)
        << "twice: " << Describe(seen);
  }
  return removals;
}

std::string Missing(const Fleet& fleet, const std::map<std::string, SeenChange>& removals,
                    std::size_t first, std::size_t end) {
  std::string text;
  for (std::size_t i = first; i < end; ++i) {
    if (!removals.contains(fleet.id(i).value())) text += fleet.id(i).value() + " ";
  }
  return text;
}

// The spread of what was measured, for the log of the run.
struct Spread {
  absl::Duration least = absl::InfiniteDuration();
  absl::Duration most = -absl::InfiniteDuration();
  void Add(absl::Duration value) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
  std::string ToString() const {
    return fmt::format("{} to {}", absl::FormatDuration(absl::Trunc(least, absl::Milliseconds(1))),
                       absl::FormatDuration(absl::Trunc(most, absl::Milliseconds(1))));
  }
};

class LeaseFixture : public NetworkFixture {
 protected:
  // A namespace with so many registered nodes that all renew, and a watcher of it.
  void Populate(const std::string& ns, std::size_t nodes) {
    MakeNamespace(ns, ShortLeases());
    const testbed::StepClock clock;
    fleet_ = Enroll(ns, nodes);
    ASSERT_NE(fleet_, nullptr);
    watch_ = Watch(cluster().admin(), ns);
    ASSERT_NE(watch_, nullptr);
    std::cout << nodes << " identities in " << absl::FormatDuration(clock.elapsed()) << "\n";
    beater_ = std::make_unique<Beater>(*fleet_, cluster().clock(), kBeatEvery);
    const absl::Status registered =
        testbed::ForEach(nodes, kThreads, [&](std::size_t i) { return beater_->Register(i); });
    ASSERT_TRUE(registered.ok()) << registered;
  }

  // Waits until the watcher saw so many removals.
  absl::Status WaitRemovals(std::size_t count, absl::Duration timeout) {
    return testbed::Eventually(timeout, [&]() -> absl::Status {
      const std::size_t seen = Removals(*watch_).size();
      if (seen >= count) return absl::OkStatus();
      return Error(absl::StatusCode::kInternal, "{} of {} removals seen", seen, count);
    });
  }

  // Each of these nodes expired between `from` + TTL and `until` + TTL + the grace, by its
  // tombstone; and the watcher saw it not before and within the same grace.
  template <typename From, typename Until>
  void ExpectExpired(std::size_t first, std::size_t end, const From& from, const Until& until) {
    const auto removals = Removals(*watch_);
    const auto tombstones = cluster().admin().registry().ListTombstones(fleet_->ns());
    ASSERT_TRUE(tombstones.ok()) << tombstones.status();
    std::map<std::string, absl::Time> removed_at;
    for (const auto& tombstone : *tombstones) {
      EXPECT_TRUE(removed_at.emplace(tombstone.node.id.value(), tombstone.removed_time).second);
    }
    EXPECT_EQ(removed_at.size(), removals.size());
    Spread by_tombstone;
    Spread by_watcher;
    for (std::size_t i = first; i < end; ++i) {
      const std::string& id = fleet_->id(i).value();
      ASSERT_TRUE(removals.contains(id)) << Missing(*fleet_, removals, first, end);
      ASSERT_TRUE(removed_at.contains(id)) << id;
      const absl::Time seen = WallOf(removals.at(id).at);
      EXPECT_GE(removed_at[id], from(i) + kTtl) << id << " was expired early";
      EXPECT_LE(removed_at[id], until(i) + kTtl + kGrace) << id << " was expired late";
      EXPECT_GE(seen, from(i) + kTtl) << id << " left the topology early";
      EXPECT_LE(seen, until(i) + kTtl + kGrace) << id << " left the topology late";
      by_tombstone.Add(removed_at[id] - until(i) - kTtl);
      by_watcher.Add(seen - until(i) - kTtl);
    }
    std::cout << end - first << " leases ended after their TTL by " << by_tombstone.ToString()
              << " (tombstones), " << by_watcher.ToString() << " (watcher)\n";
  }

  // The time of so many lease times passes, and no other node goes.
  void ExpectNoMoreRemovals(int ttls) {
    const std::size_t before = Removals(*watch_).size();
    const auto rounds = static_cast<std::uint64_t>(ttls * (kTtl / kBeatEvery));
    ASSERT_TRUE(beater_->WaitRounds(rounds, 4 * ttls * kTtl));
    EXPECT_EQ(Removals(*watch_).size(), before);
  }

  void ExpectPromisesKept() {
    const absl::Status kept = testbed::Eventually(kSoon, [&] { return watch_->CheckPromises(); });
    EXPECT_TRUE(kept.ok()) << kept;
  }

  void TearDown() override {
    beater_.reset();
    watch_.reset();
    fleet_.reset();
  }

  std::unique_ptr<Fleet> fleet_;
  std::unique_ptr<TopologyWatch> watch_;
  std::unique_ptr<Beater> beater_;
};

// Half of a namespace may go at once here without the brake coming on.
class LeaseTest : public LeaseFixture {
 protected:
  static void SetUpTestSuite() {
    StartNetwork({.more_args = {{"registry", {"--lease.brake-percent", "60"}}}});
  }
};

// Three nodes as the product has them, beside the fleet.
class Sessions final {
 public:
  Sessions(testbed::Cluster& cluster, const std::string& ns) {
    for (const char* id : {"session-1", "session-2", "session-3"}) {
      const auto words =
          directory::Introspection::Create({.ns = ns, .node_type = "worker", .node_id = id});
      auto member = cluster.JoinNode(*words);
      EXPECT_TRUE(member.ok()) << member.status();
      if (!member.ok()) return;
      members_.push_back(*std::move(member));
      auto& membership = members_.back()->membership();
      sessions_.push_back(std::make_unique<node::NodeSession>(
          node::NodeSession::Deps{.registry = members_.back()->channels(),
                                  .clock = &cluster.clock(),
                                  .svids = &membership.svids(),
                                  .logger = &cluster.logger()},
          node::NodeSession::Options{.network = membership.network().network_id,
                                     .introspection = *words}));
      const auto registered = sessions_.back()->WaitRegistered(kSoon);
      EXPECT_TRUE(registered.ok()) << registered.status();
    }
  }
  std::size_t size() const { return sessions_.size(); }

 private:
  std::vector<std::unique_ptr<testbed::Member>> members_;
  std::vector<std::unique_ptr<node::NodeSession>> sessions_;
};

TEST_F(LeaseTest, NodesThatStopRenewingLeaveBetweenTheirTtlAndTwoSecondsLaterTheOthersNever) {
  constexpr std::size_t kNodes = 1000;
  constexpr std::size_t kSilent = kNodes / 2;
  constexpr std::size_t kCohort = 50;
  ASSERT_NO_FATAL_FAILURE(Populate("lease-a", kNodes));
  const Sessions sessions(cluster(), "lease-a");
  // They stop at ten different times, so that leases end while others go on.
  for (std::size_t first = 0; first < kSilent; first += kCohort) {
    beater_->Silence(first, first + kCohort);
    ASSERT_TRUE(beater_->WaitRounds(1, kSoon));
  }
  const absl::Status gone = WaitRemovals(kSilent, 2 * (kTtl + kGrace));
  ASSERT_TRUE(gone.ok()) << gone;
  ExpectExpired(
      0, kSilent, [&](std::size_t i) { return beater_->last(i).sent; },
      [&](std::size_t i) { return beater_->last(i).acknowledged; });

  ExpectNoMoreRemovals(2);
  EXPECT_EQ(Removals(*watch_).size(), kSilent);
  const Beater::Refused refused = beater_->refused();
  EXPECT_EQ(refused.reregister + refused.stale + refused.other, 0u);
  const auto left = cluster().admin().registry().GetTopology(fleet_->ns());
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_EQ(left->nodes.size(), kNodes - kSilent + sessions.size());
  ExpectPromisesKept();
}

TEST_F(LeaseTest, APauseOfTheRegistryTakesNoTimeFromAnyLease) {
  constexpr std::size_t kNodes = 100;
  const absl::Duration pause = kTtl + absl::Seconds(3);
  ASSERT_NO_FATAL_FAILURE(Populate("lease-b", kNodes));
  const Sessions sessions(cluster(), "lease-b");
  // One that stopped before the pause: its lease goes on from where it was.
  ASSERT_TRUE(beater_->WaitRounds(1, kSoon));
  beater_->Silence(0, 1);
  ASSERT_TRUE(beater_->WaitRounds(1, kSoon));

  const absl::Time stopped = cluster().clock().Now();
  ASSERT_TRUE(cluster().registry().Signal(SIGSTOP).ok());
  EXPECT_FALSE(testbed::WaitUntil(pause, [] { return !cluster().registry().running(); }));
  ASSERT_TRUE(cluster().registry().Signal(SIGCONT).ok());
  const absl::Duration paused = cluster().clock().Now() - stopped;

  const absl::Status gone = WaitRemovals(1, 2 * (kTtl + kGrace));
  ASSERT_TRUE(gone.ok()) << gone;
  ExpectExpired(
      0, 1, [&](std::size_t i) { return beater_->last(i).sent + pause; },
      [&](std::size_t i) { return beater_->last(i).acknowledged + paused; });
  ExpectNoMoreRemovals(2);
  EXPECT_EQ(Removals(*watch_).size(), 1u);
  EXPECT_EQ(beater_->refused().reregister, 0u);
  ExpectPromisesKept();
}

TEST_F(LeaseTest, ARestartGivesEveryLeaseItsFullTime) {
  constexpr std::size_t kNodes = 100;
  constexpr std::size_t kSilent = 40;
  ASSERT_NO_FATAL_FAILURE(Populate("lease-c", kNodes));
  const Sessions sessions(cluster(), "lease-c");
  ASSERT_TRUE(beater_->WaitRounds(1, kSoon));

  cluster().registry().Kill();
  beater_->Silence(0, kSilent);
  EXPECT_FALSE(
      testbed::WaitUntil(kTtl + absl::Seconds(1), [] { return cluster().registry().running(); }));
  const absl::Time began = cluster().clock().Now();
  const absl::Status started = cluster().StartRegistry();
  ASSERT_TRUE(started.ok()) << started;
  const absl::Time ready = cluster().clock().Now();

  const absl::Status gone = WaitRemovals(kSilent, 2 * (kTtl + kGrace));
  ASSERT_TRUE(gone.ok()) << gone;
  ExpectExpired(
      0, kSilent, [&](std::size_t) { return began; }, [&](std::size_t) { return ready; });
  ExpectNoMoreRemovals(2);
  EXPECT_EQ(Removals(*watch_).size(), kSilent);
  EXPECT_EQ(beater_->refused().reregister, 0u);
  ExpectPromisesKept();
}

// As configured when nothing is: at least 10 nodes and half of the namespace.
class BrakeTest : public LeaseFixture {
 protected:
  static void SetUpTestSuite() { StartNetwork({}); }

  static std::size_t BrakeLines(std::string_view event, std::string_view ns) {
    std::size_t count = 0;
    for (const auto& line : cluster().registry().LogLines()) {
      count +=
          testbed::ValueOf(line, "event") == event && testbed::ValueOf(line, "namespace") == ns;
    }
    return count;
  }
};

TEST_F(BrakeTest, WhenMostOfANamespaceFallsSilentATenthPerTtlLeavesAndAnAlarmIsRaised) {
  constexpr std::size_t kNodes = 40;
  constexpr std::size_t kSilent = 30;
  constexpr std::size_t kPerTtl = kNodes / 10;
  // A period begins at a tick of the reaper.
  constexpr absl::Duration kTickSlack = absl::Milliseconds(300);
  ASSERT_NO_FATAL_FAILURE(Populate("brake-a", kNodes));
  beater_->Silence(0, kSilent);
  const absl::Status gone = WaitRemovals(2 * kPerTtl + 1, 5 * kTtl);
  ASSERT_TRUE(gone.ok()) << gone;
  EXPECT_EQ(BrakeLines("expiry_brake_on", "brake-a"), 1u);
  const auto ready = cluster().registry().HttpGet("/readyz");
  ASSERT_TRUE(ready.ok()) << ready.status();
  EXPECT_NE(ready->find("expiry is slowed"), std::string::npos) << *ready;

  std::vector<MonotonicTime> times;
  for (const SeenChange& seen : watch_->Changes()) {
    if (seen.change.kind == ChangeKind::kRemoved) times.push_back(seen.at);
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    const absl::Duration earliest = static_cast<double>(i / kPerTtl) * kTtl;
    EXPECT_GE(times[i] - times.front(), earliest - kTickSlack) << "removal " << i;
  }

  // Those that come back keep their lease, and the brake goes off.
  beater_->Resume(0, kSilent);
  ExpectNoMoreRemovals(2);
  EXPECT_LE(Removals(*watch_).size(), 3 * kPerTtl);
  EXPECT_TRUE(
      testbed::WaitUntil(kSoon, [] { return BrakeLines("expiry_brake_off", "brake-a") == 1; }));
  ExpectPromisesKept();
}

}  // namespace
}  // namespace omninode::integration
