#include "services/registry/api/intake.h"

#include <optional>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/identity/static_source.h"
#include "common/time/fake_clock.h"
#include "services/registry/admission/identity_rules_gate.h"
#include "services/registry/admission/testing/envelopes.h"

namespace omninode::registry {
namespace {

class HoldingSink final : public CommandSink {
 public:
  void Submit(std::vector<Submission> batch, Urgency urgency) override {
    last_urgency = urgency;
    for (Submission& submission : batch) waiting.push_back(std::move(submission));
  }
  std::vector<Submission> waiting;
  Urgency last_urgency = Urgency::kControl;
};

class IntakeTest : public ::testing::Test {
 protected:
  AdmissionRequest Request(const std::string& id = "w1") {
    const auto svid = authority_.Issue(testing::PathOf(id));
    return {*envelope::Seal(testing::RegistrationInput(id, clock_.Now()), testing::kEventId,
                            clock_.Now(), svid),
            envelope::EventType::kNodeIntrospection, testing::Itself(svid)};
  }
  CommandCompletion Keep() {
    return [this](absl::StatusOr<Answer> answer) { answers_.push_back(std::move(answer)); };
  }
  Reason LastReason() { return *ReasonOf(answers_.back().status()); }

  FakeClock clock_;
  const identity::TestAuthority authority_{"example.org"};
  identity::StaticTrustSource trust_{authority_.Trust()};
  identity::CertificateCache signers_;
  const Verifier verifier_{{*NetworkId::Parse(testing::kNetwork), authority_.trust_domain()},
                           signers_};
  IdentityRulesGate gate_;
  const Admission admission_{{clock_, trust_, verifier_, gate_}};
  InFlight in_flight_{2};
  HoldingSink sink_;
  absl::Status writable_;
  std::vector<absl::StatusOr<Answer>> answers_;
  const Intake intake_{{[this] { return writable_; }, in_flight_, admission_, sink_}};
};

TEST_F(IntakeTest, AnEnvelopeGoesThroughAdmissionToTheSequencer) {
  intake_.Submit(Request(), Keep());
  ASSERT_EQ(sink_.waiting.size(), 1u);
  EXPECT_EQ(sink_.last_urgency, Urgency::kData);
  const auto& command = std::get<RegisterCommand>(sink_.waiting[0].command);
  EXPECT_EQ(command.admitted.decision.id, IdentityRulesGate::kDecisionId);
  EXPECT_TRUE(answers_.empty());
  std::move(sink_.waiting[0].done)(Answer(NothingToDo{}));
  EXPECT_EQ(answers_.size(), 1u);
}

TEST_F(IntakeTest, HoldsAPlaceInFlightFromArrivalToAnswer) {
  intake_.Submit(Request("w1"), Keep());
  intake_.Submit(Request("w2"), Keep());
  EXPECT_EQ(in_flight_.count(), 2u);
  intake_.Submit(Request("w3"), Keep());
  EXPECT_EQ(LastReason(), Reason::kLoadShed);
  EXPECT_EQ(sink_.waiting.size(), 2u);
  for (Submission& submission : std::exchange(sink_.waiting, {})) {
    std::move(submission.done)(Answer(NothingToDo{}));
  }
  EXPECT_EQ(in_flight_.count(), 0u);
  intake_.Submit(Request("w3"), Keep());
  EXPECT_EQ(sink_.waiting.size(), 1u);
}

TEST_F(IntakeTest, WhatAdmissionRefusesGivesItsPlaceBack) {
  AdmissionRequest request = Request();
  request.envelope = "garbage";
  intake_.Submit(std::move(request), Keep());
  EXPECT_EQ(LastReason(), Reason::kMsgMalformed);
  EXPECT_EQ(in_flight_.count(), 0u);
  EXPECT_TRUE(sink_.waiting.empty());
}

TEST_F(IntakeTest, NothingEntersWhileThisInstanceTakesNoWrites) {
  writable_ = Reject(Reason::kTrustStale, "old");
  intake_.Submit(Request(), Keep());
  EXPECT_EQ(LastReason(), Reason::kTrustStale);
  intake_.Submit(HealthCommand{{*NamespaceName::Parse("tenant-a"), *NodeId::Parse("w1")},
                               LeaseHandle(),
                               directory::Health::kServing},
                 Urgency::kData, Keep());
  EXPECT_EQ(LastReason(), Reason::kTrustStale);
  EXPECT_EQ(answers_.size(), 2u);
  EXPECT_TRUE(sink_.waiting.empty());
  EXPECT_EQ(in_flight_.count(), 0u);
}

TEST_F(IntakeTest, CommandsOfTheServiceTakeNoPlace) {
  for (int i = 0; i < 3; ++i) {
    intake_.Submit(CreateNamespaceCommand{*NamespaceName::Parse("tenant-a"),
                                          NamespaceLimits::Default(),
                                          "spiffe://example.org/admin/alice",
                                          {}},
                   Urgency::kControl, Keep());
  }
  EXPECT_EQ(sink_.waiting.size(), 3u);
  EXPECT_EQ(sink_.last_urgency, Urgency::kControl);
  EXPECT_EQ(in_flight_.count(), 0u);
}

}  // namespace
}  // namespace omninode::registry
