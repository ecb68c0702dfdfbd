#include "common/identity/x509_svid.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/crypto/chain.h"
#include "common/crypto/pem.h"
#include "common/identity/testing/test_authority.h"

namespace omninode::identity {
namespace {

const auto kAccess = crypto::SecretAccess::IKnowThisExposesAKey();

class X509SvidTest : public testing::Test {
 protected:
  const TestAuthority authority_{"td"};
  const crypto::PrivateKey key_ = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kEd25519);
  const crypto::Certificate leaf_ = authority_.IssueLeaf("/node/cache/c1", key_.public_key(), {});
};

TEST_F(X509SvidTest, HoldsAMatchingPair) {
  const X509Svid svid = X509Svid::Create({leaf_}, key_).value();
  EXPECT_EQ(svid.id().ToString(), "spiffe://td/node/cache/c1");
  EXPECT_EQ(svid.leaf(), leaf_);
  EXPECT_EQ(svid.not_after(), leaf_.not_after());
  EXPECT_EQ(svid.not_before(), leaf_.not_before());
  EXPECT_EQ(svid.key().public_key(), key_.public_key());
  EXPECT_EQ(svid.chain_der(), std::vector<std::string>{leaf_.der()});
}

TEST_F(X509SvidTest, RefusesTheKeyOfAnotherLeaf) {
  const auto other = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kEd25519);
  EXPECT_EQ(X509Svid::Create({leaf_}, other).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(X509SvidTest, RefusesWhatIsNoLeaf) {
  EXPECT_EQ(ReasonOf(X509Svid::Create({authority_.ca()}, authority_.ca_key()).status()),
            Reason::kCertProfile);
  EXPECT_EQ(ReasonOf(X509Svid::Create({authority_.ca(), leaf_}, key_).status()),
            Reason::kCertProfile);
}

TEST_F(X509SvidTest, TheChainIsBounded) {
  EXPECT_EQ(ReasonOf(X509Svid::Create({}, key_).status()), Reason::kCertProfile);
  std::vector<crypto::Certificate> chain(crypto::kMaxChain, leaf_);
  EXPECT_TRUE(X509Svid::Create(chain, key_).ok());
  chain.push_back(leaf_);
  EXPECT_EQ(ReasonOf(X509Svid::Create(chain, key_).status()), Reason::kCertProfile);
}

TEST_F(X509SvidTest, RoundTripsThroughPem) {
  const X509Svid svid = X509Svid::Create({leaf_, authority_.ca()}, key_).value();
  const auto again = X509Svid::FromPem(svid.chain_pem(), svid.key_pem(kAccess));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->id(), svid.id());
  EXPECT_EQ(again->chain(), svid.chain());
  EXPECT_EQ(again->key().public_key(), key_.public_key());
}

TEST_F(X509SvidTest, RefusesDamagedPem) {
  const X509Svid svid = X509Svid::Create({leaf_}, key_).value();
  EXPECT_FALSE(X509Svid::FromPem("", svid.key_pem(kAccess)).ok());
  EXPECT_FALSE(X509Svid::FromPem(svid.chain_pem(), "").ok());
  EXPECT_FALSE(X509Svid::FromPem(svid.key_pem(kAccess), svid.key_pem(kAccess)).ok());
  EXPECT_FALSE(
      X509Svid::FromPem(crypto::EncodePem("CERTIFICATE", "junk"), svid.key_pem(kAccess)).ok());
}

}  // namespace
}  // namespace omninode::identity
