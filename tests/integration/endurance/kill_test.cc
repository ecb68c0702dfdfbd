#include <algorithm>
#include <iostream>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "tests/integration/endurance/change_log.h"
#include "tests/integration/endurance/write_load.h"
#include "tests/integration/network_fixture.h"
#include "tools/testbed/for_each.h"
#include "tools/testbed/wait.h"

// The registry is killed again and again under writes. What a client was told must be so
// afterwards; what it was not told must be found out by asking again.
namespace omninode::integration {
namespace {

using directory::Position;

constexpr char kNamespace[] = "kill-a";
constexpr int kKills = 50;
constexpr int kMostKills = 65;
constexpr int kAcknowledgedBefore = 200;
constexpr int kInFlight = 20;
constexpr std::size_t kNodes = 320;
// Many more than must be in flight: a commit answers all that wait for it at once.
constexpr std::size_t kWorkers = 48;
constexpr std::size_t kReaders = 8;
constexpr std::uint64_t kSeed = 20260501;

class KillTest : public NetworkFixture {
 protected:
  static void SetUpTestSuite() { StartNetwork({.log_level = "warning"}); }

  struct Totals {
    int kills = 0;  // with as much in flight as there must be
    int other_kills = 0;
    std::size_t acknowledged = 0;
    std::size_t unknown = 0;
    std::size_t committed_unanswered = 0;  // unknown, and done before the kill
    std::size_t read_back = 0;
    std::ptrdiff_t least_in_flight = kNodes;
    absl::Duration restarts;
  };

  node::RegistryClient& registry() { return cluster().admin().registry(); }

  Position Head() {
    // A connection that was refused a moment ago is tried again a little later.
    Position head;
    const absl::Status answered = testbed::Eventually(kSoon, [&]() -> absl::Status {
      OMNI_ASSIGN_OR_RETURN(const auto record, registry().GetNamespace(Namespace(kNamespace)));
      head = record.position;
      return absl::OkStatus();
    });
    EXPECT_TRUE(answered.ok()) << answered;
    return head;
  }

  // Writes until enough are acknowledged, then a random while longer, and kills.
  std::vector<Write> WriteAndKill(int more) {
    load_->Start();
    // More calls than have to be in flight: some end between this and the kill.
    EXPECT_TRUE(load_->WaitFor(kAcknowledgedBefore + more, 2 * kInFlight, kSoon));
    const MonotonicTime before = cluster().clock().Monotonic();
    cluster().registry().Kill();
    const MonotonicTime after = cluster().clock().Monotonic();
    auto writes = load_->Finish();
    const std::ptrdiff_t in_flight = std::ranges::count_if(writes, [&](const Write& write) {
      return write.began < before && (write.ended > after || !write.position.has_value());
    });
    EXPECT_GE(std::ranges::count_if(writes,
                                    [&](const Write& write) {
                                      return write.position.has_value() && write.ended < before;
                                    }),
              kAcknowledgedBefore);
    // A commit may have answered most of them in the last moment: such a kill is one more.
    if (in_flight < kInFlight) {
      ++totals_.other_kills;
    } else {
      ++totals_.kills;
      totals_.least_in_flight = std::min(totals_.least_in_flight, in_flight);
    }
    return writes;
  }

  // The last acknowledged and the last sent write of each node that wrote.
  struct LastWrites {
    const Write* acknowledged = nullptr;
    const Write* sent = nullptr;
  };
  static std::map<std::size_t, LastWrites> LastOf(const std::vector<Write>& writes) {
    std::map<std::size_t, LastWrites> last;
    for (const Write& write : writes) {
      last[write.node].sent = &write;
      if (write.position.has_value()) last[write.node].acknowledged = &write;
    }
    return last;
  }

  // Whether the registry shows the node as this write left it.
  bool IsAsWritten(const absl::StatusOr<node::NodeRecord>& node, const Write& write) {
    if (write.leave) return ReasonOf(node.status()) == Reason::kNodeUnknown;
    if (!node.ok()) return false;
    const auto& capabilities = node->view->introspection.capabilities();
    return capabilities.size() == 1 && capabilities[0].value() == std::to_string(write.sequence) &&
           (!write.position.has_value() || node->view->version == write.position->version);
  }

  // Every node is as its last acknowledged write says, or as an own later one that was not
  // answered.
  void ReadBack(const std::vector<Write>& writes) {
    const auto last = LastOf(writes);
    const std::vector<std::pair<std::size_t, LastWrites>> nodes(last.begin(), last.end());
    const absl::Status read =
        testbed::ForEach(nodes.size(), kReaders, [&](std::size_t i) -> absl::Status {
          const auto& [node, of_node] = nodes[i];
          const auto record = registry().GetNode(fleet_->ref(node));
          if (of_node.acknowledged == nullptr) return absl::OkStatus();
          if (IsAsWritten(record, *of_node.acknowledged) || IsAsWritten(record, *of_node.sent)) {
            return absl::OkStatus();
          }
          return Error(absl::StatusCode::kDataLoss, "{} is not as acknowledged at {}: {}",
                       fleet_->id(node).value(), of_node.acknowledged->position->ToString(),
                       record.ok() ? "another version" : Message(record.status()));
        });
    EXPECT_TRUE(read.ok()) << read;
    totals_.read_back += nodes.size();
  }

