#include "services/registry/topology/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/directory/canonical.h"
#include "services/registry/topology/testing/commands.h"

namespace omninode::registry {
namespace {

using directory::ChangedField;
using directory::ChangeKind;
using directory::Position;
using testing::Creation;
using testing::Expiry;
using testing::Goodbye;
using testing::Harness;
using testing::NodeSpec;
using testing::Registration;

class PlanTest : public ::testing::Test {
 protected:
  void SetUp() override { harness_.Run({Creation("tenant-a")}); }
  Harness harness_;
};

TEST_F(PlanTest, ANewNamespaceStartsEmptyAtVersionZero) {
  const auto* state = harness_.state.Find(*NamespaceName::Parse("tenant-a"));
  ASSERT_NE(state, nullptr);
  EXPECT_EQ(state->position(), (Position{1, 0}));
}

TEST_F(PlanTest, CreatingANamespaceAgainIsTheSameOrRefused) {
  EXPECT_TRUE(harness_.Expect<NamespaceCreated>(Creation("tenant-a")).existed);
  EXPECT_EQ(harness_.RejectedFor(Creation("tenant-a", {.max_nodes = 5})), Reason::kNamespaceExists);
}

TEST_F(PlanTest, ARegistrationGetsTheNextVersionAndALease) {
  const auto answer = harness_.Expect<Registered>(Registration({}));
  EXPECT_EQ(answer.position, (Position{1, 1}));
  EXPECT_EQ(answer.lease.version(), 1u);
  EXPECT_EQ(answer.ttl, absl::Seconds(60));
  EXPECT_FALSE(answer.repeated);
}

TEST_F(PlanTest, AllChangesOfAGroupShareOneVersionSortedById) {
  const Plan plan = harness_.Run({Registration({.id = "b"}), Registration({.id = "a"})});
  ASSERT_EQ(plan.records.size(), 1u);
  EXPECT_EQ(plan.records[0].version, 1u);
  ASSERT_EQ(plan.records[0].changes.size(), 2u);
  EXPECT_EQ(plan.records[0].changes[0].id().value(), "a");
  const auto& first = std::get<Registered>(std::get<Answer>(plan.outcomes[0]));
  const auto& second = std::get<Registered>(std::get<Answer>(plan.outcomes[1]));
  EXPECT_NE(first.lease, second.lease);
}

TEST_F(PlanTest, NamespacesHaveVersionsOfTheirOwn) {
  harness_.Run({Creation("tenant-b")});
  harness_.Run({Registration({.id = "a"})});
  const Plan plan = harness_.Run({Registration({.id = "b"}), Registration({.ns = "tenant-b"})});
  ASSERT_EQ(plan.records.size(), 2u);
  EXPECT_EQ(plan.records[0].version, 2u);
  EXPECT_EQ(plan.records[1].version, 1u);
}

TEST_F(PlanTest, AnUnknownNamespaceIsRefused) {
  EXPECT_EQ(harness_.RejectedFor(Registration({.ns = "nowhere"})), Reason::kNamespaceUnknown);
  EXPECT_EQ(harness_.RejectedFor(Goodbye({.ns = "nowhere"})), Reason::kNamespaceUnknown);
}

TEST_F(PlanTest, TheSameMessageAgainGetsTheStoredAnswerAndNoVersion) {
  const auto first = harness_.Expect<Registered>(Registration({.sequence = 5}));
  harness_.Expect<Registered>(Registration({.id = "other"}));
  const Plan plan = harness_.Run({Registration({.sequence = 5})});
  EXPECT_TRUE(plan.records.empty());
  const auto& again = std::get<Registered>(std::get<Answer>(plan.outcomes[0]));
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.position, first.position);
  EXPECT_EQ(again.lease, first.lease);
}

TEST_F(PlanTest, TheStoredAnswerSurvivesAHealthChange) {
  const auto first = harness_.Expect<Registered>(Registration({.sequence = 5}));
  harness_.Run({HealthCommand{{*NamespaceName::Parse("tenant-a"), *NodeId::Parse("worker-1")},
                              first.lease,
                              directory::Health::kDegraded}});
  const auto again = harness_.Expect<Registered>(Registration({.sequence = 5}));
  EXPECT_EQ(again.position, first.position);
}

TEST_F(PlanTest, TheSameBytesFromSomebodyElseAreAReplay) {
  harness_.Expect<Registered>(Registration({.sequence = 5}));
  EXPECT_EQ(harness_.RejectedFor(
                Registration({.sequence = 5, .submitter = "spiffe://example.org/agent/h2"})),
            Reason::kReplay);
}

TEST_F(PlanTest, TheAgentThatRegisteredMayRetry) {
  const NodeSpec carried{.sequence = 5, .submitter = "spiffe://example.org/agent/h1"};
  harness_.Expect<Registered>(Registration(carried));
  EXPECT_TRUE(harness_.Expect<Registered>(Registration(carried)).repeated);
}

TEST_F(PlanTest, TheSameSequenceWithOtherContentIsRefused) {
  harness_.Expect<Registered>(Registration({.sequence = 5, .capability = "1"}));
  EXPECT_EQ(harness_.RejectedFor(Registration({.sequence = 5, .capability = "2"})),
            Reason::kIdempotencyKeyReused);
}

TEST_F(PlanTest, AnOlderSequenceIsRefusedAndOnlyTheNodeLearnsTheLast) {
  harness_.Expect<Registered>(Registration({.sequence = 5}));
  const auto own = std::get<absl::Status>(harness_.RunOne(Registration({.sequence = 4})));
  EXPECT_EQ(ReasonOf(own), Reason::kStaleSequence);
  EXPECT_EQ(MetadataOf(own).at("last_sequence"), "5");
  const auto other = std::get<absl::Status>(
      harness_.RunOne(Registration({.sequence = 4, .submitter = "spiffe://example.org/agent/h1"})));
  EXPECT_EQ(ReasonOf(other), Reason::kStaleSequence);
  EXPECT_TRUE(MetadataOf(other).empty());
}

TEST_F(PlanTest, ARetryIsKnownEvenWhenItsClockVerdictIsBad) {
  harness_.Expect<Registered>(Registration({.sequence = 5}));
  RegisterCommand late = Registration({.sequence = 5});
  late.admitted.clock = Reject(Reason::kMessageExpired, "signed long ago");
  EXPECT_TRUE(harness_.Expect<Registered>(late).repeated);
  RegisterCommand unknown = Registration({.sequence = 6});
  unknown.admitted.clock = Reject(Reason::kMessageExpired, "signed long ago");
  EXPECT_EQ(harness_.RejectedFor(unknown), Reason::kMessageExpired);
}

TEST_F(PlanTest, AnUpdateSaysWhatChanged) {
  const auto first = harness_.Expect<Registered>(Registration({.sequence = 1, .capability = "1"}));
  const Plan plan = harness_.Run({Registration({.sequence = 2, .capability = "2"})});
  ASSERT_EQ(plan.records.at(0).changes.size(), 1u);
  const NodeChange& change = plan.records[0].changes[0];
  EXPECT_EQ(change.kind, ChangeKind::kUpdated);
  EXPECT_TRUE(change.changed_fields.Contains(ChangedField::kCapabilities));
  EXPECT_FALSE(change.changed_fields.Contains(ChangedField::kLabels));
  EXPECT_EQ(change.after->lease, first.lease);
  EXPECT_EQ(change.after->view->version, 2u);
}

TEST_F(PlanTest, NothingNewIsARenewalWithoutAVersion) {
  harness_.Expect<Registered>(Registration({.sequence = 1}));
  const Plan plan = harness_.Run({Registration({.sequence = 2})});
  ASSERT_EQ(plan.records.size(), 1u);
  EXPECT_TRUE(plan.records[0].changes.empty());
  EXPECT_EQ(plan.records[0].renewed.size(), 1u);
  EXPECT_EQ(plan.records[0].version, 1u);
  // The newer sequence counts from now on.
  EXPECT_EQ(harness_.RejectedFor(Registration({.sequence = 1})), Reason::kStaleSequence);
}

TEST_F(PlanTest, ARetryOfARenewalGetsTheAnswerOfTheRenewal) {
  harness_.Expect<Registered>(Registration({.sequence = 1}));
  RegisterCommand renewal = Registration({.sequence = 2, .ttl = absl::Seconds(60)});
  renewal.admitted.decision.id = "decision-2";
  const auto first = harness_.Expect<Registered>(renewal);
  const auto again = harness_.Expect<Registered>(renewal);
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.decision, "decision-2");
  EXPECT_EQ(again.position, first.position);
}

