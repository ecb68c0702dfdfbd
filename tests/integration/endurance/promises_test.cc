#include <array>
#include <functional>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/identity/principal.h"
#include "common/node/heartbeat_client.h"
#include "common/node/topology_stream_client.h"
#include "common/rpc/serve/roles_table.h"
#include "tests/integration/endurance/deaf_watchers.h"
#include "tests/integration/network_fixture.h"
#include "tools/testbed/for_each.h"
#include "tools/testbed/wait.h"

// Promises about time, order and secrecy that only whole processes can show.
namespace omninode::integration {
namespace {

using directory::ChangeKind;
using directory::Position;
using directory::RemovalReason;
using node::TopologyEvent;
using node::TopologyStreamClient;

class PromisesTest : public NetworkFixture {
 protected:
  static void SetUpTestSuite() { StartNetwork({}); }

  static node::RegistryClient& admin() { return cluster().admin().registry(); }
  static directory::Introspection Worker(const std::string& ns, const std::string& id,
                                         const std::string& value = "1", int capabilities = 1) {
    directory::Introspection::Fields fields{.ns = ns, .node_type = "worker", .node_id = id};
    for (int i = 0; i < capabilities; ++i) {
      fields.capabilities.emplace_back("c" + std::to_string(i), value);
    }
    return *directory::Introspection::Create(std::move(fields));
  }
  static std::unique_ptr<testbed::Member> Join(const directory::Introspection& node) {
    auto member = cluster().JoinNode(node);
    EXPECT_TRUE(member.ok()) << member.status();
    return member.ok() ? *std::move(member) : nullptr;
  }
  static absl::StatusOr<node::RegisterAnswer> Register(testbed::Member& member,
                                                       const directory::Introspection& node) {
    OMNI_ASSIGN_OR_RETURN(const std::string envelope, member.Seal(node, member.NextSequence()));
    return member.registry().Register(envelope);
  }
  static std::unique_ptr<TopologyStreamClient> Resume(const std::string& ns, Position position) {
    return std::make_unique<TopologyStreamClient>(
        cluster().admin().channels()->Current().channel,
        node::WatchRequest{
            .ns = Namespace(ns), .resume = position, .min_interval = absl::ZeroDuration()});
  }
  // The first event that is of kind T, before any of kind `Never`.
  template <typename T, typename Never>
  static std::optional<TopologyEvent> First(TopologyStreamClient& stream) {
    while (true) {
      const auto event = stream.Next(kSoon);
      EXPECT_TRUE(event.ok()) << event.status();
      if (!event.ok() || !event->has_value()) return std::nullopt;
      if (std::holds_alternative<T>((*event)->what)) return **event;
      EXPECT_FALSE(std::holds_alternative<Never>((*event)->what));
    }
  }
};

TEST_F(PromisesTest, AWatchResumesWithTheVeryNextVersionWhereverItStopped) {
  MakeNamespace("resume-a");
  const auto member = Join(Worker("resume-a", "w1"));
  ASSERT_NE(member, nullptr);
  Position head;
  for (int i = 0; i < 60; ++i) {
    const auto answer = Register(*member, Worker("resume-a", "w1", std::to_string(i)));
    ASSERT_TRUE(answer.ok()) << answer.status();
    head = answer->registration.position;
  }
  ASSERT_EQ(head.version, 60u);
  std::mt19937_64 random(1);
  for (int i = 0; i < 40; ++i) {
    const std::uint64_t version = random() % head.version;
    const auto stream = Resume("resume-a", {head.incarnation, version});
    const auto step = First<node::TopologyStep, node::Resync>(*stream);
    ASSERT_TRUE(step.has_value());
    EXPECT_EQ(step->previous_version, version);
    EXPECT_EQ(std::get<node::TopologyStep>(step->what).diff.position.version, version + 1);
  }
}

TEST_F(PromisesTest, APositionOfTheFutureIsNeverAnsweredWithOldEvents) {
  MakeNamespace("future-a");
  const auto member = Join(Worker("future-a", "w1"));
  ASSERT_NE(member, nullptr);
  const auto answer = Register(*member, Worker("future-a", "w1"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  Position ahead = answer->registration.position;
  ahead.version += 100;
  const auto stream = Resume("future-a", ahead);
  const auto resync = First<node::Resync, node::TopologyStep>(*stream);
  ASSERT_TRUE(resync.has_value());
  EXPECT_EQ(std::get<node::Resync>(resync->what).reason, node::ResyncReason::kAhead);
}

TEST_F(PromisesTest, ABannedNodeIsRefusedAtOnceItsStreamsEndAndItLeavesTheTopology) {
  MakeNamespace("ban-a");
  const auto member = Join(Worker("ban-a", "w1"));
  ASSERT_NE(member, nullptr);
  const auto watch = Watch(cluster().admin(), "ban-a");
  ASSERT_NE(watch, nullptr);
  ASSERT_TRUE(Register(*member, Worker("ban-a", "w1")).ok());
  TopologyStreamClient own(member->channels()->Current().channel, {.ns = Namespace("ban-a")});
  ASSERT_TRUE(own.Next(kSoon).ok());

  const auto banned =
      cluster().admin().bootstrap().BanIdentity(member->id().ToString(), "compromised");
  ASSERT_TRUE(banned.ok()) << banned.status();
  EXPECT_TRUE(banned->lagging.empty()) << "every instance obeys before the answer comes";
  const testbed::StepClock since;
  EXPECT_EQ(ReasonOf(member->registry().GetTopology(Namespace("ban-a")).status()),
            Reason::kIdentityBanned);
  EXPECT_LT(since.elapsed(), absl::Seconds(1));
  absl::Status ended;
  while (ended.ok()) ended = own.Next(kSoon).status();
  EXPECT_EQ(ReasonOf(ended), Reason::kIdentityBanned) << ended;
  EXPECT_LT(since.elapsed(), absl::Seconds(5));
  const auto removed = watch->WaitFor("w1", ChangeKind::kRemoved, kSoon);
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_EQ(removed->change.removal_reason, RemovalReason::kIdentityRevoked);
  EXPECT_LT(since.elapsed(), absl::Seconds(5));
}

TEST_F(PromisesTest, ANodeThatLeftStaysAwayWhateverComesLateAlsoAfterARestart) {
  MakeNamespace("late-a");
  const auto node = Worker("late-a", "w1");
  const auto member = Join(node);
  ASSERT_NE(member, nullptr);
  std::vector<std::string> late;
  for (int i = 0; i < 3; ++i) {
    late.push_back(
        *member->Seal(Worker("late-a", "w1", std::to_string(i)), member->NextSequence()));
  }
  ASSERT_TRUE(member->registry().Register(late[1]).ok());
  const auto goodbye = member->SealTombstone(member->NextSequence(), "bye");
  ASSERT_TRUE(goodbye.ok()) << goodbye.status();
  const auto left = member->registry().Deregister(*goodbye);
  ASSERT_TRUE(left.ok()) << left.status();
  const auto refuse_all = [&] {
    for (const std::string& envelope : late) {
      EXPECT_EQ(ReasonOf(member->registry().Register(envelope).status()), Reason::kStaleSequence);
    }
    EXPECT_EQ(ReasonOf(admin().GetNode({Namespace("late-a"), *NodeId::Parse("w1")}).status()),
              Reason::kNodeUnknown);
  };
  refuse_all();
  const absl::Status restarted = cluster().RestartRegistry(SIGKILL);
  ASSERT_TRUE(restarted.ok()) << restarted;
  EXPECT_TRUE(testbed::WaitUntil(
      kSoon, [&] { return admin().GetNamespace(Namespace("late-a")).status().ok(); }));
  refuse_all();
  const auto again = member->registry().Deregister(*goodbye);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->removed_at, left->removed_at) << "the same goodbye, the same answer";
}

// What a stranger is told about a namespace must not depend on whether it exists.
TEST_F(PromisesTest, EveryCallTreatsAForeignNamespaceLikeOneThatDoesNotExist) {
  MakeNamespace("secret-a");
  MakeNamespace("own-a");
  const auto owner = Join(Worker("secret-a", "w1"));
  const auto stranger = Join(Worker("own-a", "w1"));
  ASSERT_TRUE(owner != nullptr && stranger != nullptr);
  const auto lease = Register(*owner, Worker("secret-a", "w1"));
  ASSERT_TRUE(lease.ok()) << lease.status();
  node::RegistryClient& registry = stranger->registry();
  const auto first_of_stream = [&](const NamespaceName& ns) -> absl::Status {
    TopologyStreamClient stream(stranger->channels()->Current().channel, {.ns = ns});
    return stream.Next(kSoon).status();
  };
  using Call = std::function<absl::Status(const NamespaceName&)>;
  const NodeId w1 = *NodeId::Parse("w1");
  const std::map<std::string_view, Call> calls = {
      {"NamespaceService/GetNamespace",
       [&](const NamespaceName& ns) { return registry.GetNamespace(ns).status(); }},
      {"RegistryService/Deregister",
       [&](const NamespaceName& ns) -> absl::Status {
         OMNI_ASSIGN_OR_RETURN(const auto words, stranger->Seal(Worker(ns.value(), "w1"), 5));
         return registry.Deregister(words).status();
       }},
      {"RegistryService/GetNode",
       [&](const NamespaceName& ns) {
         return registry.GetNode({ns, w1}).status();
       }},
      {"RegistryService/Heartbeat",
       [&](const NamespaceName& ns) -> absl::Status {
         node::HeartbeatClient stream(stranger->channels()->Current().channel,
                                      stranger->membership().network().network_id, ns);
         return stream
             .Beat({.lease_handle = lease->registration.lease_handle, .sequence = 1}, "key", kSoon)
             .status();
       }},
      {"RegistryService/ListNodes",
       [&](const NamespaceName& ns) { return registry.ListNodes(ns).status(); }},
      {"RegistryService/ListTombstones",
       [&](const NamespaceName& ns) { return registry.ListTombstones(ns).status(); }},
      {"RegistryService/Register",
       [&](const NamespaceName& ns) -> absl::Status {
         OMNI_ASSIGN_OR_RETURN(const auto words, stranger->Seal(Worker(ns.value(), "w1"), 5));
         return registry.Register(words).status();
       }},
      {"TopologyService/GetTopology",
       [&](const NamespaceName& ns) { return registry.GetTopology(ns).status(); }},
      {"TopologyService/WaitForVersion",
       [&](const NamespaceName& ns) {
         return registry.WaitForVersion(ns, {1, 1}, absl::Milliseconds(100)).status();
       }},
      {"TopologyService/WatchTopology", first_of_stream},
  };
  const auto text_of = [](const absl::Status& status, const std::string& name) {
    std::string text = status.ToString();
    for (auto place = text.find(name); place != std::string::npos; place = text.find(name)) {
      text.replace(place, name.size(), "NAME");
    }
    return text;
  };
  constexpr std::string_view kPackage = "omninode.registry.v1.";
  for (const rpc::RpcRule& rule : rpc::RolesTable()) {
    if (!rule.method.starts_with(kPackage) || !rule.roles.Has(rpc::Role::kNode)) continue;
    const auto call = calls.find(rule.method.substr(kPackage.size()));
    ASSERT_NE(call, calls.end()) << rule.method << " is not tried here";
    const absl::Status foreign = call->second(Namespace("secret-a"));
    const absl::Status missing = call->second(Namespace("absent-a"));
    EXPECT_FALSE(foreign.ok()) << rule.method;
    EXPECT_EQ(text_of(foreign, "secret-a"), text_of(missing, "absent-a")) << rule.method;
  }
}

TEST_F(PromisesTest, WatchersThatNeverReadAreCutOffAndDelayNobody) {
  constexpr int kDeaf = 50;
  constexpr std::size_t kWriters = 6;
  MakeNamespace("deaf-a");
  const auto member = Join(Worker("deaf-a", "w1"));
  const auto deaf_member = Join(Worker("deaf-a", "w2"));
  ASSERT_TRUE(member != nullptr && deaf_member != nullptr);
  std::vector<std::unique_ptr<testbed::Member>> writers;
  for (std::size_t i = 0; i < kWriters; ++i) {
    writers.push_back(Join(Worker("deaf-a", fmt::format("writer-{}", i))));
    ASSERT_NE(writers.back(), nullptr);
  }
  const auto watch = Watch(cluster().admin(), "deaf-a");
  ASSERT_NE(watch, nullptr);
  const auto watches = [&] {
    return *testbed::Cluster::CounterValue(cluster().registry(), "omninode_registry_watches");
  };
  // The gauge follows within a second; the earlier tests' watches are gone.
  ASSERT_TRUE(testbed::WaitUntil(kSoon, [&] { return watches() == 1; }));
  DeafWatchers deaf;
  for (int i = 0; i < kDeaf; ++i) deaf.Open(deaf_member->channels()->Current().channel, "deaf-a");
  ASSERT_TRUE(testbed::WaitUntil(kSoon, [&] { return watches() == 1 + kDeaf; }));
  const testbed::StepClock since;
  absl::Duration worst;
  int changes = 0;
  // 16 KiB each, of several nodes, because gRPC widens the window for a while: soon nothing more
  // fits between the registry and who does not read.
  while (watches() > 1 && since.elapsed() < absl::Seconds(40)) {
    const std::string value(250, static_cast<char>('a' + changes % 26));
    const absl::Status filled = testbed::ForEach(kWriters, kWriters, [&](std::size_t i) {
      return Register(*writers[i], Worker("deaf-a", fmt::format("writer-{}", i), value, 64))
          .status();
    });
    ASSERT_TRUE(filled.ok()) << filled;
    const std::size_t mark = watch->Mark();
    const testbed::StepClock change;
    const auto answer = Register(*member, Worker("deaf-a", "w1", value, 64));
    ASSERT_TRUE(answer.ok()) << answer.status();
    const auto seen =
        watch->WaitFor("w1", changes == 0 ? ChangeKind::kAdded : ChangeKind::kUpdated, kSoon, mark);
    ASSERT_TRUE(seen.ok()) << seen.status();
    worst = std::max(worst, change.elapsed());
    ++changes;
  }
  EXPECT_EQ(watches(), 1) << "they are still there, or who reads is not";
  // Cut off 20 s after the write that nobody took, looked for every second.
  EXPECT_LT(since.elapsed(), absl::Seconds(30));
  EXPECT_LT(worst, absl::Seconds(1)) << "of " << changes << " changes for who does read";
  std::cout << fmt::format(
      "{} deaf watchers cut off after {}; {} changes seen, the slowest in {}\n", kDeaf,
      absl::FormatDuration(since.elapsed()), changes, absl::FormatDuration(worst));
}

}  // namespace
}  // namespace omninode::integration
