#include "services/bootstrap/attestation/pending_attestations.h"

#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/concurrency/gate.h"

namespace omninode::bootstrap {
namespace {

const MonotonicTime kNow = MonotonicTime::SinceBoot(absl::Hours(1));

class PendingAttestationsTest : public testing::Test {
 protected:
  AttestationClaim Claim(std::string token_id = "t1") const {
    return {.token_id = std::move(token_id),
            .csr_der = "csr",
            .key = key_,
            .spiffe_id = std::nullopt,
            .source_address = "ipv4:10.0.0.7:41234"};
  }
  const crypto::PublicKey key_ =
      crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kEd25519).public_key();
  PendingAttestations pending_;
};

TEST_F(PendingAttestationsTest, GivesBackWhatWasClaimedWithItsChallenge) {
  const auto ticket = pending_.Begin(Claim("t7"), kNow).value();
  EXPECT_EQ(ticket.challenge.size(), PendingAttestations::kChallengeBytes);
  const auto taken = pending_.Take(ticket.id, kNow + absl::Seconds(1));
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->claim.token_id, "t7");
  EXPECT_EQ(taken->claim.key, key_);
  EXPECT_EQ(taken->challenge, ticket.challenge);
}

TEST_F(PendingAttestationsTest, IsTakenOnce) {
  const auto ticket = pending_.Begin(Claim(), kNow).value();
  EXPECT_TRUE(pending_.Take(ticket.id, kNow).has_value());
  EXPECT_FALSE(pending_.Take(ticket.id, kNow).has_value());
  EXPECT_EQ(pending_.size(), 0u);
}

TEST_F(PendingAttestationsTest, ExactlyOneOfManyThreadsTakesIt) {
  constexpr int kThreads = 16;
  const auto ticket = pending_.Begin(Claim(), kNow).value();
  Gate start;
  Gate winners;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      start.Await();
      if (pending_.Take(ticket.id, kNow).has_value()) winners.Arrive();
    });
  }
  start.Arrive();
  threads.clear();
  EXPECT_EQ(winners.arrived(), 1);
}

TEST_F(PendingAttestationsTest, LivesThirtySeconds) {
  const auto early = pending_.Begin(Claim(), kNow).value();
  const auto late = pending_.Begin(Claim(), kNow).value();
  const absl::Duration life = PendingAttestations::kLife;
  EXPECT_TRUE(pending_.Take(early.id, kNow + life - absl::Nanoseconds(1)).has_value());
  EXPECT_FALSE(pending_.Take(late.id, kNow + life).has_value());
  EXPECT_EQ(pending_.size(), 0u);
}

TEST_F(PendingAttestationsTest, NeverRepeatsAnIdOrAChallenge) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto ticket = pending_.Begin(Claim(), kNow).value();
    EXPECT_TRUE(seen.insert(ticket.id).second);
    EXPECT_TRUE(seen.insert(ticket.challenge).second);
  }
}

TEST_F(PendingAttestationsTest, KnowsNothingOfUnknownIds) {
  EXPECT_FALSE(pending_.Take("", kNow).has_value());
  EXPECT_FALSE(pending_.Take("00000000-0000-4000-8000-000000000000", kNow).has_value());
}

TEST_F(PendingAttestationsTest, IsBoundedAndEmptiesWithTime) {
  std::string first;
  for (std::size_t i = 0; i < PendingAttestations::kMaxPending; ++i) {
    const auto ticket = pending_.Begin(Claim(), kNow);
    ASSERT_TRUE(ticket.ok()) << ticket.status();
    if (first.empty()) first = ticket->id;
  }
  const absl::Status shed = pending_.Begin(Claim(), kNow).status();
  EXPECT_EQ(ReasonOf(shed), Reason::kLoadShed);
  EXPECT_TRUE(RetryAfterOf(shed).has_value());
  EXPECT_TRUE(pending_.Take(first, kNow).has_value());
  EXPECT_TRUE(pending_.Begin(Claim(), kNow).ok());
  EXPECT_TRUE(pending_.Begin(Claim(), kNow + PendingAttestations::kLife).ok());
  EXPECT_EQ(pending_.size(), 1u);
}

}  // namespace
}  // namespace omninode::bootstrap