TEST_F(PlanTest, ARenewalKeepsTheNodesVersionAndTakesTheRestFromTheNewWords) {
  harness_.Expect<Registered>(Registration({.sequence = 1}));
  const Plan plan = harness_.Run({Registration({.sequence = 2, .ttl = absl::Seconds(60)})});
  ASSERT_EQ(plan.records.at(0).renewed.size(), 1u);
  const directory::NodeView& view = *plan.records[0].renewed[0]->view;
  EXPECT_EQ(view.version, 1u);
  // As it is after a restart, when only the newest envelope is there to be read.
  EXPECT_EQ(view.introspection.requested_ttl(), absl::Seconds(60));
}

TEST_F(PlanTest, ANewCertificateIsAChangeOfNothingButEvidence) {
  harness_.Expect<Registered>(Registration({.sequence = 1, .leaf = "one"}));
  const Plan plan = harness_.Run({Registration({.sequence = 2, .leaf = "two"})});
  ASSERT_EQ(plan.records.at(0).changes.size(), 1u);
  const NodeChange& change = plan.records[0].changes[0];
  EXPECT_EQ(change.changed_fields, directory::ChangedFields{ChangedField::kEvidence});
  // Who does not see evidence computes the same hash as before.
  EXPECT_EQ(directory::CanonicalDigest(*change.after->view),
            directory::CanonicalDigest(*change.before->view));
}

