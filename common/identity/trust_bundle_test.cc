#include "common/identity/trust_bundle.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/identity/testing/test_authority.h"

namespace omninode::identity {
namespace {

TrustDomain Td(std::string_view name) { return TrustDomain::Parse(name).value(); }

class TrustBundleTest : public testing::Test {
 protected:
  TrustBundle Bundle(std::string_view td, std::vector<crypto::Certificate> roots) const {
    return TrustBundle::Create(Td(td), std::move(roots)).value();
  }

  const TestAuthority a_{"td-a"};
  const TestAuthority b_{"td-b"};
};

TEST_F(TrustBundleTest, HoldsEachRootOnce) {
  const TrustBundle bundle = Bundle("td-a", {a_.ca(), b_.ca(), a_.ca()});
  EXPECT_EQ(bundle.roots().size(), 2u);
  EXPECT_EQ(bundle.trust_domain(), Td("td-a"));
}

TEST_F(TrustBundleTest, MayBeEmpty) { EXPECT_TRUE(Bundle("td-a", {}).roots().empty()); }

TEST_F(TrustBundleTest, RefusesLeaves) {
  EXPECT_EQ(ReasonOf(TrustBundle::Create(Td("td-a"), {a_.Issue("/x").leaf()}).status()),
            Reason::kCertProfile);
}

TEST_F(TrustBundleTest, TheDigestTellsBundlesApart) {
  const TrustBundle bundle = Bundle("td-a", {a_.ca(), b_.ca()});
  EXPECT_EQ(bundle.digest(), Bundle("td-a", {b_.ca(), a_.ca()}).digest());
  EXPECT_NE(bundle.digest(), Bundle("td-a", {a_.ca()}).digest());
  EXPECT_NE(bundle.digest(), Bundle("td-b", {a_.ca(), b_.ca()}).digest());
  EXPECT_NE(Bundle("td-a", {}).digest(), Bundle("td-b", {}).digest());
}

TEST_F(TrustBundleTest, RoundTripsThroughPem) {
  const TrustBundle bundle = Bundle("td-a", {a_.ca(), b_.ca()});
  EXPECT_EQ(TrustBundle::FromPem(Td("td-a"), bundle.ToPem())->digest(), bundle.digest());
  EXPECT_FALSE(TrustBundle::FromPem(Td("td-a"), "").ok());
}

TEST_F(TrustBundleTest, TheNumberOfRootsIsBounded) {
  const crypto::CaTemplate ca{.uri = "spiffe://td-a",
                              .common_name = "root",
                              .not_before = TestAuthority::DefaultNow(),
                              .not_after = TestAuthority::DefaultNow() + absl::Hours(1)};
  std::vector<crypto::Certificate> roots;
  while (roots.size() < TrustBundle::kMaxRoots) {
    roots.push_back(crypto::CreateSelfSignedCa(ca, a_.ca_key()).value());
  }
  EXPECT_EQ(Bundle("td-a", roots).roots().size(), TrustBundle::kMaxRoots);
  roots.push_back(a_.ca());
  EXPECT_EQ(ReasonOf(TrustBundle::Create(Td("td-a"), roots).status()), Reason::kArgumentInvalid);
}

TEST_F(TrustBundleTest, ASetFindsTheBundleOfATrustDomain) {
  const BundleSet set = BundleSet::Create({a_.bundle(), b_.bundle()}).value();
  EXPECT_EQ(set.Find(Td("td-a"))->digest(), a_.bundle().digest());
  EXPECT_EQ(set.Find(Td("td-b"))->digest(), b_.bundle().digest());
  EXPECT_EQ(set.Find(Td("td-c")), nullptr);
  EXPECT_EQ(BundleSet().Find(Td("td-a")), nullptr);
  EXPECT_EQ(set.bundles().size(), 2u);
}

TEST_F(TrustBundleTest, ASetNeverMergesBundles) {
  EXPECT_EQ(
      ReasonOf(BundleSet::Create({Bundle("td-a", {a_.ca()}), Bundle("td-a", {b_.ca()})}).status()),
      Reason::kArgumentInvalid);
}

TEST_F(TrustBundleTest, TheNumberOfTrustDomainsIsBounded) {
  std::vector<TrustBundle> bundles;
  while (bundles.size() < BundleSet::kMaxTrustDomains) {
    bundles.push_back(Bundle("td-" + std::to_string(bundles.size()), {}));
  }
  EXPECT_TRUE(BundleSet::Create(bundles).ok());
  bundles.push_back(a_.bundle());
  EXPECT_EQ(ReasonOf(BundleSet::Create(bundles).status()), Reason::kArgumentInvalid);
}

}  // namespace
}  // namespace omninode::identity
