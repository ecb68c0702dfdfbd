#include "services/bootstrap/desk/identity_desk.h"

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/concurrency/gate.h"
#include "common/crypto/random.h"
#include "common/identity/svid_profile.h"
#include "services/bootstrap/desk/test_room.h"

namespace omninode::bootstrap {
namespace {

using identity::SpiffeId;
using sql::Fault;
using sql::FaultPoint;
using testing::ElementsAre;

class AttestationTest : public TestRoom {};

// G18 on what a newcomer really gets.
TEST_F(AttestationTest, GivesANewcomerItsSvid) {
  AddEntry("/node/*/*", absl::Minutes(30));
  const auto key = NewKey();
  const auto issued = Attest(AddToken("/node/cache/c1"), key);
  ASSERT_TRUE(issued.ok()) << issued.status();
  const crypto::Certificate& leaf = issued->svid.leaf;
  EXPECT_EQ(identity::CheckLeafProfile(leaf).value(), authority_.Id("/node/cache/c1"));
  EXPECT_THAT(leaf.uri_sans(), ElementsAre(Text("/node/cache/c1")));
  EXPECT_THAT(leaf.dns_sans(), ElementsAre("cache.example"));
  EXPECT_EQ(leaf.public_key().value(), key.public_key());
  EXPECT_EQ(leaf.not_after(), Now() + absl::Minutes(30));
  EXPECT_EQ(issued->svid.record.path, IssuePath::kAttested);
  EXPECT_EQ(issued->trust->state, ledger_->Current());
  EXPECT_TRUE(Verify(leaf).ok());
}

TEST_F(AttestationTest, GivesEverybodyAChallenge) {
  const auto ticket = identities_->BeginAttestation(
      {.token_id = "no-such-token", .csr_der = crypto::MakeCsr(NewKey())});
  ASSERT_TRUE(ticket.ok()) << ticket.status();
  const absl::Status unknown =
      identities_->FinishAttestation(ticket->id, std::string(64, 'x')).status();
  EXPECT_EQ(ReasonOf(unknown), Reason::kTokenInvalid);

  AddEntry("/node/*/*");
  const auto token = AddToken("/node/cache/c1");
  const auto second = identities_->BeginAttestation(
      {.token_id = token.token.id, .csr_der = crypto::MakeCsr(NewKey())});
  EXPECT_EQ(identities_->FinishAttestation(second->id, std::string(64, 'x')).status(), unknown);
}

// T29: whoever relays cannot put another key, token or challenge in its place.
TEST_F(AttestationTest, RefusesAProofForAnotherRequestTokenOrChallenge) {
  AddEntry("/node/*/*");
  const auto token = AddToken("/node/cache/c1");
  const auto other_token = AddToken("/node/cache/c2");
  const std::string csr = crypto::MakeCsr(NewKey());
  const std::string attackers_csr = crypto::MakeCsr(NewKey());
  const auto finish = [&](const auto& proof_of) {
    const auto ticket =
        identities_->BeginAttestation({.token_id = token.token.id, .csr_der = attackers_csr});
    return ReasonOf(
        identities_->FinishAttestation(ticket->id, proof_of(ticket->challenge)).status());
  };
  EXPECT_EQ(finish([&](std::string_view challenge) {
              return Prove(token.token.id, token.seed, csr, challenge);
            }),
            Reason::kTokenInvalid);
  EXPECT_EQ(finish([&](std::string_view) {
              return Prove(token.token.id, token.seed, attackers_csr, crypto::RandomBytes(32));
            }),
            Reason::kTokenInvalid);
  EXPECT_EQ(finish([&](std::string_view challenge) {
              return Prove(other_token.token.id, other_token.seed, attackers_csr, challenge);
            }),
            Reason::kTokenInvalid);
  // The token itself is untouched by all this.
  EXPECT_TRUE(Attest(token, NewKey()).ok());
}

TEST_F(AttestationTest, AnAttestationEndsWithItsFirstProofAndAfter30Seconds) {
  AddEntry("/node/*/*");
  const auto token = AddToken("/node/cache/c1");
  const std::string csr = crypto::MakeCsr(NewKey());
  const auto begin = [&] {
    return identities_->BeginAttestation({.token_id = token.token.id, .csr_der = csr}).value();
  };
  const auto first = begin();
  EXPECT_FALSE(identities_->FinishAttestation(first.id, "wrong").ok());
  EXPECT_EQ(ReasonOf(identities_
                         ->FinishAttestation(
                             first.id, Prove(token.token.id, token.seed, csr, first.challenge))
                         .status()),
            Reason::kTokenInvalid);
  const auto late = begin();
  clock_.Advance(PendingAttestations::kLife);
  EXPECT_EQ(ReasonOf(identities_
                         ->FinishAttestation(late.id,
                                             Prove(token.token.id, token.seed, csr, late.challenge))
                         .status()),
            Reason::kTokenInvalid);
}

TEST_F(AttestationTest, RefusesBadRequestsAtTheFirstStep) {
  EXPECT_EQ(ReasonOf(identities_->BeginAttestation({.token_id = "t", .csr_der = "junk"}).status()),
            Reason::kMsgMalformed);
  const std::string csr = crypto::MakeCsr(NewKey());
  EXPECT_TRUE(
      identities_->BeginAttestation({std::string(kMaxTokenIdBytes, 't'), csr, {}, ""}).ok());
  for (const std::string& id : {std::string(), std::string(kMaxTokenIdBytes + 1, 't')}) {
    EXPECT_EQ(ReasonOf(identities_->BeginAttestation({id, csr, {}, ""}).status()),
              Reason::kTokenInvalid);
  }
}

// T30.
TEST_F(AttestationTest, RefusesExpiredTokensAndOtherIdentities) {
  AddEntry("/node/*/*");
  const auto token = AddToken("/node/cache/c1", absl::Minutes(1));
  const std::string csr = crypto::MakeCsr(NewKey());
  const auto ticket = identities_->BeginAttestation(
      {token.token.id, csr, authority_.Id("/node/cache/c2"), "ipv4:10.0.0.7:1"});
  EXPECT_EQ(ReasonOf(identities_
                         ->FinishAttestation(
                             ticket->id, Prove(token.token.id, token.seed, csr, ticket->challenge))
                         .status()),
            Reason::kTokenBinding);
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(ReasonOf(Attest(token, NewKey()).status()), Reason::kTokenExpired);
}

TEST_F(AttestationTest, ATokenGivesOneSvid) {
  AddEntry("/node/*/*");
  const auto token = AddToken("/node/cache/c1");
  ASSERT_TRUE(Attest(token, NewKey()).ok());
  EXPECT_EQ(ReasonOf(Attest(token, NewKey()).status()), Reason::kTokenUsed);
}

TEST_F(AttestationTest, ALostAnswerIsRepeatedToTheSameKeyOnly) {
  AddEntry("/node/*/*");
  const auto token = AddToken("/node/cache/c1");
  const auto key = NewKey();
  const auto first = Attest(token, key).value();
  clock_.Advance(TokenJudge::kLostAnswerTime);
  Restart();
  const auto again = Attest(token, key);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->svid.leaf, first.svid.leaf);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(ReasonOf(Attest(token, key).status()), Reason::kTokenUsed);
}

TEST_F(AttestationTest, ALostAnswerIsNotRepeatedAfterARevocationOrABan) {
  AddEntry("/node/*/*");
  const auto token = AddToken("/node/cache/c1");
  const auto key = NewKey();
  const auto first = Attest(token, key).value();
  ASSERT_TRUE(revocations_->RevokeSvid(first.svid.record.serial, order_, {}).ok());
  EXPECT_EQ(ReasonOf(Attest(token, key).status()), Reason::kCertRevoked);

  const auto banned_token = AddToken("/node/cache/c2");
  ASSERT_TRUE(Attest(banned_token, key).ok() == false);  // the key is dead
  const auto other_key = NewKey();
  ASSERT_TRUE(Attest(banned_token, other_key).ok());
  ASSERT_TRUE(revocations_->BanIdentity(Text("/node/cache/c2"), order_, {}).ok());
  EXPECT_EQ(ReasonOf(Attest(banned_token, other_key).status()), Reason::kIdentityBanned);
}

// G20, T28, through the whole of the attestation.
TEST_F(AttestationTest, OfAHundredThreadsWithOneTokenOneGetsAnSvid) {
  constexpr std::size_t kThreads = 100;
  AddEntry("/node/*/*");
  const auto token = AddToken("/node/cache/c1");
  std::vector<Reason> refusals(kThreads, Reason::kInternal);
  Gate start;
  Gate winners;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        const auto key = NewKey();
        start.Await();
        const auto issued = Attest(token, key);
        if (issued.ok()) winners.Arrive();
        refusals[i] = ReasonOf(issued.status()).value_or(Reason::kInternal);
      });
    }
    start.Arrive();
  }
  EXPECT_EQ(winners.arrived(), 1);
  EXPECT_EQ(std::count(refusals.begin(), refusals.end(), Reason::kTokenUsed), kThreads - 1);
}