TEST_F(PlanTest, ASecondChangeOfTheSameNodeWaitsForTheNextGroup) {
  const Plan plan = harness_.Run({Registration({.sequence = 1}), Registration({.sequence = 2}),
                                  Registration({.id = "other"})});
  EXPECT_TRUE(std::holds_alternative<Deferred>(plan.outcomes[1]));
  EXPECT_TRUE(std::holds_alternative<Answer>(plan.outcomes[2]));
}

RegisterCommand LargeRegistration(const NodeSpec& spec, std::size_t bytes) {
  RegisterCommand command = Registration(spec);
  Evidence evidence = *command.admitted.evidence;
  evidence.chain = nullptr;
  evidence.signature.clear();
  evidence.body.assign(bytes, 'x');
  auto chain =
      std::make_shared<const CertificateChain>(CertificateChain{crypto::Sha256(spec.leaf), {}});
  evidence.chain = std::move(chain);
  command.admitted.evidence = std::make_shared<const Evidence>(std::move(evidence));
  return command;
}

TEST_F(PlanTest, AVersionIsBoundedInBytesAndWhatIsBeyondWaitsInOrder) {
  const std::size_t half = kMaxVersionBytes / 2;
  const Plan exact =
      harness_.Run({LargeRegistration({.id = "a"}, half), LargeRegistration({.id = "b"}, half)});
  EXPECT_TRUE(std::holds_alternative<Answer>(exact.outcomes[1]));
  harness_.Run({Creation("tenant-b")});
  const Plan beyond =
      harness_.Run({LargeRegistration({.id = "c"}, half), LargeRegistration({.id = "d"}, half + 1),
                    LargeRegistration({.id = "e"}, 1), Registration({.id = "d", .sequence = 2}),
                    Registration({.ns = "tenant-b"})});
  EXPECT_TRUE(std::holds_alternative<Answer>(beyond.outcomes[0]));
  EXPECT_TRUE(std::holds_alternative<Deferred>(beyond.outcomes[1]));
  // Nothing overtakes in the namespace, or a node's second message would come before its first.
  EXPECT_TRUE(std::holds_alternative<Deferred>(beyond.outcomes[2]));
  EXPECT_TRUE(std::holds_alternative<Deferred>(beyond.outcomes[3]));
  EXPECT_TRUE(std::holds_alternative<Answer>(beyond.outcomes[4]));
}

TEST_F(PlanTest, AMessageLargerThanAVersionsBoundStillGetsIn) {
  harness_.Expect<Registered>(LargeRegistration({.id = "a"}, kMaxVersionBytes + 1));
}

TEST_F(PlanTest, CommandsForANamespaceJustCreatedWaitForTheNextGroup) {
  const Plan plan = harness_.Run({Creation("fresh"), Registration({.ns = "fresh"})});
  EXPECT_TRUE(std::holds_alternative<Deferred>(plan.outcomes[1]));
  harness_.Expect<Registered>(Registration({.ns = "fresh"}));
}

TEST_F(PlanTest, ATombstoneRemovesTheNodeAndKeepsItsSequence) {
  harness_.Expect<Registered>(Registration({.sequence = 5}));
  harness_.now += absl::Seconds(30);
  const auto removed = harness_.Expect<Removed>(Goodbye({.sequence = 6}));
  EXPECT_EQ(removed.tombstone.reason, directory::RemovalReason::kGracefulShutdown);
  EXPECT_EQ(removed.tombstone.uptime, absl::Seconds(30));
  EXPECT_EQ(removed.tombstone.removed_at, (Position{1, 2}));
  EXPECT_EQ(removed.tombstone.last_sequence, 6u);
}

