#include "services/bootstrap/entry/spiffe_pattern.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::bootstrap {
namespace {

using identity::SpiffeId;
using identity::TrustDomain;
using testing::Contains;
using testing::SizeIs;

const TrustDomain kDomain = TrustDomain::Parse("example.org").value();

absl::StatusOr<SpiffePattern> Parse(std::string_view path) {
  return SpiffePattern::Parse(kDomain.ToId().append(path), kDomain);
}
SpiffeId Id(std::string_view path) { return SpiffeId::FromParts(kDomain, path).value(); }

TEST(SpiffePatternTest, MatchesWholeSegments) {
  const SpiffePattern pattern = Parse("/ns/tenant-a/node/*/c1").value();
  EXPECT_TRUE(pattern.Matches(Id("/ns/tenant-a/node/cache/c1")));
  EXPECT_TRUE(pattern.Matches(Id("/ns/tenant-a/node/db/c1")));
  EXPECT_FALSE(pattern.Matches(Id("/ns/tenant-a/node/cache/c12")));
  EXPECT_FALSE(pattern.Matches(Id("/ns/tenant-b/node/cache/c1")));
  EXPECT_FALSE(pattern.Matches(Id("/node/cache/c1")));
}

TEST(SpiffePatternTest, MatchesNothingOfAnotherTrustDomain) {
  const SpiffePattern pattern = Parse("/node/*/*").value();
  EXPECT_FALSE(pattern.Matches(SpiffeId::Parse("spiffe://example.com/node/a/b").value()));
}

TEST(SpiffePatternTest, MatchesNoPathThatIsNobody) {
  // `*` takes any segment, but the path must still be somebody's.
  const SpiffePattern pattern = Parse("/ns/*/node/*/*").value();
  EXPECT_TRUE(pattern.Matches(Id("/ns/tenant-a/node/cache/c1")));
  EXPECT_FALSE(pattern.Matches(Id("/ns/system/node/registry/r1")));
  EXPECT_FALSE(pattern.Matches(Id("/ns/default/node/cache/c1")));
  EXPECT_FALSE(pattern.Matches(Id("/ns/tenant-a/node/CACHE/c1")));
}

TEST(SpiffePatternTest, CountsLiteralSegments) {
  EXPECT_EQ(Parse("/node/*/*")->literal_prefix(), 1u);
  EXPECT_EQ(Parse("/node/*/c1")->literal_prefix(), 1u);
  EXPECT_EQ(Parse("/node/*/c1")->literals(), 2u);
  EXPECT_EQ(Parse("/node/cache/*")->literal_prefix(), 2u);
  EXPECT_EQ(Parse("/node/cache/c1")->literal_prefix(), 3u);
  EXPECT_EQ(Parse("/ns/*/node/a/b")->literal_prefix(), 1u);
  EXPECT_EQ(Parse("/ns/*/node/a/b")->literals(), 4u);
  EXPECT_EQ(Parse("/agent/*")->literal_prefix(), 1u);
}

TEST(SpiffePatternTest, RefusesServicesAndAdministrators) {
  for (const char* path : {"/service/registry/*", "/service/*/*", "/admin/*", "/ns/a/admin/*",
                           "/ns/*/admin/root", "/admin/root"}) {
    EXPECT_EQ(ReasonOf(Parse(path).status()), Reason::kSpiffeIdInvalid) << path;
  }
}

TEST(SpiffePatternTest, RefusesAWildcardThatIsNoWholeNameSegment) {
  for (const char* path : {"/*", "/*/a/b", "/*/*/*", "/node/c*/a", "/node/**/a", "/node/a/*b",
                           "/ns/a/*/b/c", "/*/a/node/b/c", "/node/*", "/node/*/*/*", "/node/a/"}) {
    EXPECT_EQ(ReasonOf(Parse(path).status()), Reason::kSpiffeIdInvalid) << path;
  }
}

TEST(SpiffePatternTest, RefusesPatternsThatNobodyCanMatch) {
  for (const char* path : {"/ns/system/node/*/*", "/ns/default/node/*/*", "/node/UPPER/*",
                           "/ns/dotted.name/node/*/*", ""}) {
    EXPECT_EQ(ReasonOf(Parse(path).status()), Reason::kSpiffeIdInvalid) << path;
  }
}

TEST(SpiffePatternTest, RefusesAnotherTrustDomainAndOtherSchemes) {
  for (const char* text :
       {"spiffe://example.com/node/*/*", "spiffe://example.org.evil/node/*/*", "/node/*/*",
        "https://example.org/node/*/*", "spiffe://*/node/*/*", "SPIFFE://example.org/node/*/*"}) {
    EXPECT_EQ(ReasonOf(SpiffePattern::Parse(text, kDomain).status()), Reason::kSpiffeIdInvalid)
        << text;
  }
}

TEST(SpiffePatternTest, RefusesTooLongAPatternWithAShortMessage) {
  const auto refused = Parse("/agent/" + std::string(SpiffeId::kMaxBytes, 'a'));
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kSpiffeIdInvalid);
  EXPECT_LT(Message(refused.status()).size(), 300u);
}

TEST(SpiffePatternTest, ListsThePatternsOfAnIdentity) {
  EXPECT_THAT(PatternsMatching(Id("/agent/host-1")), SizeIs(2));
  EXPECT_THAT(PatternsMatching(Id("/node/cache/c1")), SizeIs(4));
  const auto of_tenant = PatternsMatching(Id("/ns/tenant-a/node/cache/c1"));
  EXPECT_THAT(of_tenant, SizeIs(kMaxPatternsOfId));
  EXPECT_THAT(of_tenant, Contains("spiffe://example.org/ns/*/node/cache/*"));
  for (const std::string& text : of_tenant) {
    const auto pattern = SpiffePattern::Parse(text, kDomain);
    ASSERT_TRUE(pattern.ok()) << pattern.status();
    EXPECT_TRUE(pattern->Matches(Id("/ns/tenant-a/node/cache/c1"))) << text;
  }
}

TEST(SpiffePatternTest, ListsNoPatternForServicesAndStrangers) {
  EXPECT_THAT(PatternsMatching(Id("/service/registry/registry-1")), SizeIs(0));
  EXPECT_THAT(PatternsMatching(Id("/admin/root")), SizeIs(0));
  EXPECT_THAT(PatternsMatching(Id("/spire/agent/x")), SizeIs(0));
  EXPECT_THAT(PatternsMatching(Id("")), SizeIs(0));
}

}  // namespace
}  // namespace omninode::bootstrap