TEST_F(AttestationTest, ManyThreadsWithOneTokenAndOneKeyGetTheSameSvid) {
  constexpr std::size_t kThreads = 20;
  AddEntry("/node/*/*");
  const auto token = AddToken("/node/cache/c1");
  const auto key = NewKey();
  std::vector<std::string> serials(kThreads);
  Gate start;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        start.Await();
        const auto issued = Attest(token, key);
        ASSERT_TRUE(issued.ok()) << issued.status();
        serials[i] = issued->svid.record.serial;
      });
    }
    start.Arrive();
  }
  EXPECT_EQ(std::set<std::string>(serials.begin(), serials.end()).size(), 1u);
}

TEST_F(AttestationTest, NeedsAnEntryThatIsStillThere) {
  const Entry entry = AddEntry("/node/*/*");
  const auto token = AddToken("/node/cache/c1");
  ASSERT_TRUE(entries_->DeleteEntry(entry.id()).ok());
  EXPECT_EQ(ReasonOf(Attest(token, NewKey()).status()), Reason::kEntryMissing);
  // The token was not spent on it.
  AddEntry("/node/cache/*");
  EXPECT_TRUE(Attest(token, NewKey()).ok());
}

// T34.
TEST_F(AttestationTest, RefusesTheKeyOfAnother) {
  AddEntry("/node/*/*");
  const auto key = NewKey();
  IssueNode("/node/cache/c1", key);
  const auto token = AddToken("/node/cache/c2");
  EXPECT_EQ(ReasonOf(Attest(token, key).status()), Reason::kKeyReused);
  EXPECT_TRUE(Attest(token, NewKey()).ok());
}

