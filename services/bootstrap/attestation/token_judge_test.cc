#include "services/bootstrap/attestation/token_judge.h"

#include <string>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::bootstrap {
namespace {

using identity::SpiffeId;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr std::string_view kMessage = "what had to be signed";

class TokenJudgeTest : public testing::Test {
 protected:
  StoredToken Stored() const { return {made_.token, std::nullopt}; }
  StoredToken UsedFor(const crypto::Sha256Digest& key, absl::Time at = kNow) const {
    return {made_.token, TokenUse{key, at, "00ff"}};
  }
  TokenProof Proof() const {
    return {.message = kMessage, .signature = signature_, .key_fingerprint = key_};
  }
  Reason Refusal(const StoredToken* token, const TokenProof& proof, absl::Time now = kNow) const {
    return ReasonOf(judge_.Judge(token, proof, now).status()).value_or(Reason::kInternal);
  }

  const SpiffeId id_ = SpiffeId::Parse("spiffe://example.org/node/cache/c1").value();
  const SpiffeId other_id_ = SpiffeId::Parse("spiffe://example.org/node/cache/c2").value();
  const NewJoinToken made_ = MakeJoinToken(id_, absl::Minutes(10), "admin", kNow).value();
  const std::string signature_ = crypto::PrivateKey::FromSeed(made_.seed).Sign(kMessage);
  const crypto::Sha256Digest key_ = crypto::Sha256("key of the newcomer");
  const crypto::Sha256Digest other_key_ = crypto::Sha256("key of somebody else");
  const TokenJudge judge_;
};

TEST_F(TokenJudgeTest, ProvesAFreshToken) {
  const StoredToken token = Stored();
  EXPECT_EQ(judge_.Judge(&token, Proof(), kNow).value(), TokenVerdict::kIssue);
}

// T29.
TEST_F(TokenJudgeTest, RefusesAForgedOrMovedProof) {
  const StoredToken token = Stored();
  TokenProof proof = Proof();
  proof.message = "the same with another request";
  EXPECT_EQ(Refusal(&token, proof), Reason::kTokenInvalid);
  proof = Proof();
  proof.signature = "";
  EXPECT_EQ(Refusal(&token, proof), Reason::kTokenInvalid);
  std::string bent = signature_;
  bent[10] = static_cast<char>(bent[10] ^ 1);
  proof.signature = bent;
  EXPECT_EQ(Refusal(&token, proof), Reason::kTokenInvalid);
}

TEST_F(TokenJudgeTest, SaysTheSameForAnUnknownTokenAndAWrongProof) {
  const StoredToken token = Stored();
  TokenProof wrong = Proof();
  wrong.message = "other";
  const absl::Status unknown = judge_.Judge(nullptr, Proof(), kNow).status();
  const absl::Status forged = judge_.Judge(&token, wrong, kNow).status();
  EXPECT_EQ(ReasonOf(unknown), Reason::kTokenInvalid);
  EXPECT_EQ(unknown, forged);
}

TEST_F(TokenJudgeTest, TellsNothingAboutATokenToWhomCannotProveIt) {
  TokenProof wrong = Proof();
  wrong.message = "other";
  wrong.spiffe_id = &other_id_;
  const StoredToken used = UsedFor(other_key_);
  EXPECT_EQ(Refusal(&used, wrong, kNow + absl::Hours(1)), Reason::kTokenInvalid);
}

// T30.
TEST_F(TokenJudgeTest, RefusesAnExpiredToken) {
  const StoredToken token = Stored();
  const absl::Time end = token.token.expires_at;
  EXPECT_TRUE(judge_.Judge(&token, Proof(), end - absl::Seconds(1)).ok());
  EXPECT_EQ(Refusal(&token, Proof(), end), Reason::kTokenExpired);
}

TEST_F(TokenJudgeTest, RefusesATokenOfAnotherIdentity) {
  const StoredToken token = Stored();
  TokenProof proof = Proof();
  proof.spiffe_id = &other_id_;
  EXPECT_EQ(Refusal(&token, proof), Reason::kTokenBinding);
  proof.spiffe_id = &id_;
  EXPECT_TRUE(judge_.Judge(&token, proof, kNow).ok());
}

TEST_F(TokenJudgeTest, RefusesASecondKey) {
  const StoredToken used = UsedFor(other_key_);
  EXPECT_EQ(Refusal(&used, Proof()), Reason::kTokenUsed);
}

TEST_F(TokenJudgeTest, RepeatsALostAnswerForTheSameKeyOnly60Seconds) {
  const StoredToken used = UsedFor(key_);
  const absl::Time last = kNow + TokenJudge::kLostAnswerTime;
  EXPECT_EQ(judge_.Judge(&used, Proof(), kNow).value(), TokenVerdict::kSameAgain);
  EXPECT_EQ(judge_.Judge(&used, Proof(), last).value(), TokenVerdict::kSameAgain);
  EXPECT_EQ(Refusal(&used, Proof(), last + absl::Seconds(1)), Reason::kTokenUsed);
}

TEST_F(TokenJudgeTest, RepeatsALostAnswerAlsoAfterTheTokenExpired) {
  const absl::Time end = made_.token.expires_at;
  const StoredToken used = UsedFor(key_, end - absl::Seconds(1));
  EXPECT_EQ(judge_.Judge(&used, Proof(), end + absl::Seconds(1)).value(), TokenVerdict::kSameAgain);
}

}  // namespace
}  // namespace omninode::bootstrap
