#include "services/registry/admission/admission.h"

#include <optional>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/identity/static_source.h"
#include "common/time/fake_clock.h"
#include "services/registry/admission/testing/envelopes.h"

namespace omninode::registry {
namespace {

using envelope::EventType;
using Results = std::vector<absl::StatusOr<Command>>;

// Answers when and what the test says.
class ScriptedGate final : public PolicyGate {
 public:
  void Decide(std::vector<PolicyQuery> batch, PolicyCompletion done) override {
    queries = std::move(batch);
    ++asked;
    waiting = std::move(done);
  }
  void AnswerAll(std::vector<absl::StatusOr<Decision>> decisions) {
    std::move (*std::exchange(waiting, std::nullopt))(std::move(decisions));
  }

  std::vector<PolicyQuery> queries;
  int asked = 0;
  std::optional<PolicyCompletion> waiting;
};

Decision DecisionNamed(const std::string& id) {
  return {.id = id, .revision = 7, .max_nodes_of_type = 3};
}

class AdmissionTest : public ::testing::Test {
 protected:
  AdmissionRequest Register(const std::string& id) {
    return Sealed(testing::RegistrationInput(id, clock_.Now()), id, EventType::kNodeIntrospection);
  }
  AdmissionRequest Goodbye(const std::string& id) {
    return Sealed(testing::GoodbyeInput(id, clock_.Now()), id, EventType::kNodeTombstone);
  }
  AdmissionRequest Sealed(const envelope::SealInput& input, const std::string& id,
                          EventType expected) {
    const auto svid = authority_.Issue(testing::PathOf(id));
    return {*envelope::Seal(input, testing::kEventId, clock_.Now(), svid), expected,
            testing::Itself(svid)};
  }
  static AdmissionRequest Garbage(const AdmissionRequest& like) {
    return {"garbage", like.expected, like.submitter};
  }
  void Admit(std::vector<AdmissionRequest> batch) {
    admission_.Admit(std::move(batch), [this](Results results) {
      EXPECT_FALSE(results_.has_value()) << "completed twice";
      results_ = std::move(results);
    });
  }
  const RegisterCommand& Registered(std::size_t place) {
    return std::get<RegisterCommand>(results_->at(place).value());
  }
  Reason RefusalOf(std::size_t place) { return *ReasonOf(results_->at(place).status()); }