TEST_F(AttestationTest, HandsOutNothingThatWasNotStored) {
  AddEntry("/node/*/*");
  const auto token = AddToken("/node/cache/c1");
  const auto key = NewKey();
  faults_.Fail(FaultPoint::kCommit, Fault::kDiskFull);
  EXPECT_EQ(ReasonOf(Attest(token, key).status()), Reason::kStoreUnavailable);
  faults_.Fail(FaultPoint::kCommitted, Fault::kIoError);
  EXPECT_EQ(ReasonOf(Attest(token, key).status()), Reason::kStoreUnavailable);
  // The second time it was stored after all: the same key gets that one.
  EXPECT_TRUE(Attest(token, key).ok());
}

class RenewalTest : public TestRoom {};

TEST_F(RenewalTest, GivesTheSameIdentityForANewKey) {
  AddEntry("/node/*/*");
  const auto old = IssueNode("/node/cache/c1", NewKey());
  clock_.Advance(absl::Minutes(30));
  const auto key = NewKey();
  const auto renewed = Renew(old, key);
  ASSERT_TRUE(renewed.ok()) << renewed.status();
  EXPECT_EQ(renewed->svid.record.id, old.svid.record.id);
  EXPECT_EQ(renewed->svid.record.path, IssuePath::kRenewal);
  EXPECT_EQ(renewed->svid.record.actor, Text("/node/cache/c1"));
  EXPECT_EQ(renewed->svid.leaf.public_key().value(), key.public_key());
  EXPECT_EQ(renewed->svid.leaf.not_after(), Now() + absl::Hours(1));
}

