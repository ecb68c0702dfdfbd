#include "common/node/topology_mirror.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/concurrency/gate.h"
#include "common/concurrency/wait_until.h"
#include "common/crypto/random.h"
#include "common/directory/test_nodes.h"
#include "common/envelope/payload.h"
#include "common/envelope/seal.h"
#include "common/node/testing/fake_registry.h"

namespace omninode::node {
namespace {

using directory::NodeViewPtr;
using directory::Position;
using directory::testing::Added;
using directory::testing::Diff;
using directory::testing::HashOf;
using directory::testing::Node;
using directory::testing::Removed;

// Writes down what it is told.
class Recorder final : public TopologyObserver {
 public:
  void OnStarted(const std::string& watch_id, Position) override { Add("started " + watch_id); }
  void OnSnapshot(Position position, const directory::MirrorState::NodeMap& nodes) override {
    Add(fmt::format("snapshot {} {}", position.ToString(), nodes.size()));
  }
  void OnDiff(std::uint64_t previous, const TopologyStep& step) override {
    Add(fmt::format("diff {} {} {}", previous, step.diff.position.ToString(),
                    step.diff.changes.size()));
  }
  void OnBookmark(Position position, absl::Duration) override {
    Add("bookmark " + position.ToString());
  }
  void OnResync(ResyncReason reason) override { Add(fmt::format("resync {}", NameOf(reason))); }
  void OnDisconnected(const absl::Status& status) override {
    Add("disconnected " + absl::StatusCodeToString(status.code()));
  }
  void OnEvidenceFailed(const NodeId& node, const absl::Status& status) override {
    Add(fmt::format("evidence {} {}", node.value(), NameOf(*ReasonOf(status))));
  }

  bool Await(const std::string& line, int times = 1) {
    MutexLock lock(mutex_);
    const bool found = WaitUntil(changed_, mutex_, kLong, [&] {
      return std::count(lines_.begin(), lines_.end(), line) >= times;
    });
    EXPECT_TRUE(found) << line << " is not in " << testing::PrintToString(lines_);
    return found;
  }
  std::vector<std::string> lines() {
    MutexLock lock(mutex_);
    return lines_;
  }

 private:
  void Add(std::string line) {
    MutexLock lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.NotifyAll();
  }
  Mutex mutex_;
  CondVar changed_;
  std::vector<std::string> lines_;
};

class TopologyMirrorTest : public testing::Test {
 protected:
  using Script = std::function<absl::Status(const WatchRequest&, WatchWriter&)>;

  // The n-th stream plays the n-th script, later ones wait.
  void Play(std::vector<Script> scripts) {
    auto next = std::make_shared<std::atomic<std::size_t>>(0);
    registry.Set([&](auto& hooks) {
      hooks.on_watch = [next, scripts](const WatchRequest& request, WatchWriter& writer) {
        const std::size_t mine = next->fetch_add(1);
        if (mine < scripts.size()) return scripts[mine](request, writer);
        writer.AwaitEnd();
        return absl::OkStatus();
      };
    });
  }
  std::unique_ptr<TopologyMirror> Begin() { return Begin({registry.address()}); }
  std::unique_ptr<TopologyMirror> Begin(std::vector<std::string> addresses) {
    auto mirror = TopologyMirror::Start({.registry = world.Channels(std::move(addresses)),
                                         .svids = &world.svids,
                                         .trust = &world.trust,
                                         .logger = &world.logger},
                                        options, &recorder);
    EXPECT_TRUE(mirror.ok()) << mirror.status();
    return *std::move(mirror);
  }

  static void Start(WatchWriter& writer, const std::string& id = "w-1") {
    writer.Send({0, WatchStarted{id, {1, 5}}});
  }
  static TopologyEvent Chunk(std::vector<NodeViewPtr> nodes) {
    SnapshotChunk chunk;
    for (auto& node : nodes) chunk.nodes.push_back({std::move(node), std::nullopt, std::nullopt});
    return {0, std::move(chunk)};
  }
  static TopologyEvent Step(std::uint64_t previous, directory::TopologyDiff diff) {
    return {previous, TopologyStep{.diff = std::move(diff)}};
  }
  void Snapshot(WatchWriter& writer) const {
    writer.Send(Chunk({a}));
    writer.Send({5, SnapshotEnd{{1, 5}, HashOf(std::vector{a})}});
  }
  static absl::Status Stay(WatchWriter& writer) {
    writer.AwaitEnd();
    return absl::OkStatus();
  }

