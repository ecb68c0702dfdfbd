#include "services/bootstrap/trust/trust_records.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::bootstrap {
namespace {

using identity::SpiffeId;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kLongest = absl::Hours(24);
const SpiffeId kOne = SpiffeId::Parse("spiffe://example.org/node/cache/c1").value();
const SpiffeId kTwo = SpiffeId::Parse("spiffe://example.org/node/cache/c2").value();
const TrustOrder kOrder = {"spiffe://example.org/admin/root", "stolen"};

CertificateRevocation Revocation(std::string serial, absl::Time expires_at) {
  return {.certificate = {"aa", std::move(serial)},
          .id = kOne,
          .revoked_at = kNow,
          .expires_at = expires_at,
          .reason_text = kOrder.reason_text,
          .actor = kOrder.actor};
}

// The records after the plan, which must change something.
TrustRecords After(const TrustRecords& records, const std::optional<TrustChange>& change) {
  EXPECT_TRUE(change.has_value());
  if (!change.has_value()) return records;
  EXPECT_EQ(change->sequence, records.sequence + 1);
  return Apply(records, *change);
}
TrustRecords Banned(const TrustRecords& records, const SpiffeId& id, absl::Time at) {
  return After(records, PlanBan(records, id, kOrder, at));
}
TrustRecords Lifted(const TrustRecords& records, const SpiffeId& id, absl::Time at) {
  return After(records, PlanUnban(records, id, at).value());
}

TEST(TrustRecordsTest, TheFirstStateHasSequenceOne) {
  const auto bundle = crypto::Sha256("roots");
  const TrustRecords first = After({}, PlanPublished({}, bundle));
  EXPECT_EQ(first.sequence, 1u);
  EXPECT_EQ(first.published, bundle);
  EXPECT_FALSE(PlanPublished(first, bundle).has_value());
  EXPECT_EQ(After(first, PlanPublished(first, crypto::Sha256("other"))).sequence, 2u);
}

TEST(TrustRecordsTest, EvenAnEmptyDigestMakesAFirstState) {
  EXPECT_TRUE(PlanPublished({}, crypto::Sha256Digest{}).has_value());
}

TEST(TrustRecordsTest, RevokingTwiceChangesNothing) {
  const auto revocation = Revocation("01", kNow + absl::Hours(1));
  const TrustRecords records = After({}, PlanRevoke({}, revocation));
  EXPECT_EQ(records.revocations.at("aa/01"), revocation);
  EXPECT_FALSE(PlanRevoke(records, revocation).has_value());
}

TEST(TrustRecordsTest, BanningTwiceChangesNothing) {
  const TrustRecords records = Banned({}, kOne, kNow);
  EXPECT_FALSE(PlanBan(records, kOne, kOrder, kNow + absl::Hours(1)).has_value());
  EXPECT_TRUE(PlanBan(records, kTwo, kOrder, kNow).has_value());
}

TEST(TrustRecordsTest, ABanIsOfWholeSeconds) {
  const TrustRecords records = Banned({}, kOne, kNow + absl::Milliseconds(700));
  EXPECT_EQ(records.bans.at(kOne).banned_at, kNow);
}

TEST(TrustRecordsTest, LiftingKeepsTheBanForOldCertificates) {
  const TrustRecords records = Lifted(Banned({}, kOne, kNow), kOne, kNow + absl::Minutes(5));
  EXPECT_EQ(records.bans.at(kOne).lifted_at, kNow + absl::Minutes(5));
  EXPECT_EQ(records.bans.at(kOne).banned_at, kNow);
  EXPECT_FALSE(PlanUnban(records, kOne, kNow)->has_value());
}

TEST(TrustRecordsTest, LiftingWhatWasNeverBannedIsRefused) {
  EXPECT_EQ(ReasonOf(PlanUnban({}, kOne, kNow).status()), Reason::kObjectUnknown);
}

TEST(TrustRecordsTest, ASecondBanIsLaterThanTheFirstWhateverTheClockSays) {
  const TrustRecords lifted = Lifted(Banned({}, kOne, kNow), kOne, kNow);
  EXPECT_EQ(Banned(lifted, kOne, kNow).bans.at(kOne).banned_at, kNow + absl::Seconds(1));
  EXPECT_EQ(Banned(lifted, kOne, kNow - absl::Hours(1)).bans.at(kOne).banned_at,
            kNow + absl::Seconds(1));
  EXPECT_EQ(Banned(lifted, kOne, kNow + absl::Hours(1)).bans.at(kOne).banned_at,
            kNow + absl::Hours(1));
  EXPECT_FALSE(Banned(lifted, kOne, kNow).bans.at(kOne).lifted_at.has_value());
}

TEST(TrustRecordsTest, PrunesRevocationsOfEndedCertificates) {
  TrustRecords records = After({}, PlanRevoke({}, Revocation("01", kNow)));
  records = After(records, PlanRevoke(records, Revocation("02", kNow + absl::Hours(1))));
  EXPECT_FALSE(PlanPrune(records, kLongest, kNow + kForgetSlack - absl::Seconds(1)).has_value());
  const TrustRecords pruned = After(records, PlanPrune(records, kLongest, kNow + kForgetSlack));
  EXPECT_FALSE(pruned.revocations.contains("aa/01"));
  EXPECT_TRUE(pruned.revocations.contains("aa/02"));
}

TEST(TrustRecordsTest, PrunesLiftedBansWhenAllOlderCertificatesHaveEnded) {
  const absl::Time lifted_at = kNow + absl::Hours(1);
  TrustRecords records = Banned(Banned({}, kOne, kNow), kTwo, kNow);
  records = Lifted(records, kOne, lifted_at);
  const absl::Time due = lifted_at + kLongest + kForgetSlack;
  EXPECT_FALSE(PlanPrune(records, kLongest, due - absl::Seconds(1)).has_value());
  const TrustRecords pruned = After(records, PlanPrune(records, kLongest, due));
  EXPECT_FALSE(pruned.bans.contains(kOne));
  // A standing ban is never forgotten.
  EXPECT_TRUE(pruned.bans.contains(kTwo));
  EXPECT_FALSE(PlanPrune(pruned, kLongest, kNow + absl::Hours(24 * 365)).has_value());
}

TEST(TrustRecordsTest, PlansInTheResolutionOfTheStore) {
  auto revocation = Revocation("01", kNow + absl::Nanoseconds(1500));
  revocation.revoked_at = kNow + absl::Nanoseconds(999);
  const TrustRecords records = After({}, PlanRevoke({}, revocation));
  EXPECT_EQ(records.revocations.at("aa/01").revoked_at, kNow);
  EXPECT_EQ(records.revocations.at("aa/01").expires_at, kNow + absl::Microseconds(1));
}

}  // namespace
}  // namespace omninode::bootstrap