TEST_F(RenewalTest, FollowsTheEntryAsItIsNow) {
  const Entry entry = AddEntry("/node/*/*");
  const auto old = IssueNode("/node/cache/c1", NewKey());
  ASSERT_TRUE(
      entries_->UpdateEntry(entry.id(), {absl::Minutes(5), std::vector<std::string>()}).ok());
  const auto renewed = Renew(old, NewKey()).value();
  EXPECT_EQ(renewed.svid.leaf.not_after(), Now() + absl::Minutes(5));
  EXPECT_TRUE(renewed.svid.leaf.dns_sans().empty());
  ASSERT_TRUE(entries_->DeleteEntry(entry.id()).ok());
  EXPECT_EQ(ReasonOf(Renew(old, NewKey()).status()), Reason::kEntryMissing);
}

TEST_F(RenewalTest, IsRefusedWithARevokedLeaf) {
  AddEntry("/node/*/*");
  const auto old = IssueNode("/node/cache/c1", NewKey());
  ASSERT_TRUE(revocations_->RevokeSvid(old.svid.record.serial, order_, {}).ok());
  EXPECT_EQ(ReasonOf(Renew(old, NewKey()).status()), Reason::kCertRevoked);
}

TEST_F(RenewalTest, IsRefusedToABannedIdentityAndToItsOldLeafAfterwards) {
  AddEntry("/node/*/*");
  const auto old = IssueNode("/node/cache/c1", NewKey());
  ASSERT_TRUE(revocations_->BanIdentity(Text("/node/cache/c1"), order_, {}).ok());
  EXPECT_EQ(ReasonOf(Renew(old, NewKey()).status()), Reason::kIdentityBanned);
  ASSERT_TRUE(revocations_->UnbanIdentity(Text("/node/cache/c1"), {}).ok());
  EXPECT_EQ(ReasonOf(Renew(old, NewKey()).status()), Reason::kIdentityBanned);
}

TEST_F(RenewalTest, NeedsNoEntryForServices) {
  const auto issued = identities_->IssueLocal(Text("/service/registry/registry-1"),
                                              crypto::MakeCsr(NewKey()), {}, "uid:0");
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_TRUE(Renew(*issued, NewKey()).ok());
}

TEST_F(RenewalTest, RefusesStrangers) {
  const identity::TestAuthority other("example.com");
  const auto svid = other.Issue("/node/cache/c1");
  const auto stranger = identity::VerifySvid(svid.chain(), *other.Trust(), Now()).value();
  EXPECT_EQ(ReasonOf(identities_->RenewSvid(stranger, crypto::MakeCsr(NewKey())).status()),
            Reason::kSpiffeIdInvalid);
}

class BanTest : public TestRoom {};

