#include "services/registry/api/beat_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/envelope/beat_mac.h"
#include "common/envelope/type_codec.h"
#include "common/identity/static_source.h"
#include "common/identity/testing/test_authority.h"
#include "common/time/fake_clock.h"
#include "omninode/envelope/v1/heartbeat.pb.h"
#include "omninode/registry/v1/registry_service.pb.h"
#include "services/registry/admission/identity_rules_gate.h"
#include "services/registry/lease/lease_key.h"

namespace omninode::registry {
namespace {

using directory::Health;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class KeepingSink final : public CommandSink {
 public:
  void Submit(std::vector<Submission> batch, Urgency) override {
    for (Submission& submission : batch) {
      commands.push_back(std::move(submission.command));
      completions.push_back(std::move(submission.done));
    }
  }
  std::vector<Command> commands;
  std::vector<CommandCompletion> completions;
};

const std::string kSecret = "0123456789abcdef0123456789abcdef";

class BeatDeskTest : public ::testing::Test {
 protected:
  BeatDeskTest() { Grant("w1", kHandle); }

  static directory::NodeRef Node(const std::string& id) {
    return {*NamespaceName::Parse("tenant-a"), *NodeId::Parse(id)};
  }
  void Grant(const std::string& id, std::uint64_t handle) {
    leases_.Grant({.node = Node(id),
                   .incarnation = 1,
                   .handle = LeaseHandle::FromValue(handle),
                   .ttl = absl::Seconds(10),
                   .spiffe_id = authority_.Id("/ns/tenant-a/node/worker/" + id).ToString()},
                  Health::kServing, clock_.Monotonic());
  }
  rpc::Caller CallerOf(const std::string& path) {
    const auto svid = authority_.Issue(path);
    return {.svid = std::make_shared<const identity::VerifiedSvid>(
                identity::VerifySvid(svid.chain_der(), *authority_.Trust(), clock_.Now()).value()),
            .address = "ipv4:127.0.0.1:1",
            .trust_sequence = 1,
            .local = std::nullopt};
  }
  void AddBeat(const std::string& id, std::uint64_t handle, std::uint64_t sequence,
               Health health = Health::kServing, const std::string& secret = kSecret) {
    auto* beat = batch_.add_beats();
    beat->set_lease_handle(handle);
    beat->set_sequence(sequence);
    beat->set_health(envelope::Encode(health));
    const auto mac =
        envelope::ComputeBeatMac(LeaseKey(secret, Node(id), 1, LeaseHandle::FromValue(handle)),
                                 {network_, Node(id).ns, handle, sequence, health});
    beat->set_mac(mac.data(), mac.size());
  }
  std::uint64_t Now() const { return static_cast<std::uint64_t>(absl::ToUnixMillis(clock_.Now())); }

  std::vector<v1::BeatOutcome> Take(const std::string& caller = "/ns/tenant-a/node/worker/w1") {
    batch_.set_namespace_("tenant-a");
    v1::HeartbeatResponse response;
    status_ = desk_.Take(CallerOf(caller), batch_, &response);
    std::vector<v1::BeatOutcome> outcomes;
    for (int i = 0; i < response.results_size(); ++i) {
      EXPECT_EQ(response.results(i).lease_handle(), batch_.beats(i).lease_handle());
      outcomes.push_back(response.results(i).outcome());
    }
    batch_.Clear();
    return outcomes;
  }