TEST_F(PlanTest, TheSameTombstoneAgainGetsTheStoredRecord) {
  harness_.Expect<Registered>(Registration({.sequence = 5}));
  const auto first = harness_.Expect<Removed>(Goodbye({.sequence = 6}));
  EXPECT_EQ(harness_.Expect<Removed>(Goodbye({.sequence = 6})).tombstone, first.tombstone);
}

TEST_F(PlanTest, ANodeThatHasLeftDoesNotComeBackByALateMessage) {
  harness_.Expect<Registered>(Registration({.sequence = 5}));
  harness_.Expect<Removed>(Goodbye({.sequence = 6}));
  EXPECT_EQ(harness_.RejectedFor(Registration({.sequence = 4})), Reason::kStaleSequence);
  EXPECT_EQ(harness_.RejectedFor(Registration({.sequence = 5})), Reason::kStaleSequence);
  const auto back = harness_.Expect<Registered>(Registration({.sequence = 7}));
  EXPECT_EQ(back.position, (Position{1, 3}));
}

TEST_F(PlanTest, ARetryOfTheRegistrationDoesNotBringAnExpiredNodeBack) {
  const auto first = harness_.Expect<Registered>(Registration({.sequence = 5}));
  harness_.Expect<Removed>(Expiry({}, first.lease));
  EXPECT_EQ(harness_.RejectedFor(Registration({.sequence = 5})), Reason::kStaleSequence);
}

TEST_F(PlanTest, ExpiryOfALeaseThatWasReplacedDoesNothing) {
  const auto first = harness_.Expect<Registered>(Registration({.sequence = 1}));
  harness_.Expect<Removed>(Goodbye({.sequence = 2}));
  const auto second = harness_.Expect<Registered>(Registration({.sequence = 3}));
  EXPECT_NE(first.lease, second.lease);
  harness_.Expect<NothingToDo>(Expiry({}, first.lease));
  harness_.Expect<Removed>(Expiry({}, second.lease));
}

TEST_F(PlanTest, TheQuotaIsExactAlsoWithinAGroup) {
  harness_.Run({Creation("small", {.max_nodes = 2})});
  const Plan plan = harness_.Run({Registration({.ns = "small", .id = "a"}),
                                  Registration({.ns = "small", .id = "b"}),
                                  Registration({.ns = "small", .id = "c"})});
  EXPECT_TRUE(std::holds_alternative<Answer>(plan.outcomes[1]));
  EXPECT_EQ(ReasonOf(std::get<absl::Status>(plan.outcomes[2])), Reason::kQuotaNodes);
  // Leaving makes room, and describing oneself anew needs none.
  harness_.Expect<Registered>(
      Registration({.ns = "small", .id = "a", .sequence = 2, .capability = "9"}));
  harness_.Expect<Removed>(Goodbye({.ns = "small", .id = "a", .sequence = 3}));
  harness_.Expect<Registered>(Registration({.ns = "small", .id = "c", .sequence = 4}));
}

TEST_F(PlanTest, APolicysLimitOfATypeIsExact) {
  RegisterCommand first = Registration({.id = "a"});
  first.admitted.decision.max_nodes_of_type = 1;
  RegisterCommand second = Registration({.id = "b"});
  second.admitted.decision.max_nodes_of_type = 1;
  const Plan plan = harness_.Run({first, second});
  EXPECT_EQ(ReasonOf(std::get<absl::Status>(plan.outcomes[1])), Reason::kQuotaNodeType);
}

TEST_F(PlanTest, ATtlOutsideTheBoundsOfTheNamespaceIsRefused) {
  EXPECT_EQ(harness_.RejectedFor(Registration({.ttl = absl::Seconds(9)})),
            Reason::kArgumentInvalid);
  EXPECT_EQ(harness_.Expect<Registered>(Registration({.ttl = absl::Seconds(10)})).ttl,
            absl::Seconds(10));
}

TEST_F(PlanTest, ALiveIdBelongsToItsIdentity) {
  harness_.Expect<Registered>(Registration({.type = "worker", .id = "x"}));
  EXPECT_EQ(harness_.RejectedFor(Registration({.type = "other", .id = "x", .sequence = 9})),
            Reason::kSubjectMismatch);
}