  FakeClock clock_;
  const identity::TestAuthority authority_{"example.org"};
  identity::StaticTrustSource trust_{authority_.Trust()};
  identity::CertificateCache signers_;
  const Verifier verifier_{{*NetworkId::Parse(testing::kNetwork), authority_.trust_domain()},
                           signers_};
  ScriptedGate gate_;
  std::optional<Results> results_;
  const Admission admission_{{clock_, trust_, verifier_, gate_}};
};

TEST_F(AdmissionTest, AsksPolicyWithWhatWasProvedAndCarriesItsDecision) {
  Admit({Register("w1")});
  ASSERT_EQ(gate_.queries.size(), 1u);
  EXPECT_EQ(gate_.queries[0].subject.path(), testing::PathOf("w1"));
  EXPECT_EQ(gate_.queries[0].introspection.node_id().value(), "w1");
  EXPECT_FALSE(results_.has_value());
  gate_.AnswerAll({DecisionNamed("d1")});
  EXPECT_EQ(Registered(0).admitted.decision.id, "d1");
  EXPECT_EQ(Registered(0).admitted.decision.revision, 7u);
  EXPECT_EQ(Registered(0).admitted.decision.max_nodes_of_type, 3u);
}

TEST_F(AdmissionTest, ABatchKeepsItsOrderWhateverBecomesOfItsParts) {
  const AdmissionRequest good = Register("w1");
  Admit({Garbage(good), Register("w1"), Goodbye("w2"), Register("w3"), Garbage(good)});
  ASSERT_EQ(gate_.queries.size(), 2u);
  EXPECT_EQ(gate_.asked, 1);
  gate_.AnswerAll({DecisionNamed("d1"), DecisionNamed("d3")});
  ASSERT_EQ(results_->size(), 5u);
  EXPECT_EQ(RefusalOf(0), Reason::kMsgMalformed);
  EXPECT_EQ(Registered(1).admitted.decision.id, "d1");
  EXPECT_EQ(std::get<LeaveCommand>(results_->at(2).value()).admitted.node.id.value(), "w2");
  EXPECT_EQ(Registered(3).admitted.decision.id, "d3");
  EXPECT_EQ(RefusalOf(4), Reason::kMsgMalformed);
}

TEST_F(AdmissionTest, LeavingNeedsNoPermission) {
  Admit({Goodbye("w1")});
  EXPECT_EQ(gate_.asked, 0);
  const auto& leave = std::get<LeaveCommand>(results_->at(0).value());
  EXPECT_EQ(leave.final_health, directory::Health::kNotServing);
  EXPECT_EQ(leave.reason_text, "scaled down");
}

TEST_F(AdmissionTest, WhatIsRefusedIsNotAskedAbout) {
  Admit({Garbage(Register("w1"))});
  EXPECT_EQ(gate_.asked, 0);
  EXPECT_EQ(RefusalOf(0), Reason::kMsgMalformed);
}

TEST_F(AdmissionTest, AnEmptyBatchIsAnsweredAtOnce) {
  Admit({});
  ASSERT_TRUE(results_.has_value());
  EXPECT_TRUE(results_->empty());
}

TEST_F(AdmissionTest, ADenialIsOfOneNodeOnly) {
  Admit({Register("w1"), Register("w2")});
  gate_.AnswerAll({Reject(Reason::kPolicyDenied, "no"), DecisionNamed("d2")});
  EXPECT_EQ(RefusalOf(0), Reason::kPolicyDenied);
  EXPECT_EQ(Registered(1).admitted.decision.id, "d2");
}

// Fail closed: nobody enters on a decision that was not made for him.
TEST_F(AdmissionTest, APolicyThatAnswersTooLittleOrTooMuchAdmitsNobodyByMistake) {
  Admit({Register("w1"), Register("w2")});
  gate_.AnswerAll({DecisionNamed("d1")});
  EXPECT_TRUE(results_->at(0).ok());
  EXPECT_EQ(RefusalOf(1), Reason::kInternal);
  results_.reset();
  Admit({Register("w1")});
  gate_.AnswerAll({DecisionNamed("d1"), DecisionNamed("d2")});
  ASSERT_EQ(results_->size(), 1u);
  EXPECT_EQ(Registered(0).admitted.decision.id, "d1");
}

TEST_F(AdmissionTest, AnErrorOfThePolicyKeepsTheNodeOut) {
  Admit({Register("w1")});
  gate_.AnswerAll({absl::UnavailableError("policy away")});
  EXPECT_EQ(results_->at(0).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(AdmissionTest, JudgesByTheTrustAndTheTimeOfTheMoment) {
  const AdmissionRequest request = Register("w1");
  trust_.Set(authority_.Trust(
      2, *identity::Revocations::Create(
             {}, {{request.submitter.id, clock_.Now() + absl::Seconds(1), false}})));
  Admit({request});
  EXPECT_EQ(RefusalOf(0), Reason::kIdentityBanned);
  results_.reset();
  trust_.Set(authority_.Trust(3));
  clock_.Advance(absl::Hours(2));
  Admit({request});
  EXPECT_EQ(RefusalOf(0), Reason::kCertExpired);
}

// Before the first word of bootstrap nobody is believed.
TEST_F(AdmissionTest, WithoutTrustNobodyIsAdmitted) {
  const identity::StaticTrustSource none;
  const Admission admission({clock_, none, verifier_, gate_});
  admission.Admit({Register("w1")}, [this](Results results) { results_ = std::move(results); });
  EXPECT_EQ(RefusalOf(0), Reason::kTrustStale);
}

}  // namespace
}  // namespace omninode::registry
