#include "services/attestor/api/attestation_relay.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::attestor {
namespace {

using Begin = AttestationRelay::Begin;
using Finish = AttestationRelay::Finish;

// A relay that waits for the proof.
AttestationRelay Challenged() {
  AttestationRelay relay;
  EXPECT_TRUE(relay.Next(StartStep{"start"}).ok());
  relay.Challenged("id-1");
  return relay;
}

TEST(AttestationRelay, CarriesStartThenProof) {
  AttestationRelay relay;
  const auto begin = relay.Next(StartStep{"start"});
  ASSERT_TRUE(begin.ok()) << begin.status();
  EXPECT_EQ(std::get<Begin>(*begin).start, "start");
  relay.Challenged("id-1");
  const auto finish = relay.Next(ProofStep{"proof"});
  ASSERT_TRUE(finish.ok()) << finish.status();
  EXPECT_EQ(std::get<Finish>(*finish).attestation_id, "id-1");
  EXPECT_EQ(std::get<Finish>(*finish).proof, "proof");
}

TEST(AttestationRelay, RefusesAProofFirst) {
  AttestationRelay relay;
  EXPECT_EQ(ReasonOf(relay.Next(ProofStep{"proof"}).status()), Reason::kMsgMalformed);
}

TEST(AttestationRelay, RefusesAProofBeforeTheChallenge) {
  AttestationRelay relay;
  ASSERT_TRUE(relay.Next(StartStep{"start"}).ok());
  EXPECT_EQ(ReasonOf(relay.Next(ProofStep{"proof"}).status()), Reason::kMsgMalformed);
}

TEST(AttestationRelay, RefusesASecondStart) {
  AttestationRelay relay = Challenged();
  EXPECT_EQ(ReasonOf(relay.Next(StartStep{"again"}).status()), Reason::kMsgMalformed);
}

TEST(AttestationRelay, RefusesASecondProof) {
  AttestationRelay relay = Challenged();
  ASSERT_TRUE(relay.Next(ProofStep{"proof"}).ok());
  EXPECT_EQ(ReasonOf(relay.Next(ProofStep{"proof"}).status()), Reason::kMsgMalformed);
}

TEST(ForNewcomer, KeepsWhatTheNewcomerCanActOn) {
  for (const Reason reason : {Reason::kTokenUsed, Reason::kTokenExpired, Reason::kEntryMissing,
                              Reason::kCsrWeakKey, Reason::kKeyReused, Reason::kLoadShed}) {
    const absl::Status upstream = Reject(reason, "as it is");
    EXPECT_EQ(ForNewcomer(upstream), upstream) << NameOf(reason);
  }
  EXPECT_TRUE(ForNewcomer(absl::OkStatus()).ok());
}

TEST(ForNewcomer, HidesTroubleOfTheAttestorItself) {
  for (const absl::Status& upstream :
       {Reject(Reason::kCertRevoked, "attestor-1 is revoked"),
        Reject(Reason::kRoleRequired, "not an attestor"),
        absl::UnavailableError("failed to connect to 10.1.2.3"),
        absl::DeadlineExceededError("slow"), absl::InternalError("bug at line 7")}) {
    const absl::Status told = ForNewcomer(upstream);
    EXPECT_EQ(ReasonOf(told), Reason::kStoreUnavailable) << upstream;
    EXPECT_EQ(RetryAfterOf(told), absl::Seconds(1));
    EXPECT_EQ(Message(told).find(Message(upstream)), std::string_view::npos);
  }
}

TEST(CountsAsGuess, IsAnUnknownTokenOnly) {
  EXPECT_TRUE(CountsAsGuess(Reject(Reason::kTokenInvalid, "no")));
  EXPECT_FALSE(CountsAsGuess(Reject(Reason::kTokenUsed, "no")));
  EXPECT_FALSE(CountsAsGuess(Reject(Reason::kStoreUnavailable, "no")));
  EXPECT_FALSE(CountsAsGuess(absl::OkStatus()));
}

}  // namespace
}  // namespace omninode::attestor