  NodeWorld world;
  FakeRegistry registry{world.authority, world.trust};
  Recorder recorder;
  const NodeViewPtr a = Node("a", 3);
  const NodeViewPtr b = Node("b", 6);
  TopologyMirror::Options options{
      .network = NetworkId::Parse("demo").value(),
      .ns = directory::testing::Ns("tenant-a"),
      .backoff = {.initial = absl::Milliseconds(5), .max = absl::Milliseconds(50)}};
};

TEST_F(TopologyMirrorTest, FollowsTheTopology) {
  Play({[&](const WatchRequest& request, WatchWriter& writer) {
    EXPECT_EQ(request.resume, std::nullopt);
    Start(writer);
    Snapshot(writer);
    writer.Send(Step(5, Diff(6, {Added(b)})));
    writer.Send({6, Bookmark{{1, 7}, HashOf(std::vector{a, b}), absl::ZeroDuration()}});
    writer.Send(Step(7, Diff(8, {Removed(*a)})));
    return Stay(writer);
  }});
  const auto mirror = Begin();
  ASSERT_TRUE(mirror->WaitForPosition({1, 8}, kLong));
  EXPECT_TRUE(mirror->WaitSynced(absl::ZeroDuration()));
  const TopologyMirror::View view = mirror->view();
  EXPECT_EQ(view.position, Position(1, 8));
  EXPECT_TRUE(view.connected);
  EXPECT_EQ(view.nodes.size(), 1u);
  EXPECT_EQ(mirror->Find(b->node_id())->introspection, b->introspection);
  EXPECT_EQ(mirror->Find(a->node_id()), nullptr);
  EXPECT_EQ(mirror->stats().violations(), 0u);
  EXPECT_EQ(mirror->stats().hashes_checked, 2u);
  ASSERT_TRUE(recorder.Await("diff 7 1:8 1"));
  EXPECT_EQ(recorder.lines(),
            (std::vector<std::string>{"started w-1", "snapshot 1:5 1", "diff 5 1:6 1",
                                      "bookmark 1:7", "diff 7 1:8 1"}));
  EXPECT_FALSE(mirror->WaitForPosition({1, 9}, absl::Milliseconds(1)));
}

TEST_F(TopologyMirrorTest, ResumesWhereItsStreamBroke) {
  Play({[&](const WatchRequest&, WatchWriter& writer) {
          Start(writer);
          Snapshot(writer);
          return Reject(Reason::kWatchSlow, "slow");
        },
        [&](const WatchRequest& request, WatchWriter& writer) {
          EXPECT_EQ(request.resume, Position(1, 5));
          Start(writer, "w-2");
          writer.Send(Step(5, Diff(6, {Added(b)})));
          return Stay(writer);
        }});
  const auto mirror = Begin();
  ASSERT_TRUE(mirror->WaitForPosition({1, 6}, kLong));
  EXPECT_EQ(mirror->view().nodes.size(), 2u);
  EXPECT_EQ(mirror->stats().violations(), 0u);
  EXPECT_EQ(mirror->stats().snapshots, 1u);
  EXPECT_TRUE(recorder.Await("disconnected RESOURCE_EXHAUSTED"));
}

TEST_F(TopologyMirrorTest, KeepsTheLastTopologyWhileNobodyAnswers) {
  Play({[&](const WatchRequest&, WatchWriter& writer) {
    Start(writer);
    Snapshot(writer);
    return Stay(writer);
  }});
  const auto mirror = Begin();
  ASSERT_TRUE(mirror->WaitSynced(kLong));
  registry.Stop();
  ASSERT_TRUE(recorder.Await("disconnected UNAVAILABLE", 2));
  EXPECT_FALSE(mirror->view().connected);
  EXPECT_EQ(mirror->view().nodes.size(), 1u);
}

TEST_F(TopologyMirrorTest, TakesAResyncOnTheSameStream) {
  Play({[&](const WatchRequest&, WatchWriter& writer) {
    Start(writer);
    Snapshot(writer);
    writer.Send({5, Resync{ResyncReason::kIncarnation, {2, 9}}});
    writer.Send(Chunk({b}));
    writer.Send({9, SnapshotEnd{{2, 9}, HashOf(std::vector{b})}});
    return Stay(writer);
  }});
  const auto mirror = Begin();
  ASSERT_TRUE(recorder.Await("snapshot 2:9 1"));
  EXPECT_EQ(mirror->view().position, Position(2, 9));
  EXPECT_TRUE(recorder.Await("resync incarnation"));
}

TEST_F(TopologyMirrorTest, CountsAndSurvivesABrokenPromise) {
  Play({[&](const WatchRequest&, WatchWriter& writer) {
          Start(writer);
          Snapshot(writer);
          writer.Send(Step(6, Diff(7, {})));
          return Stay(writer);
        },
        [&](const WatchRequest& request, WatchWriter& writer) {
          EXPECT_EQ(request.resume, Position(1, 5));
          Start(writer);
          writer.Send({5, Bookmark{{1, 6}, directory::SetHash(), absl::ZeroDuration()}});
          return Stay(writer);
        },
        [&](const WatchRequest& request, WatchWriter& writer) {
          EXPECT_EQ(request.resume, std::nullopt) << "what we have is wrong";
          Start(writer);
          Snapshot(writer);
          return Stay(writer);
        }});
  const auto mirror = Begin();
  ASSERT_TRUE(recorder.Await("snapshot 1:5 1", 2));
  EXPECT_EQ(mirror->stats().gaps, 1u);
  EXPECT_EQ(mirror->stats().hash_mismatches, 1u);
  EXPECT_EQ(mirror->stats().violations(), 2u);
  EXPECT_TRUE(recorder.Await("disconnected OUT_OF_RANGE"));
  EXPECT_TRUE(recorder.Await("disconnected DATA_LOSS"));
}

TEST_F(TopologyMirrorTest, CountsAMessageThatCannotBeRead) {
  Play({[&](const WatchRequest&, WatchWriter& writer) {
    Start(writer);
    directory::TopologyDiff diff = Diff(6, {Added(b), Added(a)});  // not in the order of ids
    writer.Send(Step(5, std::move(diff)));
    return Stay(writer);
  }});
  const auto mirror = Begin();
  ASSERT_TRUE(recorder.Await("disconnected INVALID_ARGUMENT"));
  EXPECT_EQ(mirror->stats().contradictions, 1u);
}

TEST_F(TopologyMirrorTest, MovesToTheNewCertificateWithoutLosingItsPlace) {
  Play({[&](const WatchRequest&, WatchWriter& writer) {
          Start(writer);
          Snapshot(writer);
          return Stay(writer);
        },
        [&](const WatchRequest& request, WatchWriter& writer) {
          EXPECT_EQ(request.resume, Position(1, 5));
          Start(writer, "w-2");
          writer.Send(Step(5, Diff(6, {Added(b)})));
          return Stay(writer);
        }});
  const auto mirror = Begin();
  ASSERT_TRUE(mirror->WaitSynced(kLong));
  world.Rotate();
  ASSERT_TRUE(mirror->WaitForPosition({1, 6}, kLong));
  const auto seen = registry.seen();
  ASSERT_EQ(seen.watch_peers.size(), 2u);
  EXPECT_NE(seen.watch_peers[0], seen.watch_peers[1]);
  EXPECT_EQ(mirror->stats().violations(), 0u);
  for (const std::string& line : recorder.lines()) {
    EXPECT_EQ(line.find("disconnected"), std::string::npos) << line;
  }
}

TEST_F(TopologyMirrorTest, KeepsTheOldStreamWhenTheNewOneDoesNotBegin) {
  Gate failed;
  Play({[&](const WatchRequest&, WatchWriter& writer) {
          Start(writer);
          Snapshot(writer);
          failed.Await();
          writer.Send(Step(5, Diff(6, {Added(b)})));
          return Stay(writer);
        },
        [&](const WatchRequest&, WatchWriter&) {
          failed.Arrive();
          return Reject(Reason::kLoadShed, "busy");
        }});
  const auto mirror = Begin();
  ASSERT_TRUE(mirror->WaitSynced(kLong));
  world.Rotate();
  ASSERT_TRUE(mirror->WaitForPosition({1, 6}, kLong));
  EXPECT_EQ(registry.seen().watches.size(), 2u);
  registry.Stop();  // its handlers use the gate
}

TEST_F(TopologyMirrorTest, LeavesAnInstanceThatIsAboutToStop) {
  FakeRegistry second(world.authority, world.trust, "registry-2");
  second.Set([&](auto& hooks) {
    hooks.on_watch = [&](const WatchRequest& request, WatchWriter& writer) {
      EXPECT_EQ(request.resume, Position(1, 5));
      Start(writer, "w-2");
      writer.Send(Step(5, Diff(6, {Added(b)})));
      return Stay(writer);
    };
  });
  Play({[&](const WatchRequest&, WatchWriter& writer) {
    Start(writer);
    Snapshot(writer);
    writer.Send({5, Draining{}});
    return Stay(writer);
  }});
  const auto mirror = Begin({registry.address(), second.address()});
  EXPECT_TRUE(mirror->WaitForPosition({1, 6}, kLong));
}

TEST_F(TopologyMirrorTest, TakesSilenceForDeath) {
  options.silence_limit = absl::Milliseconds(50);
  const auto mirror = Begin();
  EXPECT_TRUE(recorder.Await("disconnected DEADLINE_EXCEEDED", 2));
  EXPECT_GE(mirror->stats().streams, 2u);
}

TEST_F(TopologyMirrorTest, VerifiesWhatNodesSaidOfThemselves) {
  const auto svid = world.authority.Issue("/ns/tenant-a/node/worker/b");
  const auto sealed = [&](const NodeViewPtr& node) {
    return envelope::SealRaw({.type = envelope::EventType::kNodeIntrospection,
                              .timestamp = absl::Now(),
                              .audience = {options.network, options.ns},
                              .sequence = 4,
                              .correlation_id = "",
                              .payload = envelope::EncodeIntrospection(node->introspection)},
                             crypto::RandomUuid(), absl::Now(), svid)
        .value();
  };
  Play({[&](const WatchRequest& request, WatchWriter& writer) {
    EXPECT_TRUE(request.with_evidence);
    Start(writer);
    Snapshot(writer);  // its node comes without evidence
    TopologyEvent step = Step(5, Diff(6, {Added(b)}));
    std::get<TopologyStep>(step.what).evidence = {sealed(b)};
    writer.Send(step);
    return Stay(writer);
  }});
  options.verify_evidence = true;
  const auto mirror = Begin();
  ASSERT_TRUE(mirror->WaitForPosition({1, 6}, kLong));
  EXPECT_EQ(mirror->stats().evidence_checked, 2u);
  EXPECT_EQ(mirror->stats().evidence_failures, 1u);
  EXPECT_TRUE(recorder.Await("evidence a IDENTITY_MISSING"));
  EXPECT_EQ(mirror->view().nodes.size(), 2u) << "told, not hidden";
}

TEST_F(TopologyMirrorTest, RefusesAFilterThatCannotBe) {
  options.filter.node_types = {"Not A Type"};
  const auto mirror = TopologyMirror::Start({.registry = world.Channels({registry.address()}),
                                             .svids = &world.svids,
                                             .trust = &world.trust,
                                             .logger = &world.logger},
                                            options, nullptr);
  EXPECT_EQ(ReasonOf(mirror.status()), Reason::kNameInvalid);
}

TEST_F(TopologyMirrorTest, EndsQuicklyWhateverItDoes) {
  const absl::Time start = absl::Now();
  Begin().reset();
  auto mirror = Begin();
  ASSERT_TRUE(registry.Await([](const auto& seen) { return !seen.watches.empty(); }));
  mirror.reset();
  options.backoff = {.initial = absl::Hours(1), .max = absl::Hours(1)};
  mirror = Begin({"127.0.0.1:1"});
  ASSERT_TRUE(recorder.Await("disconnected UNAVAILABLE"));
  mirror.reset();
  EXPECT_LT(absl::Now() - start, kLong);
}

}  // namespace
}  // namespace omninode::node
