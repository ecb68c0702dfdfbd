#include "common/node/node_session.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/concurrency/gate.h"
#include "common/envelope/payload.h"
#include "common/node/testing/fake_registry.h"

namespace omninode::node {
namespace {

using Seen = FakeRegistry::Seen;
using State = SessionPolicy::State;

directory::Introspection Content(std::string version = "1.0.0") {
  return directory::Introspection::Create({.ns = "tenant-a",
                                           .node_type = "worker",
                                           .node_id = "w1",
                                           .version = std::move(version)})
      .value();
}

directory::Introspection ContentOf(const envelope::Body& body) {
  return envelope::DecodeIntrospection(body.payload, envelope::Strictness::kRefuseUnknown).value();
}

class NodeSessionTest : public testing::Test {
 protected:
  std::unique_ptr<NodeSession> Begin(std::vector<std::string> addresses) {
    NodeSession::Options options{.network = NetworkId::Parse("demo").value(),
                                 .introspection = Content(),
                                 .correlation_id = "deploy 17"};
    options.policy.refused = {.initial = absl::Milliseconds(50), .max = absl::Milliseconds(200)};
    options.on_registered = [this](const Registration&) { registered.Arrive(); };
    options.on_rejected = [this](const absl::Status& status) {
      {
        MutexLock lock(mutex);
        last_rejection = status;
      }
      rejected.Arrive();
    };
    options.on_disconnected = [this](const absl::Status& status) {
      {
        MutexLock lock(mutex);
        outages.push_back(status);
      }
      disconnected.Arrive();
    };
    options.on_reconnected = [this] { reconnected.Arrive(); };
    return std::make_unique<NodeSession>(
        NodeSession::Deps{.registry = world.Channels(std::move(addresses)),
                          .clock = &world.clock,
                          .svids = &world.svids,
                          .logger = &world.logger},
        std::move(options));
  }
  std::unique_ptr<NodeSession> Begin() { return Begin({registry.address()}); }
  // Not by a short lease, because then calls would get little time on a busy machine.
  void RenewOften() {
    registry.Set([](auto& hooks) { hooks.renew_every = absl::Milliseconds(100); });
  }

