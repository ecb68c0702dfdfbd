#include "services/bootstrap/authority/authority.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/crypto/chain.h"
#include "common/crypto/random.h"
#include "common/identity/svid_profile.h"

namespace omninode::bootstrap {
namespace {

using identity::TrustDomain;

const TrustDomain kDomain = TrustDomain::Parse("example.org").value();
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

AuthorityKeyPair Make(absl::Duration ttl = kDefaultCaTtl) {
  return CreateAuthority(kDomain, ttl, kNow).value();
}

TEST(AuthorityTest, MakesASigningCertificateOfTheTrustDomain) {
  const AuthorityKeyPair pair = Make();
  const crypto::Certificate& ca = pair.certificate;
  EXPECT_TRUE(identity::CheckSigningProfile(ca).ok());
  EXPECT_EQ(ca.uri_sans(), std::vector<std::string>{"spiffe://example.org"});
  EXPECT_TRUE(ca.key_usage()->critical);
  EXPECT_TRUE(ca.key_usage()->key_cert_sign);
  EXPECT_EQ(ca.not_before(), kNow - absl::Seconds(60));
  EXPECT_EQ(ca.not_after(), kNow + kDefaultCaTtl);
}

TEST(AuthorityTest, GivesEachAuthorityItsOwnNameAndKey) {
  const AuthorityKeyPair a = Make();
  const AuthorityKeyPair b = Make();
  EXPECT_NE(a.certificate.subject(), b.certificate.subject());
  EXPECT_NE(a.certificate.subject_key_id(), b.certificate.subject_key_id());
}

TEST(AuthorityTest, BoundsItsLife) {
  EXPECT_TRUE(CreateAuthority(kDomain, kMinCaTtl, kNow).ok());
  EXPECT_TRUE(CreateAuthority(kDomain, kMaxCaTtl, kNow).ok());
  for (const absl::Duration ttl :
       {kMinCaTtl - absl::Seconds(1), kMaxCaTtl + absl::Seconds(1), absl::ZeroDuration()}) {
    EXPECT_EQ(ReasonOf(CreateAuthority(kDomain, ttl, kNow).status()), Reason::kArgumentInvalid);
  }
}

TEST(AuthorityTest, SignsLeavesThatItsBundleTrusts) {
  const Authority authority = Authority::Create(kDomain, Make()).value();
  const auto key = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
  const auto leaf =
      authority.issuer().IssueLeaf({.uri = "spiffe://example.org/node/cache/c1",
                                    .dns = {},
                                    .key = key.public_key(),
                                    .not_before = kNow,
                                    .not_after = kNow + absl::Hours(1),
                                    .serial = crypto::RandomBytes(crypto::kSerialBytes)});
  ASSERT_TRUE(leaf.ok()) << leaf.status();
  EXPECT_EQ(leaf->authority_key_id(), authority.key_id());
  EXPECT_TRUE(crypto::VerifyChain(*leaf, {}, authority.bundle().roots(), kNow).ok());
}

TEST(AuthorityTest, RefusesTheKeyOfAnother) {
  AuthorityKeyPair pair = Make();
  pair.key = Make().key;
  EXPECT_FALSE(Authority::Create(kDomain, pair).ok());
}

TEST(AuthorityTest, RefusesTheCertificateOfAnotherTrustDomain) {
  const auto other = TrustDomain::Parse("example.com").value();
  EXPECT_EQ(ReasonOf(Authority::Create(other, Make()).status()), Reason::kCertProfile);
}

TEST(AuthorityTest, RefusesALeaf) {
  const Authority authority = Authority::Create(kDomain, Make()).value();
  const auto key = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
  const auto leaf = authority.issuer()
                        .IssueLeaf({.uri = "spiffe://example.org/node/cache/c1",
                                    .dns = {},
                                    .key = key.public_key(),
                                    .not_before = kNow,
                                    .not_after = kNow + absl::Hours(1),
                                    .serial = crypto::RandomBytes(crypto::kSerialBytes)})
                        .value();
  EXPECT_EQ(ReasonOf(Authority::Create(kDomain, {leaf, key}).status()), Reason::kCertProfile);
}

TEST(AuthorityLifeTest, WarnsAtOneSixthLeft) {
  const absl::Time end = kNow + absl::Hours(6);
  EXPECT_EQ(LifeOf(kNow, end, kNow), AuthorityLife::kGood);
  EXPECT_EQ(LifeOf(kNow, end, end - absl::Hours(1) - absl::Seconds(1)), AuthorityLife::kGood);
  EXPECT_EQ(LifeOf(kNow, end, end - absl::Hours(1)), AuthorityLife::kEnding);
  EXPECT_EQ(LifeOf(kNow, end, end - absl::Seconds(1)), AuthorityLife::kEnding);
}

TEST(AuthorityLifeTest, EndsAtNotAfterAndBeginsAtNotBefore) {
  const absl::Time end = kNow + absl::Hours(6);
  EXPECT_EQ(LifeOf(kNow, end, end), AuthorityLife::kExpired);
  EXPECT_EQ(LifeOf(kNow, end, kNow - absl::Seconds(1)), AuthorityLife::kNotYet);
}

}  // namespace
}  // namespace omninode::bootstrap