  static constexpr std::uint64_t kHandle = 4096;
  FakeClock clock_;
  const identity::TestAuthority authority_{"example.org"};
  identity::StaticTrustSource trust_{authority_.Trust()};
  identity::CertificateCache signers_;
  const NetworkId network_ = *NetworkId::Parse("demo");
  const Verifier verifier_{{network_, authority_.trust_domain()}, signers_};
  IdentityRulesGate gate_;
  const Admission admission_{{clock_, trust_, verifier_, gate_}};
  InFlight in_flight_{10};
  KeepingSink sink_;
  const Intake intake_{{[] { return absl::OkStatus(); }, in_flight_, admission_, sink_}};
  LeaseTable leases_;
  std::vector<Reason> refused_;
  BeatDesk desk_{{clock_, leases_, intake_, network_, kSecret,
                  [this](const rpc::Caller&, const NamespaceName&, Reason reason) {
                    refused_.push_back(reason);
                  }}};
  envelope::v1::HeartbeatBatch batch_;
  absl::Status status_;
};

TEST_F(BeatDeskTest, ABeatRenewsTheLease) {
  clock_.Advance(absl::Seconds(9));
  AddBeat("w1", kHandle, Now());
  EXPECT_THAT(Take(), ElementsAre(v1::BEAT_OUTCOME_OK));
  clock_.Advance(absl::Seconds(9));
  EXPECT_TRUE(leases_.TakeDue(clock_.Monotonic(), 10).empty());
  EXPECT_THAT(refused_, IsEmpty());
  EXPECT_THAT(sink_.commands, IsEmpty());
}

TEST_F(BeatDeskTest, ABeatWithoutTheLeasesKeyDoesNot) {
  AddBeat("w1", kHandle, Now(), Health::kServing, "another secret");
  AddBeat("w1", kHandle, Now());
  batch_.mutable_beats(1)->set_sequence(Now() + 1);  // not what was signed
  AddBeat("w1", kHandle, Now());
  batch_.mutable_beats(2)->set_health(envelope::Encode(Health::kDegraded));
  AddBeat("w1", kHandle, Now());
  batch_.mutable_beats(3)->mutable_mac()->pop_back();
  EXPECT_THAT(Take(), ElementsAre(v1::BEAT_OUTCOME_MAC_INVALID, v1::BEAT_OUTCOME_MAC_INVALID,
                                  v1::BEAT_OUTCOME_MAC_INVALID, v1::BEAT_OUTCOME_MAC_INVALID));
  EXPECT_EQ(refused_.size(), 4u);
  EXPECT_EQ(refused_[0], Reason::kMacInvalid);
}

TEST_F(BeatDeskTest, AHealthThatDoesNotExistIsNotWhatWasSigned) {
  AddBeat("w1", kHandle, Now());
  batch_.mutable_beats(0)->set_health(static_cast<type::v1::Health>(77));
  EXPECT_THAT(Take(), ElementsAre(v1::BEAT_OUTCOME_MAC_INVALID));
}

TEST_F(BeatDeskTest, OnlyTheNodeAndAgentsBeat) {
  AddBeat("w1", kHandle, Now());
  EXPECT_THAT(Take("/ns/tenant-a/node/worker/w2"), ElementsAre(v1::BEAT_OUTCOME_FORBIDDEN));
  EXPECT_THAT(refused_, ElementsAre(Reason::kSubjectMismatch));
  AddBeat("w1", kHandle, Now());
  EXPECT_THAT(Take("/agent/host-1"), ElementsAre(v1::BEAT_OUTCOME_OK));
  EXPECT_TRUE(status_.ok()) << status_;
}

TEST_F(BeatDeskTest, AnAgentNeedsTheKeyOfTheLease) {
  AddBeat("w1", kHandle, Now(), Health::kServing, "another secret of thirty-two byte");
  EXPECT_THAT(Take("/agent/host-1"), ElementsAre(v1::BEAT_OUTCOME_REREGISTER));
  EXPECT_THAT(refused_, ElementsAre(Reason::kMacInvalid)) << "only the log tells the difference";
}

TEST_F(BeatDeskTest, AForeignNamespaceRefusesTheWholeBatch) {
  AddBeat("w1", kHandle, Now());
  EXPECT_THAT(Take("/ns/tenant-b/node/worker/w1"), IsEmpty());
  EXPECT_EQ(ReasonOf(status_), Reason::kNsForbidden);
}

TEST_F(BeatDeskTest, AnUnknownLeaseHasToRegisterAgain) {
  AddBeat("w1", kHandle + 1, Now());
  EXPECT_THAT(Take(), ElementsAre(v1::BEAT_OUTCOME_REREGISTER));
  EXPECT_THAT(refused_, ElementsAre(Reason::kLeaseUnknown));
}

TEST_F(BeatDeskTest, ALeaseThatIsBeingRemovedHasToRegisterAgain) {
  clock_.Advance(absl::Seconds(10));
  ASSERT_EQ(leases_.TakeDue(clock_.Monotonic(), 10).size(), 1u);
  AddBeat("w1", kHandle, Now());
  EXPECT_THAT(Take(), ElementsAre(v1::BEAT_OUTCOME_REREGISTER));
  EXPECT_THAT(refused_, ElementsAre(Reason::kLeaseUnknown));
}

TEST_F(BeatDeskTest, RepeatedAndOldBeatsAreStale) {
  const std::uint64_t now = Now();
  AddBeat("w1", kHandle, now);
  AddBeat("w1", kHandle, now);
  AddBeat("w1", kHandle, now - 1);
  AddBeat("w1", kHandle, now + 1);
  EXPECT_THAT(Take(), ElementsAre(v1::BEAT_OUTCOME_OK, v1::BEAT_OUTCOME_STALE,
                                  v1::BEAT_OUTCOME_STALE, v1::BEAT_OUTCOME_OK));
  EXPECT_THAT(refused_, ElementsAre(Reason::kStaleSequence, Reason::kStaleSequence));
}

TEST_F(BeatDeskTest, RefusedBeatsLeaveTheOthersInPlace) {
  Grant("w2", kHandle + 1);
  AddBeat("w2", kHandle + 1, Now());
  AddBeat("w1", kHandle, Now());
  EXPECT_THAT(Take(), ElementsAre(v1::BEAT_OUTCOME_FORBIDDEN, v1::BEAT_OUTCOME_OK));
}

TEST_F(BeatDeskTest, AChangeOfHealthBecomesACommandUntilItIsCommitted) {
  AddBeat("w1", kHandle, Now(), Health::kDegraded);
  AddBeat("w1", kHandle, Now() + 1, Health::kDegraded);
  EXPECT_THAT(Take(), ElementsAre(v1::BEAT_OUTCOME_OK, v1::BEAT_OUTCOME_OK));
  ASSERT_EQ(sink_.commands.size(), 1u);
  const auto& command = std::get<HealthCommand>(sink_.commands[0]);
  EXPECT_EQ(command.node, Node("w1"));
  EXPECT_EQ(command.lease, LeaseHandle::FromValue(kHandle));
  EXPECT_EQ(command.health, Health::kDegraded);
  leases_.SetHealth(Node("w1").ns, LeaseHandle::FromValue(kHandle), Health::kDegraded);
  std::move(sink_.completions[0])(Answer(NothingToDo{}));
  AddBeat("w1", kHandle, Now() + 2, Health::kDegraded);
  Take();
  EXPECT_EQ(sink_.commands.size(), 1u);
}

// Or one node could fill the queue that all registrations wait in.
TEST_F(BeatDeskTest, ALeaseHasOneChangeOfHealthUnderWayHoweverOftenItChanges) {
  for (int i = 0; i < 300; ++i) {
    AddBeat("w1", kHandle, Now() + i, i % 2 == 0 ? Health::kDegraded : Health::kNotServing);
  }
  Take();
  ASSERT_EQ(sink_.commands.size(), 1u);
  AddBeat("w1", kHandle, Now() + 300, Health::kDegraded);
  Take();
  EXPECT_EQ(sink_.commands.size(), 1u) << "the first is not answered yet";
  std::move(sink_.completions[0])(Answer(NothingToDo{}));
  AddBeat("w1", kHandle, Now() + 301, Health::kNotServing);
  Take();
  EXPECT_EQ(sink_.commands.size(), 2u) << "what was left out is told by a later beat";
}

TEST_F(BeatDeskTest, ABatchHasABound) {
  for (int i = 0; i < BeatDesk::kMaxBeats; ++i) batch_.add_beats()->set_lease_handle(7);
  EXPECT_EQ(Take().size(), static_cast<std::size_t>(BeatDesk::kMaxBeats));
  EXPECT_TRUE(status_.ok());
  for (int i = 0; i <= BeatDesk::kMaxBeats; ++i) batch_.add_beats()->set_lease_handle(7);
  EXPECT_THAT(Take(), IsEmpty());
  EXPECT_EQ(ReasonOf(status_), Reason::kArgumentInvalid);
}

TEST_F(BeatDeskTest, TheNamespaceMustBeAName) {
  v1::HeartbeatResponse response;
  batch_.set_namespace_("Tenant A");
  EXPECT_EQ(ReasonOf(desk_.Take(CallerOf("/ns/tenant-a/node/worker/w1"), batch_, &response)),
            Reason::kNameInvalid);
}

}  // namespace
}  // namespace omninode::registry
