#include <algorithm>
#include <atomic>
#include <iostream>
#include <map>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/mutex.h"
#include "common/base/status.h"
#include "tests/integration/network_fixture.h"
#include "tools/testbed/flat_json.h"
#include "tools/testbed/wait.h"

// Certificates of both sides of every connection are exchanged again and again under calls and
// watches.
namespace omninode::integration {
namespace {

constexpr char kNamespace[] = "rotation-a";
constexpr absl::Duration kSvidTtl = absl::Seconds(5);  // the shortest there is: renewed after 2.5 s
constexpr std::size_t kRotations = 20;
constexpr std::uint64_t kCalls = 5000;
constexpr int kCallers = 4;
constexpr absl::Duration kLongEnough = absl::Minutes(3);

directory::Introspection Description(const std::string& id, std::uint64_t round) {
  return *directory::Introspection::Create({.ns = kNamespace,
                                            .node_type = "worker",
                                            .node_id = id,
                                            .capabilities = {{"round", std::to_string(round)}}});
}

// A node that describes itself anew and reads itself back without a break.
class Caller {
 public:
  Caller(std::string id, std::unique_ptr<testbed::Member> member)
      : id_(std::move(id)), member_(std::move(member)) {
    rotations_ = member_->membership().svids().Subscribe(
        [this](const identity::X509SvidPtr&) { ++rotated_; });
    thread_ = std::thread([this] {
      while (!stopping_ && failure().ok()) Round();
    });
  }
  ~Caller() { Stop(); }

  void Stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  testbed::Member& member() { return *member_; }
  std::uint64_t calls() const { return calls_; }
  std::size_t rotated() const { return rotated_; }
  absl::Status failure() const {
    MutexLock lock(mutex_);
    return failure_;
  }
  // Positions that were acknowledged; after Stop.
  const std::vector<directory::Position>& positions() const { return positions_; }

 private:
  void Round() {
    const auto envelope = member_->Seal(Description(id_, ++round_), member_->NextSequence());
    if (!envelope.ok()) return Fail(envelope.status());
    const auto registered = member_->registry().Register(*envelope);
    if (!registered.ok()) return Fail(registered.status());
    ++calls_;
    positions_.push_back(registered->registration.position);
    const auto node = member_->registry().GetNode({Namespace(kNamespace), *NodeId::Parse(id_)});
    if (!node.ok()) return Fail(node.status());
    ++calls_;
    if (node->view->version < positions_.back().version) {
      Fail(Error(absl::StatusCode::kDataLoss, "{} is older than acknowledged", id_));
    }
  }
  void Fail(absl::Status status) {
    MutexLock lock(mutex_);
    failure_ = std::move(status);
  }

  const std::string id_;
  const std::unique_ptr<testbed::Member> member_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> calls_ = 0;
  std::atomic<std::size_t> rotated_ = 0;
  std::uint64_t round_ = 0;
  std::vector<directory::Position> positions_;
  mutable Mutex mutex_;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  Subscription rotations_;
  std::thread thread_;
};

class RotationTest : public NetworkFixture {
 protected:
  static void SetUpTestSuite() { StartNetwork({.svid_ttl = kSvidTtl}); }

  // How often a service said that it exchanged its certificate.
  static std::size_t Renewals(const testbed::ServiceProcess& service) {
    const auto lines = service.LogLines();
    return static_cast<std::size_t>(std::ranges::count_if(
        lines, [](const auto& line) { return testbed::ValueOf(line, "event") == "svid_renewed"; }));
  }

  absl::Status EverybodyRotated() const {
    const auto enough = [](std::string_view who, std::size_t rotations) {
      if (rotations >= kRotations) return absl::OkStatus();
      return Error(absl::StatusCode::kUnavailable, "{} rotated {} times", who, rotations);
    };
    OMNI_RETURN_IF_ERROR(enough("the registry", Renewals(cluster().registry())));
    OMNI_RETURN_IF_ERROR(enough("the attestor", Renewals(cluster().attestor())));
    std::uint64_t calls = 0;
    for (const auto& caller : callers_) {
      OMNI_RETURN_IF_ERROR(enough("a caller", caller->rotated()));
      calls += caller->calls();
    }
    if (calls >= kCalls) return absl::OkStatus();
    return Error(absl::StatusCode::kUnavailable, "{} calls", calls);
  }

  bool AnyFailure() const {
    return std::ranges::any_of(callers_, [](const auto& each) { return !each->failure().ok(); });
  }

  std::vector<std::unique_ptr<Caller>> callers_;
};

TEST_F(RotationTest, TwentyRotationsOfBothSidesFailNoCallAndLoseNoVersion) {
  MakeNamespace(kNamespace);
  for (int i = 0; i < kCallers; ++i) {
    const std::string id = fmt::format("worker-{}", i);
    auto member = cluster().JoinNode(Description(id, 0));
    ASSERT_TRUE(member.ok()) << member.status();
    callers_.push_back(std::make_unique<Caller>(id, *std::move(member)));
  }
  // By identities that rotate too.
  const auto first = Watch(callers_[0]->member(), kNamespace);
  const auto second = Watch(callers_[1]->member(), kNamespace);
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);

  absl::Status rotated;
  EXPECT_TRUE(testbed::WaitUntil(kLongEnough, [&] {
    rotated = EverybodyRotated();
    return rotated.ok() || AnyFailure();
  })) << rotated;
  std::uint64_t calls = 0;
  std::size_t least_rotations = callers_[0]->rotated();
  std::set<std::uint64_t> versions;
  directory::Position last;
  for (const auto& caller : callers_) {
    caller->Stop();
    EXPECT_TRUE(caller->failure().ok()) << caller->failure();
    calls += caller->calls();
    least_rotations = std::min(least_rotations, caller->rotated());
    for (const auto& position : caller->positions()) {
      versions.insert(position.version);
      last = std::max(last, position);
    }
  }
  EXPECT_GE(calls, kCalls);
  EXPECT_EQ(versions.size(), last.version) << "versions are dense, and each was acknowledged";
  for (const auto& watch : {first.get(), second.get()}) {
    EXPECT_TRUE(watch->mirror().WaitForPosition(last, kSoon));
    const absl::Status kept = testbed::Eventually(kSoon, [&] { return watch->CheckPromises(); });
    EXPECT_TRUE(kept.ok()) << kept;
    const node::MirrorStats stats = watch->mirror().stats();
    EXPECT_EQ(stats.snapshots, 1u);
    EXPECT_EQ(stats.resyncs, 0u);
    EXPECT_GE(stats.streams, kRotations) << "the stream moves to each new certificate";
  }
  // Whoever alerts on rejections must not be woken by honest nodes that renew.
  for (const testbed::ServiceProcess* service :
       {&cluster().bootstrap(), &cluster().attestor(), &cluster().registry()}) {
    EXPECT_EQ(*testbed::Cluster::CounterValue(*service, "omninode_reject_total"), 0)
        << service->name();
  }
  std::cout << fmt::format(
      "{} calls, {} versions, registry rotated {} times, attestor {}, callers at least {}; "
      "{} and {} streams\n",
      calls, last.version, Renewals(cluster().registry()), Renewals(cluster().attestor()),
      least_rotations, first->mirror().stats().streams, second->mirror().stats().streams);
}

}  // namespace
}  // namespace omninode::integration
