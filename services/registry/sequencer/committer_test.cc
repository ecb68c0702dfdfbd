#include "services/registry/sequencer/committer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/identity/revocations.h"
#include "services/registry/sequencer/testing/rig.h"

namespace omninode::registry {
namespace {

using testing::CommitFault;
using testing::Creation;
using ::testing::ElementsAre;
using testing::Goodbye;
using testing::NodeSpec;
using testing::Registration;
using testing::Rig;

class CommitterTest : public ::testing::Test {
 protected:
  CommitterTest() {
    rig_.on_store_status = [this](const absl::Status& status) { statuses_.push_back(status.ok()); };
    Run({Creation("tenant-a")});
    answers_.clear();
  }

  Submission Submit(Command command) {
    const std::size_t place = answers_.size();
    answers_.emplace_back();
    return {std::move(command), [this, place](absl::StatusOr<Answer> answer) {
              EXPECT_FALSE(answers_[place].has_value()) << "completed twice";
              order_.push_back(place);
              answers_[place] = std::move(answer);
            }};
  }

  std::vector<Submission> Run(std::vector<Command> commands) {
    std::vector<Submission> group;
    for (Command& command : commands) group.push_back(Submit(std::move(command)));
    return committer_.Run(std::move(group));
  }

  // The one answer of the last command.
  template <typename T>
  T Last() {
    return std::get<T>(answers_.back()->value());
  }
  Reason LastReason() { return *ReasonOf(answers_.back()->status()); }
  LeaseInfoPtr FindLease(LeaseHandle handle) {
    return rig_.leases.Find(*NamespaceName::Parse("tenant-a"), handle);
  }
  std::uint64_t Version() {
    return rig_.table.GetNamespace(*NamespaceName::Parse("tenant-a"))->position.version;
  }

