#include "services/bootstrap/issuance/issuer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/crypto/csr.h"
#include "common/identity/svid_profile.h"
#include "common/identity/testing/test_authority.h"
#include "common/identity/verifier.h"

namespace omninode::bootstrap {
namespace {

using crypto::KeyAlgorithm;
using crypto::PrivateKey;
using identity::TestAuthority;

const absl::Time kNow = TestAuthority::DefaultNow();

class IssuerTest : public testing::Test {
 protected:
  IssueRequest Request(std::string_view path = "/node/cache/c1") const {
    return {.id = authority_.Id(path),
            .key = key_.public_key(),
            .ttl = absl::Hours(1),
            .dns_names = {"c1.cache.example"},
            .path = IssuePath::kAttested,
            .actor = "token:t1"};
  }

  const TestAuthority authority_{"example.org"};
  const PrivateKey key_ = PrivateKey::Generate(KeyAlgorithm::kP256);
  const Issuer issuer_{authority_.trust_domain(), authority_.issuer()};
};

// G18, for every kind of key.
TEST_F(IssuerTest, EveryLeafHasTheSvidProfile) {
  for (const KeyAlgorithm algorithm :
       {KeyAlgorithm::kP256, KeyAlgorithm::kEd25519, KeyAlgorithm::kRsa2048}) {
    IssueRequest request = Request();
    request.key = PrivateKey::Generate(algorithm).public_key();
    const auto issued = issuer_.Issue(request, std::nullopt, kNow);
    ASSERT_TRUE(issued.ok()) << issued.status();
    const crypto::Certificate& leaf = issued->leaf;
    EXPECT_EQ(leaf.uri_sans(), std::vector<std::string>{request.id.ToString()});
    EXPECT_EQ(leaf.dns_sans(), request.dns_names);
    EXPECT_EQ(leaf.other_san_count(), 0u);
    EXPECT_FALSE(leaf.is_ca());
    ASSERT_TRUE(leaf.key_usage().has_value());
    EXPECT_TRUE(leaf.key_usage()->critical && leaf.key_usage()->digital_signature);
    EXPECT_FALSE(leaf.key_usage()->key_cert_sign || leaf.key_usage()->crl_sign);
    ASSERT_TRUE(leaf.ext_key_usage().has_value());
    EXPECT_TRUE(leaf.ext_key_usage()->server_auth && leaf.ext_key_usage()->client_auth);
    EXPECT_LE(leaf.not_after() - kNow, request.ttl);
    EXPECT_EQ(leaf.public_key().value(), request.key);
    EXPECT_EQ(identity::CheckLeafProfile(leaf).value(), request.id);
    EXPECT_TRUE(identity::VerifySvid({leaf}, *authority_.Trust(), kNow).ok());
  }
}

// Made by `openssl req`: subject O=Evil, CN=root; URI, DNS, IP and e-mail names; P-256.
constexpr std::string_view kGreedyCsr =
    "MIIBYjCCAQkCAQAwHjENMAsGA1UECgwERXZpbDENMAsGA1UEAwwEcm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEH"
    "A0IABMTiADKEgMdbVs4zuECsDzo1AKEyYGs6yFuJhRXFbH+IXXTQggWkBNNx0sK3rVRhwF12TW8W2hyK1W4K+SuT"
    "hG2ggYgwgYUGCSqGSIb3DQEJDjF4MHYwdAYDVR0RBG0wa4Yfc3BpZmZlOi8vZXhhbXBsZS5vcmcvYWRtaW4vcm9v"
    "dIYic3BpZmZlOi8vZXhhbXBsZS5vcmcvbm9kZS9jYWNoZS9jOYIMZXZpbC5leGFtcGxlhwQKAAABgRByb290QGV4"
    "YW1wbGUub3JnMAoGCCqGSM49BAMCA0cAMEQCIAyQV/XKl3wvdP7amiRviIu2cb7zfoypIY2qsjBU4S8QAiBWina1"
    "VRj+696dU1vot5rlkxrqSHxP4HHljqxi9enTtw==";

// G19, T31.
TEST_F(IssuerTest, NothingOfARequestButTheKeyReachesTheLeaf) {
  const std::string der = Base64Decode(kGreedyCsr).value();
  ASSERT_NE(der.find("evil.example"), std::string::npos);
  const auto key = crypto::CheckCsr(der);
  ASSERT_TRUE(key.ok()) << key.status();
  IssueRequest request = Request();
  request.key = *key;
  const auto issued = issuer_.Issue(request, std::nullopt, kNow).value();
  EXPECT_EQ(issued.leaf.subject(), "O=OmniNode");
  EXPECT_EQ(issued.leaf.uri_sans(), std::vector<std::string>{request.id.ToString()});
  EXPECT_EQ(issued.leaf.dns_sans(), request.dns_names);
  EXPECT_EQ(issued.leaf.other_san_count(), 0u);
  EXPECT_EQ(issued.leaf.public_key().value(), *key);
  for (const char* wish : {"Evil", "root", "evil.example", "cache/c9"}) {
    EXPECT_EQ(issued.leaf.der().find(wish), std::string::npos) << wish;
  }
}

TEST_F(IssuerTest, TheRecordSaysWhatTheLeafSays) {
  const auto issued = issuer_.Issue(Request(), std::nullopt, kNow).value();
  const IssueRecord& record = issued.record;
  EXPECT_EQ(record.serial, issued.leaf.serial_hex());
  EXPECT_EQ(record.id, Request().id);
  EXPECT_EQ(record.key_fingerprint, key_.public_key().fingerprint());
  EXPECT_EQ(record.not_before, issued.leaf.not_before());
  EXPECT_EQ(record.not_after, issued.leaf.not_after());
  EXPECT_EQ(record.authority_key_id, authority_.ca().subject_key_id());
  EXPECT_EQ(record.path, IssuePath::kAttested);
  EXPECT_EQ(record.actor, "token:t1");
}

TEST_F(IssuerTest, SerialsDiffer) {
  EXPECT_NE(issuer_.Issue(Request(), std::nullopt, kNow)->record.serial,
            issuer_.Issue(Request(), std::nullopt, kNow)->record.serial);
}

TEST_F(IssuerTest, RefusesWhatThePathDoesNotGive) {
  EXPECT_EQ(
      ReasonOf(issuer_.Issue(Request("/service/registry/registry-1"), std::nullopt, kNow).status()),
      Reason::kSpiffeIdInvalid);
  EXPECT_EQ(ReasonOf(issuer_.Issue(Request("/admin/root"), std::nullopt, kNow).status()),
            Reason::kSpiffeIdInvalid);
}

TEST_F(IssuerTest, ALeafIsCappedByItsAuthority) {
  IssueRequest request = Request();
  request.ttl = absl::Hours(1000);
  EXPECT_EQ(issuer_.Issue(request, std::nullopt, kNow)->leaf.not_after(),
            authority_.ca().not_after());
  EXPECT_EQ(ReasonOf(issuer_.Issue(request, std::nullopt, authority_.ca().not_after()).status()),
            Reason::kInternal);
}

TEST_F(IssuerTest, ALeafAfterALiftedBanIsBelievedAndOneFromBeforeIsNot) {
  const auto before = issuer_.Issue(Request(), std::nullopt, kNow).value();
  const auto after = issuer_.Issue(Request(), kNow, kNow + absl::Seconds(2)).value();
  const auto trust =
      authority_.Trust(2, identity::Revocations::Create({}, {{Request().id, kNow, true}}).value());
  const absl::Time later = kNow + absl::Seconds(3);
  EXPECT_EQ(ReasonOf(identity::VerifySvid({before.leaf}, *trust, later).status()),
            Reason::kIdentityBanned);
  EXPECT_TRUE(identity::VerifySvid({after.leaf}, *trust, later).ok());
}

}  // namespace
}  // namespace omninode::bootstrap