TEST_F(PlanTest, WhatWasAdmittedUnderAnOlderPolicyIsAskedToComeAgain) {
  RegisterCommand stale = Registration({});
  stale.admitted.decision.revision = 7;
  EXPECT_EQ(harness_.RejectedFor(stale), Reason::kLoadShed);
}

TEST_F(PlanTest, AGoodbyeAsksNoPolicy) {
  harness_.Expect<Registered>(Registration({.sequence = 1}));
  LeaveCommand goodbye = Goodbye({.sequence = 2});
  goodbye.admitted.decision.revision = 7;
  harness_.Expect<Removed>(goodbye);
}

TEST_F(PlanTest, AnAdministratorsRetryIsSafeAndBoundToTheRequest) {
  harness_.Expect<Registered>(Registration({.sequence = 1}));
  RemoveCommand remove{
      .node = {*NamespaceName::Parse("tenant-a"), *NodeId::Parse("worker-1")},
      .reason = directory::RemovalReason::kManualDeregistration,
      .reason_text = "maintenance",
      .actor = "spiffe://example.org/admin/alice",
      .decision = {},
      .only_lease = std::nullopt,
      .request = AdminRequest{"spiffe://example.org/admin/alice", "r-1", crypto::Sha256("x")}};
  const auto first = harness_.Expect<Removed>(remove);
  EXPECT_EQ(harness_.Expect<Removed>(remove).tombstone, first.tombstone);
  RemoveCommand other = remove;
  other.request->digest = crypto::Sha256("y");
  EXPECT_EQ(harness_.RejectedFor(other), Reason::kIdempotencyKeyReused);
  RemoveCommand bob = remove;
  bob.request->principal = "spiffe://example.org/admin/bob";
  EXPECT_EQ(harness_.RejectedFor(bob), Reason::kNodeUnknown);
}

RemoveCommand Removal(const std::string& id, directory::RemovalReason reason) {
  return {.node = {*NamespaceName::Parse("tenant-a"), *NodeId::Parse(id)},
          .reason = reason,
          .reason_text = {},
          .actor = "spiffe://example.org/admin/alice",
          .decision = {},
          .only_lease = std::nullopt,
          .request = std::nullopt};
}

TEST_F(PlanTest, TwoRequestsOfOneIdAtOnceAreJudgedOneAfterTheOther) {
  harness_.Run({Registration({.id = "a"}), Registration({.id = "b"})});
  RemoveCommand first = Removal("a", directory::RemovalReason::kManualDeregistration);
  first.request = AdminRequest{"spiffe://example.org/admin/alice", "r-1", crypto::Sha256("a")};
  RemoveCommand second = Removal("b", directory::RemovalReason::kManualDeregistration);
  second.request = AdminRequest{"spiffe://example.org/admin/alice", "r-1", crypto::Sha256("b")};
  const Plan plan = harness_.Run({first, second});
  EXPECT_TRUE(std::holds_alternative<Answer>(plan.outcomes[0]));
  EXPECT_TRUE(std::holds_alternative<Deferred>(plan.outcomes[1]));
  EXPECT_EQ(harness_.RejectedFor(second), Reason::kIdempotencyKeyReused);
}

TEST_F(PlanTest, ANodeThatSignedAnewSinceIsNotEvictedForItsOldCertificate) {
  harness_.Expect<Registered>(Registration({}));
  harness_.Expect<NothingToDo>(Removal("worker-1", directory::RemovalReason::kIdentityRevoked));
}

TEST_F(PlanTest, AHealthChangeIsAVersionAndTheSameHealthIsNone) {
  const auto registered = harness_.Expect<Registered>(Registration({}));
  const HealthCommand degraded{{*NamespaceName::Parse("tenant-a"), *NodeId::Parse("worker-1")},
                               registered.lease,
                               directory::Health::kDegraded};
  EXPECT_EQ(harness_.Run({degraded}).records.size(), 1u);
  EXPECT_TRUE(harness_.Run({degraded}).records.empty());
}

TEST_F(PlanTest, APlanChangesNothing) {
  const std::vector<Command> commands{Registration({})};
  const Plan first = MakePlan(harness_.state, commands,
                              {.now = harness_.now, .trust = *harness_.trust, .term = 1});
  const Plan second = MakePlan(harness_.state, commands,
                               {.now = harness_.now, .trust = *harness_.trust, .term = 1});
  EXPECT_EQ(first.records[0].version, second.records[0].version);
  EXPECT_EQ(harness_.state.Find(*NamespaceName::Parse("tenant-a"))->nodes().size(), 0u);
}

}  // namespace
}  // namespace omninode::registry