  NodeWorld world;
  FakeRegistry registry{world.authority, world.trust};
  Gate registered;
  Gate rejected;
  Gate disconnected;
  Gate reconnected;
  Mutex mutex;
  absl::Status last_rejection;
  std::vector<absl::Status> outages;
};

TEST_F(NodeSessionTest, RegistersBeatsAndLeaves) {
  RenewOften();
  const auto session = Begin();
  const auto registration = session->WaitRegistered(kLong);
  ASSERT_TRUE(registration.ok()) << registration.status();
  EXPECT_EQ(registration->position, directory::Position(1, 1));
  EXPECT_EQ(registration->ttl, absl::Seconds(60));
  EXPECT_EQ(session->registered(), *registration);
  registered.Await();
  ASSERT_TRUE(registry.Await([](const Seen& seen) { return seen.beats.size() >= 4; }));
  EXPECT_EQ(session->Leave("scaled down", kLong), absl::OkStatus());
  EXPECT_EQ(session->state(), State::kLeft);
  EXPECT_EQ(session->registered(), std::nullopt);

  const Seen seen = registry.seen();
  EXPECT_TRUE(seen.nodes.empty());
  ASSERT_EQ(seen.registrations.size(), 1u) << "beats alone kept the lease";
  EXPECT_EQ(ContentOf(seen.registrations[0]), Content());
  EXPECT_EQ(seen.registrations[0].correlation_id, "deploy 17");
  EXPECT_EQ(seen.heartbeat_streams.size(), 1u);
  for (std::size_t i = 1; i < seen.beats.size(); ++i) {
    EXPECT_GT(seen.beats[i].sequence, seen.beats[i - 1].sequence);
  }
  ASSERT_EQ(seen.tombstones.size(), 1u);
  EXPECT_GT(seen.tombstones[0].sequence, seen.registrations[0].sequence);
  EXPECT_FALSE(world.sink.Contains(kFakeLeaseKey));
}

TEST_F(NodeSessionTest, RegistersOnceWhenTheAnswerWasLost) {
  auto losses = std::make_shared<std::atomic<int>>(2);
  registry.Set([&](auto& hooks) {
    hooks.after = [losses](const auto&) {
      return losses->fetch_sub(1) > 0 ? Reject(Reason::kStoreUnavailable, "lost")
                                      : absl::OkStatus();
    };
  });
  const auto session = Begin();
  ASSERT_TRUE(session->WaitRegistered(kLong).ok());
  const Seen seen = registry.seen();
  ASSERT_EQ(seen.registrations.size(), 3u);
  EXPECT_EQ(seen.registrations[0].sequence, seen.registrations[2].sequence);
  EXPECT_EQ(seen.registrations[0].payload, seen.registrations[2].payload);
  EXPECT_NE(seen.registrations[0].event_id, seen.registrations[2].event_id);
  EXPECT_EQ(seen.version, 1u) << "one effect";
}

TEST_F(NodeSessionTest, TellsWhyItIsRefusedAndKeepsTrying) {
  auto refuse = std::make_shared<std::atomic<bool>>(true);
  registry.Set([&](auto& hooks) {
    hooks.before = [refuse](const auto&) {
      return *refuse ? WithMetadata(Reject(Reason::kClockSkew, "119 s ahead"), "server_time",
                                    "2027-01-15T08:00:00.000Z")
                     : absl::OkStatus();
    };
  });
  const auto session = Begin();
  rejected.Await(2);
  {
    MutexLock lock(mutex);
    EXPECT_EQ(ReasonOf(last_rejection), Reason::kClockSkew);
  }
  EXPECT_TRUE(world.sink.Contains("2027-01-15T08:00:00.000Z"));
  EXPECT_TRUE(absl::IsDeadlineExceeded(session->WaitRegistered(absl::Milliseconds(1)).status()));
  *refuse = false;
  EXPECT_TRUE(session->WaitRegistered(kLong).ok());
}

TEST_F(NodeSessionTest, ComesBackAfterAnEarlierLifeWithALaterClock) {
  registry.Set([&](auto& hooks) {
    auto first = std::make_shared<std::atomic<bool>>(true);
    hooks.before = [first](const envelope::Body& body) {
      if (!first->exchange(false)) return absl::OkStatus();
      return WithMetadata(Reject(Reason::kStaleSequence, "old"), "last_sequence",
                          std::to_string(body.sequence + 1'000'000'000));
    };
  });
  const auto session = Begin();
  ASSERT_TRUE(session->WaitRegistered(kLong).ok());
  const Seen seen = registry.seen();
  EXPECT_EQ(seen.registrations[1].sequence, seen.registrations[0].sequence + 1'000'000'001);
}

TEST_F(NodeSessionTest, RegistersAgainWhenItsLeaseIsForgotten) {
  RenewOften();
  const auto session = Begin();
  ASSERT_TRUE(session->WaitRegistered(kLong).ok());
  registry.DropLeases();
  registered.Await(2);
  const Seen seen = registry.seen();
  EXPECT_GT(seen.registrations[1].sequence, seen.registrations[0].sequence);
}

TEST_F(NodeSessionTest, TellsAnotherHealthAtOnce) {
  const auto session = Begin();
  ASSERT_TRUE(session->WaitRegistered(kLong).ok());
  session->SetHealth(directory::Health::kDegraded);  // the next beat would come in 30 s
  ASSERT_TRUE(registry.Await([](const Seen& seen) { return seen.beats.size() == 1; }));
  EXPECT_EQ(registry.seen().beats[0].health, directory::Health::kDegraded);
}

TEST_F(NodeSessionTest, DescribesItselfAnew) {
  const auto session = Begin();
  ASSERT_TRUE(session->WaitRegistered(kLong).ok());
  session->Update(Content("2.0.0"));
  ASSERT_TRUE(registry.Await([](const Seen& seen) { return seen.version == 2; }));
  EXPECT_EQ(registry.seen().nodes.at("w1").view->introspection.version(), "2.0.0");
}

TEST_F(NodeSessionTest, SignsAnewAtARotationAndMovesItsStream) {
  const auto session = Begin();
  ASSERT_TRUE(session->WaitRegistered(kLong).ok());
  session->SetHealth(directory::Health::kDegraded);
  ASSERT_TRUE(registry.Await([](const Seen& seen) { return seen.beats.size() == 1; }));
  world.Rotate();
  ASSERT_TRUE(registry.Await([](const Seen& seen) { return seen.beats.size() == 2; }));
  const Seen seen = registry.seen();
  ASSERT_EQ(seen.registrations.size(), 2u);
  EXPECT_GT(seen.registrations[1].sequence, seen.registrations[0].sequence);
  EXPECT_EQ(seen.registrations[1].leaf_fingerprint, world.svids.Current()->leaf().fingerprint());
  EXPECT_EQ(ContentOf(seen.registrations[1]), Content().WithHealth(directory::Health::kDegraded));
  ASSERT_EQ(seen.heartbeat_streams.size(), 2u);
  EXPECT_NE(seen.heartbeat_streams[0], seen.heartbeat_streams[1]);
  EXPECT_EQ(rejected.arrived(), 0);
}

TEST_F(NodeSessionTest, WaitsForItsFirstSvid) {
  NodeWorld bare;
  identity::StaticSvidSource svids;
  auto channels = RegistryChannels::Create({.addresses = {registry.address()},
                                            .svids = &svids,
                                            .trust = &world.trust,
                                            .clock = &world.clock})
                      .value();
  NodeSession session(
      {.registry = channels, .clock = &world.clock, .svids = &svids, .logger = &world.logger},
      {.network = NetworkId::Parse("demo").value(), .introspection = Content()});
  EXPECT_FALSE(session.WaitRegistered(absl::Milliseconds(20)).ok());
  svids.Set(world.Issue());
  EXPECT_TRUE(session.WaitRegistered(kLong).ok());
}

TEST_F(NodeSessionTest, GoesToAnotherInstanceWhenItsOwnIsGone) {
  RenewOften();
  FakeRegistry second(world.authority, world.trust, "registry-2");
  const auto session = Begin({registry.address(), second.address()});
  ASSERT_TRUE(session->WaitRegistered(kLong).ok());
  ASSERT_TRUE(registry.Await([](const Seen& seen) { return !seen.beats.empty(); }));
  registry.Stop();
  // The second one knows nothing of the lease and asks for a registration.
  EXPECT_TRUE(second.Await([](const Seen& seen) { return seen.nodes.contains("w1"); }));
}

TEST_F(NodeSessionTest, TellsOnceThatItsBeatsFailAndThatTheyWorkAgain) {
  RenewOften();
  auto away = std::make_shared<std::atomic<bool>>(false);
  auto refused = std::make_shared<std::atomic<int>>(0);
  registry.Set([&](auto& hooks) {
    hooks.on_beat = [away, refused](const auto&) {
      if (!*away) return BeatOutcome::kOk;
      ++*refused;
      return BeatOutcome::kRetry;
    };
  });
  const auto session = Begin();
  ASSERT_TRUE(session->WaitRegistered(kLong).ok());
  ASSERT_TRUE(registry.Await([](const Seen& seen) { return seen.beats.size() >= 2; }));
  EXPECT_EQ(disconnected.arrived(), 0);
  *away = true;
  disconnected.Await();
  ASSERT_TRUE(registry.Await([&](const Seen&) { return *refused >= 3; }));
  EXPECT_EQ(disconnected.arrived(), 1);
  EXPECT_EQ(reconnected.arrived(), 0);
  *away = false;
  reconnected.Await();
  EXPECT_EQ(disconnected.arrived(), 1);
  EXPECT_EQ(reconnected.arrived(), 1);
}

TEST_F(NodeSessionTest, TellsThatNobodyAnswersItsBeats) {
  RenewOften();
  const auto session = Begin();
  ASSERT_TRUE(session->WaitRegistered(kLong).ok());
  registry.Stop();
  disconnected.Await();
  MutexLock lock(mutex);
  EXPECT_TRUE(RegistryChannels::IsInstanceFault(outages.front())) << outages.front();
}

TEST_F(NodeSessionTest, LeavesAtOnceWhenItNeverRegistered) {
  registry.Set([&](auto& hooks) {
    hooks.before = [](const auto&) { return Reject(Reason::kPolicyDenied, "no"); };
  });
  const auto session = Begin();
  rejected.Await();
  EXPECT_EQ(session->Leave("", kLong), absl::OkStatus());
  EXPECT_TRUE(registry.seen().tombstones.empty());
}

TEST_F(NodeSessionTest, LeavingHasAnEndAlsoWhenNobodyAnswers) {
  const auto session = Begin();
  ASSERT_TRUE(session->WaitRegistered(kLong).ok());
  registry.Stop();
  const absl::Status status = session->Leave("", absl::Milliseconds(100));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_EQ(session->Leave("", kLong), status) << "it is over";
  EXPECT_TRUE(absl::IsFailedPrecondition(session->WaitRegistered(kLong).status()));
}

TEST_F(NodeSessionTest, RefusesToLeaveWithATextThatNobodyMayShow) {
  const auto session = Begin();
  ASSERT_TRUE(session->WaitRegistered(kLong).ok());
  EXPECT_FALSE(session->Leave("\x1b[31m", kLong).ok());
  EXPECT_EQ(session->state(), State::kRegistered);
  EXPECT_TRUE(session->Leave("fine", kLong).ok());
}

TEST_F(NodeSessionTest, SaysGoodbyeTwiceWhenARegistrationIsUnderWay) {
  Gate entered;
  Gate release;
  auto first = std::make_shared<std::atomic<bool>>(true);
  registry.Set([&](auto& hooks) {
    hooks.before = [&, first](const envelope::Body& body) {
      if (body.type == envelope::EventType::kNodeIntrospection) {
        entered.Arrive();
        release.Await();
      } else if (first->exchange(false)) {
        release.Arrive();  // the registration arrives behind the goodbye
        return Reject(Reason::kNodeUnknown, "not yet");
      }
      return absl::OkStatus();
    };
  });
  const auto session = Begin();
  entered.Await();
  EXPECT_EQ(session->Leave("", kLong), absl::OkStatus());
  EXPECT_EQ(registry.seen().tombstones.size(), 2u);
  registry.Stop();  // its handlers use the gates
}

TEST_F(NodeSessionTest, EndsQuicklyWhateverItDoes) {
  Gate entered;
  Gate release;
  registry.Set([&](auto& hooks) {
    hooks.before = [&](const auto&) {
      entered.Arrive();
      release.Await();
      return absl::OkStatus();
    };
  });
  auto session = Begin();
  entered.Await();
  const absl::Time start = absl::Now();
  session.reset();
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));
  release.Arrive();
  registry.Stop();  // its handlers use the gates
  Begin({"127.0.0.1:1"}).reset();
}

}  // namespace
}  // namespace omninode::node
