#include "services/bootstrap/issuance/issue_rules.h"

#include <vector>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/identity/testing/test_authority.h"

namespace omninode::bootstrap {
namespace {

using identity::Ban;
using identity::Revocations;
using identity::RevokedCertificate;
using identity::SpiffeId;
using identity::TestAuthority;

const absl::Time kNow = TestAuthority::DefaultNow();

class IssuableTest : public testing::Test {
 protected:
  bool Issues(IssuePath path, std::string_view id) const {
    const absl::Status status =
        CheckIssuable(path, authority_.Id(id), authority_.trust_domain()).status();
    if (!status.ok()) {
      EXPECT_EQ(ReasonOf(status), Reason::kSpiffeIdInvalid) << status;
    }
    return status.ok();
  }
  const TestAuthority authority_{"example.org"};
};

TEST_F(IssuableTest, AttestationGivesNodesAndAgentsOnly) {
  EXPECT_TRUE(Issues(IssuePath::kAttested, "/node/cache/c1"));
  EXPECT_TRUE(Issues(IssuePath::kAttested, "/ns/tenant-a/node/cache/c1"));
  EXPECT_TRUE(Issues(IssuePath::kAttested, "/agent/host-1"));
  for (const char* id : {"/service/registry/registry-1", "/admin/root", "/ns/tenant-a/admin/eve",
                         "/ns/system/node/registry/registry-1", "/spire/agent/x", ""}) {
    EXPECT_FALSE(Issues(IssuePath::kAttested, id)) << id;
  }
}

TEST_F(IssuableTest, TheLocalSocketGivesServicesAndAdministratorsOnly) {
  EXPECT_TRUE(Issues(IssuePath::kLocal, "/service/registry/registry-1"));
  EXPECT_TRUE(Issues(IssuePath::kLocal, "/admin/root"));
  EXPECT_TRUE(Issues(IssuePath::kLocal, "/ns/tenant-a/admin/eve"));
  for (const char* id :
       {"/node/cache/c1", "/ns/tenant-a/node/cache/c1", "/agent/host-1", "/somebody"}) {
    EXPECT_FALSE(Issues(IssuePath::kLocal, id)) << id;
  }
}

TEST_F(IssuableTest, RenewalIsForEverybodyWithARole) {
  for (const char* id : {"/service/registry/registry-1", "/admin/root", "/ns/tenant-a/admin/eve",
                         "/node/cache/c1", "/agent/host-1"}) {
    EXPECT_TRUE(Issues(IssuePath::kRenewal, id)) << id;
  }
  EXPECT_FALSE(Issues(IssuePath::kRenewal, "/spire/agent/x"));
}

TEST_F(IssuableTest, NobodyOfAnotherTrustDomainIsIssuedAnything) {
  const SpiffeId foreign = SpiffeId::Parse("spiffe://example.com/node/cache/c1").value();
  for (const IssuePath path : {IssuePath::kAttested, IssuePath::kLocal, IssuePath::kRenewal}) {
    EXPECT_EQ(ReasonOf(CheckIssuable(path, foreign, authority_.trust_domain()).status()),
              Reason::kSpiffeIdInvalid);
  }
}

TEST_F(IssuableTest, EntriesDecideAboutNodesAndAgents) {
  const auto needs = [&](std::string_view id) {
    return NeedsEntry(identity::Principal::From(authority_.Id(id)).value());
  };
  EXPECT_TRUE(needs("/node/cache/c1"));
  EXPECT_TRUE(needs("/agent/host-1"));
  EXPECT_FALSE(needs("/service/registry/registry-1"));
  EXPECT_FALSE(needs("/admin/root"));
}

TEST(LocalTtlTest, TakesTheDefaultAndShortensTooLongOnes) {
  const IssuanceLimits limits;
  EXPECT_EQ(LocalTtl(std::nullopt, limits).value(), limits.default_ttl);
  EXPECT_EQ(LocalTtl(absl::Minutes(5), limits).value(), absl::Minutes(5));
  EXPECT_EQ(LocalTtl(limits.max_ttl, limits).value(), limits.max_ttl);
  EXPECT_EQ(LocalTtl(limits.max_ttl + absl::Seconds(1), limits).value(), limits.max_ttl);
}

TEST(LocalTtlTest, RefusesTooShortOnes) {
  const IssuanceLimits limits;
  EXPECT_TRUE(LocalTtl(limits.min_ttl, limits).ok());
  for (const absl::Duration ttl :
       {limits.min_ttl - absl::Seconds(1), absl::ZeroDuration(), -absl::Hours(1)}) {
    EXPECT_EQ(ReasonOf(LocalTtl(ttl, limits).status()), Reason::kArgumentInvalid);
  }
}

class BanRuleTest : public testing::Test {
 protected:
  static Revocations With(std::vector<RevokedCertificate> revoked, std::vector<Ban> bans) {
    return Revocations::Create(revoked, bans).value();
  }
  const TestAuthority authority_{"example.org"};
  const SpiffeId id_ = authority_.Id("/node/cache/c1");
  const crypto::Certificate leaf_ = authority_.Issue("/node/cache/c1").leaf();
};

TEST_F(BanRuleTest, AStandingBanStopsEveryIssue) {
  EXPECT_TRUE(CheckNotBanned(id_, {}).ok());
  EXPECT_EQ(ReasonOf(CheckNotBanned(id_, With({}, {{id_, kNow}}))), Reason::kIdentityBanned);
  EXPECT_TRUE(CheckNotBanned(id_, With({}, {{authority_.Id("/node/cache/c2"), kNow}})).ok());
}

TEST_F(BanRuleTest, ALiftedBanStopsNoFirstIssue) {
  EXPECT_TRUE(CheckNotBanned(id_, With({}, {{id_, kNow, true}})).ok());
}

TEST_F(BanRuleTest, ARevokedLeafIsNotRenewed) {
  EXPECT_TRUE(CheckRenewable(leaf_, id_, {}).ok());
  EXPECT_EQ(ReasonOf(CheckRenewable(leaf_, id_, With({RevokedCertificate::Of(leaf_)}, {}))),
            Reason::kCertRevoked);
}

TEST_F(BanRuleTest, ABannedIdentityIsNotRenewed) {
  EXPECT_EQ(ReasonOf(CheckRenewable(leaf_, id_, With({}, {{id_, kNow}}))), Reason::kIdentityBanned);
}

TEST_F(BanRuleTest, ALeafFromBeforeALiftedBanIsNotRenewed) {
  EXPECT_EQ(ReasonOf(CheckRenewable(leaf_, id_, With({}, {{id_, leaf_.not_before(), true}}))),
            Reason::kIdentityBanned);
  EXPECT_TRUE(
      CheckRenewable(leaf_, id_, With({}, {{id_, leaf_.not_before() - absl::Seconds(1), true}}))
          .ok());
}

class ValidityTest : public testing::Test {
 protected:
  static absl::StatusOr<Validity> Of(absl::Time now, std::optional<absl::Time> banned_at) {
    return ValidityOf(now, absl::Hours(1), kNow + absl::Hours(24), banned_at);
  }
};

TEST_F(ValidityTest, IsBackdatedAndEndsAfterTheTtl) {
  const Validity validity = Of(kNow, std::nullopt).value();
  EXPECT_EQ(validity.not_before, kNow - absl::Seconds(60));
  EXPECT_EQ(validity.not_after, kNow + absl::Hours(1));
}

TEST_F(ValidityTest, IsOfWholeSeconds) {
  const Validity validity = Of(kNow + absl::Milliseconds(999), std::nullopt).value();
  EXPECT_EQ(validity.not_before, kNow - absl::Seconds(60));
  EXPECT_EQ(validity.not_after, kNow + absl::Hours(1));
}

TEST_F(ValidityTest, NeverOutlivesTheAuthority) {
  const absl::Time end = kNow + absl::Minutes(30);
  EXPECT_EQ(ValidityOf(kNow, absl::Hours(1), end, std::nullopt)->not_after, end);
  EXPECT_EQ(ReasonOf(ValidityOf(end, absl::Hours(1), end, std::nullopt).status()),
            Reason::kInternal);
}

TEST_F(ValidityTest, BeginsAfterALiftedBan) {
  const Revocations lifted =
      Revocations::Create({}, {{SpiffeId::Parse("spiffe://a/b").value(), kNow, true}}).value();
  for (const absl::Duration later : {absl::ZeroDuration(), absl::Milliseconds(1), absl::Seconds(30),
                                     absl::Seconds(61), absl::Hours(2)}) {
    const auto validity = Of(kNow + later, kNow);
    ASSERT_TRUE(validity.ok()) << validity.status();
    EXPECT_FALSE(lifted.IsBanned(SpiffeId::Parse("spiffe://a/b").value(), validity->not_before))
        << later;
    EXPECT_LE(validity->not_before, kNow + later + absl::Seconds(1)) << later;
  }
  EXPECT_EQ(Of(kNow + absl::Hours(2), kNow)->not_before, kNow + absl::Hours(2) - kBackdating);
}

TEST_F(ValidityTest, WaitsForABanOfTheFuture) {
  EXPECT_EQ(ReasonOf(Of(kNow, kNow + absl::Minutes(5)).status()), Reason::kIdentityBanned);
}

}  // namespace
}  // namespace omninode::bootstrap