  Rig rig_;
  std::vector<bool> statuses_;
  bool wait_result_ = true;
  std::function<void()> on_wait_ = [] {};
  std::vector<std::optional<absl::StatusOr<Answer>>> answers_;
  std::vector<std::size_t> order_;
  Committer committer_{2, rig_.ownership, rig_.deps(), [this] {
                         on_wait_();
                         return wait_result_;
                       }};
};

TEST_F(CommitterTest, ARegistrationIsOnTheDiskBeforeItIsAnswered) {
  std::uint64_t seq_at_answer = 0;
  std::vector<Submission> group;
  group.push_back({Registration({}), [&](const absl::StatusOr<Answer>& answer) {
                     EXPECT_TRUE(answer.ok());
                     seq_at_answer = rig_.store.seq();
                     EXPECT_EQ(Version(), 1u);
                   }});
  EXPECT_TRUE(committer_.Run(std::move(group)).empty());
  EXPECT_EQ(seq_at_answer, 2u);
  EXPECT_EQ(committer_.seq(), 2u);
}

TEST_F(CommitterTest, TellsOfCommittedGroupsAndOfNoOthers) {
  std::vector<std::pair<std::size_t, std::size_t>> groups;  // commands, changes
  rig_.on_commit = [&](const CommittedGroup& group) {
    groups.emplace_back(group.commands, group.records.at(0).changes.size());
  };
  Run({Registration({.id = "a"}), Registration({.id = "b"}), Registration({.ns = "nowhere"})});
  Run({Registration({.ns = "nowhere"})});
  rig_.store.Script({CommitFault::kFailed});
  Run({Registration({.id = "c"})});
  EXPECT_THAT(groups, ElementsAre(std::pair(3u, 2u)));
}

TEST_F(CommitterTest, ANewNamespaceCanBeWatchedByWhoWasToldOfIt) {
  bool watched = false;
  std::vector<Submission> group;
  group.push_back({Creation("fresh"), [&](const absl::StatusOr<Answer>&) {
                     watched = rig_.watch.Open({.ns = *NamespaceName::Parse("fresh")}, [] {}).ok();
                   }});
  EXPECT_TRUE(committer_.Run(std::move(group)).empty());
  EXPECT_TRUE(watched);
}

TEST_F(CommitterTest, AFailedCommitChangesNothingAndSaysSo) {
  rig_.store.Script({CommitFault::kFailed});
  Run({Registration({})});
  EXPECT_EQ(LastReason(), Reason::kStoreUnavailable);
  EXPECT_EQ(Version(), 0u);
  EXPECT_EQ(rig_.leases.size(), 0u);
  Run({Registration({})});
  EXPECT_EQ(Last<Registered>().position.version, 1u);
  EXPECT_THAT(statuses_, ElementsAre(false, true));
}

TEST_F(CommitterTest, RefusalsDoNotWaitForTheStore) {
  rig_.store.SetAway(absl::UnavailableError("away"));
  Run({Registration({.ns = "nowhere"})});
  EXPECT_EQ(LastReason(), Reason::kNamespaceUnknown);
  EXPECT_TRUE(statuses_.empty());
}

TEST_F(CommitterTest, AStoreThatIsBackIsNoticedWithoutACommit) {
  rig_.store.SetAway(absl::UnavailableError("away"));
  Run({Registration({})});
  committer_.CheckStore();
  EXPECT_THAT(statuses_, ElementsAre(false));
  rig_.store.SetAway(absl::OkStatus());
  committer_.CheckStore();
  committer_.CheckStore();
  EXPECT_THAT(statuses_, ElementsAre(false, true));
}

TEST_F(CommitterTest, AnUnknownOutcomeCountsAsAStoreThatIsAway) {
  rig_.store.Script({CommitFault::kUnknownCommitted});
  rig_.store.BreakAfterNextCommit();
  int waits = 0;
  on_wait_ = [&] {
    EXPECT_THAT(statuses_, ElementsAre(false));
    if (++waits == 3) rig_.store.SetAway(absl::OkStatus());
  };
  Run({Registration({})});
  EXPECT_EQ(waits, 3);
  EXPECT_EQ(Last<Registered>().position.version, 1u);
  EXPECT_THAT(statuses_, ElementsAre(false, true));
}

TEST_F(CommitterTest, WhoDiesBeforeTheOutcomeIsKnownPromisesNothing) {
  rig_.store.Script({CommitFault::kUnknownCommitted});
  rig_.store.BreakAfterNextCommit();
  wait_result_ = false;
  Run({Registration({})});
  EXPECT_EQ(LastReason(), Reason::kStoreUnavailable);
  EXPECT_EQ(Version(), 0u);
  EXPECT_TRUE(committer_.deposed());
}

TEST_F(CommitterTest, WhoIsDeposedRefusesChangesAndStaysAway) {
  ASSERT_TRUE(rig_.store.Acquire("another", absl::UnixEpoch()).ok());
  Run({Registration({})});
  EXPECT_EQ(LastReason(), Reason::kNotOwner);
  EXPECT_TRUE(committer_.deposed());
  committer_.CheckStore();
  Run({Registration({})});
  EXPECT_EQ(LastReason(), Reason::kNotOwner);
  EXPECT_THAT(statuses_, ElementsAre(false));
}

TEST_F(CommitterTest, DeferredCommandsComeBackInOrderAndUncompleted) {
  auto deferred = Run({Registration({.sequence = 1}), Registration({.sequence = 2}),
                       Registration({.id = "other"}), Registration({.sequence = 3})});
  EXPECT_EQ(deferred.size(), 2u);
  EXPECT_FALSE(answers_[1].has_value());
  EXPECT_FALSE(answers_[3].has_value());
  deferred = committer_.Run(std::move(deferred));
  EXPECT_EQ(deferred.size(), 1u);
  EXPECT_TRUE(answers_[1]->ok());
  EXPECT_TRUE(committer_.Run(std::move(deferred)).empty());
  EXPECT_TRUE(answers_[3]->ok());
}

TEST_F(CommitterTest, DeferredCommandsSurviveAFailedCommit) {
  rig_.store.Script({CommitFault::kFailed});
  auto deferred = Run({Registration({.sequence = 1}), Registration({.sequence = 2})});
  EXPECT_EQ(ReasonOf(answers_[0]->status()), Reason::kStoreUnavailable);
  EXPECT_TRUE(committer_.Run(std::move(deferred)).empty());
  EXPECT_TRUE(answers_[1]->ok());
}

TEST_F(CommitterTest, ARegistrationIsALeaseAndAGoodbyeIsItsEnd) {
  Run({Registration({.sequence = 1})});
  const auto registered = Last<Registered>();
  const LeaseInfoPtr lease = FindLease(registered.lease);
  ASSERT_NE(lease, nullptr);
  EXPECT_EQ(lease->ttl, registered.ttl);
  EXPECT_EQ(lease->spiffe_id, registered.subject);
  Run({Goodbye({.sequence = 2})});
  EXPECT_EQ(FindLease(registered.lease), nullptr);
  EXPECT_EQ(rig_.leases.size(), 0u);
}

TEST_F(CommitterTest, AnUnchangedRegistrationRenewsTheLease) {
  Run({Registration({.sequence = 1, .ttl = absl::Seconds(10)})});
  rig_.clock.Advance(absl::Seconds(9));
  Run({Registration({.sequence = 2, .ttl = absl::Seconds(10)})});
  EXPECT_EQ(Version(), 1u);
  rig_.clock.Advance(absl::Seconds(9));
  EXPECT_TRUE(rig_.leases.TakeDue(rig_.clock.Monotonic(), 10).empty());
  rig_.clock.Advance(absl::Seconds(1));
  EXPECT_EQ(rig_.leases.TakeDue(rig_.clock.Monotonic(), 10).size(), 1u);
}

// The beat that told it has renewed; a slow commit must not renew once more.
TEST_F(CommitterTest, AHealthChangeIsKnownToTheLeaseAndDoesNotRenewIt) {
  Run({Registration({.sequence = 1, .ttl = absl::Seconds(10)})});
  const auto registered = Last<Registered>();
  rig_.clock.Advance(absl::Seconds(9));
  Run({HealthCommand{registered.node, registered.lease, directory::Health::kDegraded}});
  EXPECT_EQ(Version(), 2u);
  EXPECT_EQ(rig_.leases.Beat(registered.node.ns,
                             {registered.lease, 1'800'000'009'000, directory::Health::kDegraded},
                             rig_.clock.Monotonic() - absl::Seconds(9), rig_.clock.Now()),
            BeatVerdict::kOk);
  rig_.clock.Advance(absl::Seconds(1));
  EXPECT_EQ(rig_.leases.TakeDue(rig_.clock.Monotonic(), 10).size(), 1u);
}

TEST_F(CommitterTest, ACommandNobodyWantsAnyMoreIsNotPlanned) {
  Run({Registration({.sequence = 1})});
  const auto registered = Last<Registered>();
  std::vector<Submission> group;
  group.push_back(Submit(testing::Expiry({}, registered.lease)));
  group.back().still_wanted = [] { return false; };
  EXPECT_TRUE(committer_.Run(std::move(group)).empty());
  EXPECT_TRUE(std::holds_alternative<NothingToDo>(answers_.back()->value()));
  EXPECT_NE(FindLease(registered.lease), nullptr);
}

// "Wanted" is judged when the command's turn has come, not when its group was taken first.
TEST_F(CommitterTest, WhetherACommandIsWantedIsAskedAgainWhenItWasDeferred) {
  Run({Registration({.sequence = 1})});
  const auto registered = Last<Registered>();
  const LeaseInfoPtr taken = FindLease(registered.lease);
  std::vector<Submission> group;
  group.push_back(Submit(Registration({.sequence = 2, .capability = "9"})));
  group.push_back(Submit(testing::Expiry({}, registered.lease)));
  group.back().still_wanted = [&] { return FindLease(registered.lease) == taken; };
  auto deferred = committer_.Run(std::move(group));
  ASSERT_EQ(deferred.size(), 1u);
  EXPECT_TRUE(committer_.Run(std::move(deferred)).empty());
  EXPECT_TRUE(std::holds_alternative<NothingToDo>(answers_.back()->value()));
  EXPECT_NE(FindLease(registered.lease), nullptr);
}

TEST_F(CommitterTest, RevocationIsCheckedAtTheMomentOfPlanning) {
  const NodeSpec spec;
  const auto revocations = identity::Revocations::Create(
      {}, {{*identity::SpiffeId::Parse(SpiffeIdOf(spec)), rig_.clock.Now(), false}});
  auto trust = std::make_shared<identity::TrustState>(*rig_.trust.Current());
  trust->revocations = *revocations;
  rig_.trust.Set(trust);
  Run({Registration(spec)});
  EXPECT_EQ(LastReason(), Reason::kIdentityBanned);
}

TEST_F(CommitterTest, TheLogIsKeptToItsBoundAFewGroupsAtATime) {
  std::uint64_t sequence = 0;
  while (committer_.seq() < 64) {
    ++sequence;
    Run({Registration({.sequence = sequence, .capability = std::to_string(sequence)})});
  }
  EXPECT_EQ(rig_.store.compacted(), 0u);
  Run({Registration({.sequence = ++sequence})});
  EXPECT_EQ(rig_.store.compacted(), 62u);  // two are kept
}

}  // namespace
}  // namespace omninode::registry