TEST_F(BanTest, AfterALiftedBanNewSvidsAreBelievedAndOldOnesAreNot) {
  AddEntry("/node/*/*");
  const auto old = IssueNode("/node/cache/c1", NewKey());
  const auto token = AddToken("/node/cache/c1");
  ASSERT_TRUE(revocations_->BanIdentity(Text("/node/cache/c1"), order_, {}).ok());
  EXPECT_EQ(ReasonOf(Attest(token, NewKey()).status()), Reason::kIdentityBanned);
  EXPECT_EQ(ReasonOf(entries_->CreateJoinToken(Text("/node/cache/c1"), {}, "a").status()),
            Reason::kIdentityBanned);
  ASSERT_TRUE(revocations_->UnbanIdentity(Text("/node/cache/c1"), {}).ok());
  const auto fresh = Attest(token, NewKey());
  ASSERT_TRUE(fresh.ok()) << fresh.status();
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(Verify(fresh->svid.leaf).ok());
  EXPECT_EQ(ReasonOf(Verify(old.svid.leaf).status()), Reason::kIdentityBanned);
}

TEST_F(BanTest, ASecondBanInTheSameSecondCoversWhatWasIssuedBetween) {
  AddEntry("/node/*/*");
  const std::string id = Text("/node/cache/c1");
  ASSERT_TRUE(revocations_->BanIdentity(id, order_, {}).ok());
  ASSERT_TRUE(revocations_->UnbanIdentity(id, {}).ok());
  const auto between = IssueNode("/node/cache/c1", NewKey());
  ASSERT_TRUE(revocations_->BanIdentity(id, order_, {}).ok());
  ASSERT_TRUE(revocations_->UnbanIdentity(id, {}).ok());
  clock_.Advance(absl::Seconds(5));
  EXPECT_EQ(ReasonOf(Verify(between.svid.leaf).status()), Reason::kIdentityBanned);
}

class LocalTest : public TestRoom {
 protected:
  absl::StatusOr<IssuedIdentity> Issue(std::string_view path,
                                       std::optional<absl::Duration> ttl = std::nullopt) {
    return identities_->IssueLocal(Text(path), crypto::MakeCsr(NewKey()), ttl, "uid:1000");
  }
};

TEST_F(LocalTest, IssuesServicesAndAdministrators) {
  for (const char* path :
       {"/service/registry/registry-1", "/admin/root", "/ns/tenant-a/admin/eve"}) {
    const auto issued = Issue(path);
    ASSERT_TRUE(issued.ok()) << issued.status();
    EXPECT_EQ(issued->svid.record.actor, "uid:1000");
    EXPECT_EQ(issued->svid.record.path, IssuePath::kLocal);
    EXPECT_EQ(Verify(issued->svid.leaf)->id, authority_.Id(path));
    EXPECT_EQ(issued->svid.leaf.not_after(), Now() + IssuanceLimits().default_ttl);
  }
}

TEST_F(LocalTest, IssuesNoNodesAndNothingElse) {
  AddEntry("/node/*/*");
  EXPECT_EQ(ReasonOf(Issue("/node/cache/c1").status()), Reason::kSpiffeIdInvalid);
  EXPECT_EQ(ReasonOf(Issue("/agent/host-1").status()), Reason::kSpiffeIdInvalid);
  EXPECT_EQ(ReasonOf(identities_->IssueLocal("junk", "", {}, "").status()),
            Reason::kSpiffeIdInvalid);
}

TEST_F(LocalTest, TakesALifeWithinBounds) {
  EXPECT_EQ(Issue("/admin/root", absl::Hours(2))->svid.leaf.not_after(), Now() + absl::Hours(2));
  EXPECT_EQ(Issue("/admin/root", absl::Hours(1000))->svid.leaf.not_after(),
            Now() + IssuanceLimits().max_ttl);
  EXPECT_EQ(ReasonOf(Issue("/admin/root", absl::Seconds(1)).status()), Reason::kArgumentInvalid);
}

TEST_F(LocalTest, RefusesABannedIdentity) {
  ASSERT_TRUE(revocations_->BanIdentity(Text("/admin/root"), order_, {}).ok());
  EXPECT_EQ(ReasonOf(Issue("/admin/root").status()), Reason::kIdentityBanned);
}

}  // namespace
}  // namespace omninode::bootstrap