  // Asks again, twice, with the very same words.
  void ResolveUnknown(std::vector<Write>& writes, const Position& restarted_at) {
    for (Write& write : writes) {
      if (write.position.has_value()) continue;
      ++totals_.unknown;
      std::optional<Position> first;
      const absl::Status sent = testbed::Eventually(kSoon, [&]() -> absl::Status {
        OMNI_ASSIGN_OR_RETURN(first, load_->Send(write, kSoon));
        return absl::OkStatus();
      });
      ASSERT_TRUE(sent.ok()) << sent;
      const auto again = load_->Send(write, kSoon);
      ASSERT_TRUE(again.ok()) << again.status();
      ASSERT_EQ(*again, *first) << "the second answer is another one";
      write.position = first;
      totals_.committed_unanswered += *first <= restarted_at ? 1 : 0;
    }
  }

  void OneKill(int kill) {
    SCOPED_TRACE(fmt::format("kill {}", kill));
    const Position before = Head();
    std::vector<Write> writes = WriteAndKill(static_cast<int>(random_() % 50));
    const testbed::StepClock clock;
    const absl::Status started = cluster().StartRegistry();
    ASSERT_TRUE(started.ok()) << started;
    totals_.restarts += clock.elapsed();
    const Position restarted_at = Head();
    for (const Write& write : writes) {
      if (!write.position.has_value()) continue;
      ++totals_.acknowledged;
      ASSERT_EQ(write.position->incarnation, restarted_at.incarnation);
      ASSERT_LE(*write.position, restarted_at) << "an acknowledged version is gone";
    }
    ReadBack(writes);
    ResolveUnknown(writes, restarted_at);
    const auto log = ReadChangeLog(cluster().admin(), Namespace(kNamespace), before, Head());
    ASSERT_TRUE(log.ok()) << log.status();
    const absl::Status same = CheckSameWrites(writes, *fleet_, *log);
    ASSERT_TRUE(same.ok()) << same;
    all_.insert(all_.end(), writes.begin(), writes.end());
    ExpectWatcherAgrees();
  }

  // The watcher that is there all the time has come to the same topology, by a hash of its own.
  void ExpectWatcherAgrees() {
    const Position head = Head();
    EXPECT_TRUE(watch_->mirror().WaitForPosition(head, kSoon));
    const std::uint64_t before = watch_->mirror().stats().hashes_checked;
    EXPECT_TRUE(testbed::WaitUntil(
        kSoon, [&] { return watch_->mirror().stats().hashes_checked > before; }));
    const absl::Status kept = watch_->CheckPromises();
    EXPECT_TRUE(kept.ok()) << kept;
  }

  std::mt19937_64 random_{kSeed};
  std::unique_ptr<testbed::Fleet> fleet_;
  std::unique_ptr<testbed::TopologyWatch> watch_;
  std::unique_ptr<WriteLoad> load_;
  std::vector<Write> all_;
  Totals totals_;
};

TEST_F(KillTest, FiftyKillsLoseNoAcknowledgedWriteAndRepeatNoVersion) {
  MakeNamespace(kNamespace, {.default_ttl = absl::Hours(1), .max_nodes = 1000});
  fleet_ = Enroll(kNamespace, kNodes);
  ASSERT_NE(fleet_, nullptr);
  watch_ = Watch(cluster().admin(), kNamespace);
  ASSERT_NE(watch_, nullptr);
  load_ = std::make_unique<WriteLoad>(*fleet_, cluster().clock(), kWorkers, kSeed);

  for (int kill = 1; totals_.kills < kKills && kill <= kMostKills && !HasFailure(); ++kill) {
    OneKill(kill);
  }

  EXPECT_TRUE(load_->refusals().empty()) << load_->refusals().front();
  ASSERT_FALSE(HasFailure());
  EXPECT_EQ(totals_.kills, kKills);
  const auto topology = registry().GetTopology(Namespace(kNamespace));
  ASSERT_TRUE(topology.ok()) << topology.status();
  const node::MirrorStats stats = watch_->mirror().stats();
  EXPECT_EQ(stats.snapshots, 1u);
  EXPECT_EQ(stats.resyncs, 0u);
  EXPECT_GT(stats.streams, static_cast<std::uint64_t>(kKills));
  const auto seen = SeenWrites(*watch_, 0, 0);
  ASSERT_TRUE(seen.ok()) << seen.status();
  const absl::Status same = CheckSameWrites(all_, *fleet_, *seen);
  EXPECT_TRUE(same.ok()) << same;
  const auto view = watch_->mirror().view();
  EXPECT_EQ(view.nodes.size(), topology->nodes.size());
  for (const auto& record : topology->nodes) {
    const auto found = view.nodes.find(record.view->node_id());
    EXPECT_TRUE(found != view.nodes.end() && *found->second == *record.view);
  }
  std::cout << fmt::format(
      "{} kills with at least {} in flight, {} more kills; {} acknowledged writes; {} outcomes "
      "unknown ({} were "
      "committed), each asked twice with the same answer; {} nodes read back; {} versions; {} "
      "streams of the watcher, {} hashes agreed; {} per restart\n",
      totals_.kills, totals_.least_in_flight, totals_.other_kills, totals_.acknowledged,
      totals_.unknown, totals_.committed_unanswered, totals_.read_back, topology->position.version,
      stats.streams, stats.hashes_checked,
      absl::FormatDuration(totals_.restarts / (totals_.kills + totals_.other_kills)));
  // Otherwise nothing was shown about answers that got lost.
  EXPECT_GT(totals_.committed_unanswered, 0u);
}

}  // namespace
}  // namespace omninode::integration
