#include "common/crypto/certificate_issuer.h"

#include <gtest/gtest.h>

#include "common/base/status.h"
#include "common/crypto/certificate_spec.h"
#include "common/crypto/chain.h"
#include "common/crypto/csr.h"
#include "common/crypto/random.h"
#include "common/crypto/tls_pair.h"

namespace omninode::crypto {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

CaTemplate Ca() {
  return {.uri = "spiffe://td",
          .common_name = "td authority",
          .not_before = kNow - absl::Minutes(1),
          .not_after = kNow + absl::Hours(24)};
}

class Issuer : public testing::TestWithParam<KeyAlgorithm> {
 protected:
  LeafTemplate Leaf() const {
    return {.uri = "spiffe://td/node/cache/c1",
            .dns = {"c1.example", "localhost"},
            .key = leaf_key_.public_key(),
            .not_before = kNow - absl::Minutes(1),
            .not_after = kNow + absl::Hours(1),
            .serial = std::string(kSerialBytes, '\x81')};
  }

  const PrivateKey ca_key_ = PrivateKey::Generate(GetParam());
  const PrivateKey leaf_key_ = PrivateKey::Generate(KeyAlgorithm::kP256);
  const Certificate ca_ = CreateSelfSignedCa(Ca(), ca_key_).value();
  const CertificateIssuer issuer_ = CertificateIssuer::Create(ca_, ca_key_).value();
};

INSTANTIATE_TEST_SUITE_P(AllKeys, Issuer,
                         testing::Values(KeyAlgorithm::kP256, KeyAlgorithm::kEd25519,
                                         KeyAlgorithm::kRsa2048));

TEST_P(Issuer, TheAuthorityHasTheSigningProfile) {
  EXPECT_TRUE(ca_.is_ca());
  ASSERT_TRUE(ca_.key_usage().has_value());
  EXPECT_TRUE(ca_.key_usage()->critical);
  EXPECT_TRUE(ca_.key_usage()->key_cert_sign);
  EXPECT_TRUE(ca_.key_usage()->crl_sign);
  EXPECT_FALSE(ca_.key_usage()->digital_signature);
  EXPECT_EQ(ca_.uri_sans(), std::vector<std::string>{"spiffe://td"});
  EXPECT_EQ(ca_.subject(), ca_.issuer());
  EXPECT_EQ(ca_.subject_key_id(), ca_.authority_key_id());
  EXPECT_EQ(ca_.subject_key_id().size(), 40u);
  EXPECT_EQ(*ca_.public_key(), ca_key_.public_key());
  EXPECT_FALSE(ca_.unknown_critical_extension());
}

TEST_P(Issuer, NoTwoAuthoritiesShareASubject) {
  const Certificate other = CreateSelfSignedCa(Ca(), ca_key_).value();
  EXPECT_NE(other.subject_der(), ca_.subject_der());
  EXPECT_NE(other.serial_hex(), ca_.serial_hex());
}

TEST_P(Issuer, ALeafHasTheSvidProfile) {
  const Certificate leaf = issuer_.IssueLeaf(Leaf()).value();
  EXPECT_EQ(leaf.uri_sans(), std::vector<std::string>{"spiffe://td/node/cache/c1"});
  EXPECT_EQ(leaf.dns_sans(), (std::vector<std::string>{"c1.example", "localhost"}));
  EXPECT_EQ(leaf.other_san_count(), 0u);
  EXPECT_FALSE(leaf.is_ca());
  ASSERT_TRUE(leaf.key_usage().has_value());
  EXPECT_TRUE(leaf.key_usage()->critical);
  EXPECT_TRUE(leaf.key_usage()->digital_signature);
  EXPECT_FALSE(leaf.key_usage()->key_cert_sign);
  EXPECT_FALSE(leaf.key_usage()->crl_sign);
  ASSERT_TRUE(leaf.ext_key_usage().has_value());
  EXPECT_TRUE(leaf.ext_key_usage()->server_auth);
  EXPECT_TRUE(leaf.ext_key_usage()->client_auth);
  EXPECT_EQ(leaf.authority_key_id(), ca_.subject_key_id());
  EXPECT_EQ(leaf.subject(), "O=OmniNode");
  EXPECT_EQ(leaf.issuer(), ca_.subject());
  EXPECT_EQ(leaf.serial_hex(), "81818181818181818181818181818181");
  EXPECT_EQ(leaf.not_before(), kNow - absl::Minutes(1));
  EXPECT_EQ(leaf.not_after(), kNow + absl::Hours(1));
  EXPECT_TRUE(CheckKeyMatches(leaf, leaf_key_).ok());
  EXPECT_EQ(CheckKeyMatches(leaf, ca_key_).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_P(Issuer, ALeafVerifiesAgainstItsAuthority) {
  const Certificate leaf = issuer_.IssueLeaf(Leaf()).value();
  EXPECT_TRUE(VerifyChain(leaf, {}, {{ca_}}, kNow).ok());
}

TEST_P(Issuer, TheLifeIsCappedByTheAuthority) {
  LeafTemplate leaf = Leaf();
  leaf.not_after = kNow + absl::Hours(48);
  EXPECT_EQ(issuer_.IssueLeaf(leaf).value().not_after(), ca_.not_after());
  leaf.not_before = ca_.not_after();
  EXPECT_EQ(issuer_.IssueLeaf(leaf).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_P(Issuer, AnAuthorityBelowSignsToo) {
  const PrivateKey key = PrivateKey::Generate(KeyAlgorithm::kP256);
  const Certificate below = issuer_.IssueCa(Ca(), key.public_key()).value();
  EXPECT_TRUE(below.is_ca());
  EXPECT_EQ(below.authority_key_id(), ca_.subject_key_id());
  const CertificateIssuer lower = CertificateIssuer::Create(below, key).value();
  const Certificate leaf = lower.IssueLeaf(Leaf()).value();
  EXPECT_TRUE(VerifyChain(leaf, {{below}}, {{ca_}}, kNow).ok());
  EXPECT_FALSE(VerifyChain(leaf, {}, {{ca_}}, kNow).ok());
}

TEST_P(Issuer, RefusesBadTemplates) {
  const auto refused = [&](auto change) {
    LeafTemplate leaf = Leaf();
    change(leaf);
    return issuer_.IssueLeaf(leaf).status().code() == absl::StatusCode::kInvalidArgument;
  };
  EXPECT_FALSE(refused([](LeafTemplate&) {}));
  EXPECT_TRUE(refused([](LeafTemplate& leaf) { leaf.uri = "https://td/x"; }));
  EXPECT_TRUE(refused([](LeafTemplate& leaf) { leaf.uri = "spiffe://td/a\n"; }));
  EXPECT_TRUE(refused([](LeafTemplate& leaf) { leaf.uri = "spiffe://" + std::string(2040, 'a'); }));
  EXPECT_FALSE(
      refused([](LeafTemplate& leaf) { leaf.uri = "spiffe://" + std::string(2039, 'a'); }));
  EXPECT_TRUE(refused([](LeafTemplate& leaf) { leaf.serial.pop_back(); }));
  EXPECT_TRUE(refused([](LeafTemplate& leaf) { leaf.not_after = leaf.not_before; }));
  EXPECT_TRUE(refused([](LeafTemplate& leaf) { leaf.not_after = absl::InfiniteFuture(); }));
  EXPECT_TRUE(refused([](LeafTemplate& leaf) { leaf.dns = {""}; }));
  EXPECT_TRUE(refused([](LeafTemplate& leaf) { leaf.dns = {std::string(254, 'a')}; }));
  EXPECT_FALSE(refused([](LeafTemplate& leaf) { leaf.dns.assign(kMaxDnsSans, "a"); }));
  EXPECT_TRUE(refused([](LeafTemplate& leaf) { leaf.dns.assign(kMaxDnsSans + 1, "a"); }));
}

TEST_P(Issuer, RefusesAuthoritiesThatMayNotSign) {
  const Certificate leaf = issuer_.IssueLeaf(Leaf()).value();
  EXPECT_FALSE(CertificateIssuer::Create(leaf, leaf_key_).ok());
  EXPECT_FALSE(CertificateIssuer::Create(ca_, leaf_key_).ok());
  CertificateSpec spec{.serial = "1", .key = ca_key_.public_key()};
  spec.issuer_der = spec.subject_der = EncodeName({.common_name = "no key id"});
  spec.not_before = kNow;
  spec.not_after = kNow + absl::Hours(1);
  spec.is_ca = true;
  spec.key_usage = kUsageKeyCertSign;
  const Certificate no_key_id = Certificate::FromDer(SignCertificate(spec, ca_key_)).value();
  EXPECT_FALSE(CertificateIssuer::Create(no_key_id, ca_key_).ok());
}

TEST_P(Issuer, RefusesBadAuthorityTemplates) {
  const auto refused = [&](auto change) {
    CaTemplate ca = Ca();
    change(ca);
    return !CreateSelfSignedCa(ca, ca_key_).ok() && !issuer_.IssueCa(ca, ca_key_.public_key()).ok();
  };
  EXPECT_FALSE(refused([](CaTemplate&) {}));
  EXPECT_TRUE(refused([](CaTemplate& ca) { ca.uri = "td"; }));
  EXPECT_TRUE(refused([](CaTemplate& ca) { ca.common_name = ""; }));
  EXPECT_FALSE(refused([](CaTemplate& ca) { ca.common_name = std::string(64, 'n'); }));
  EXPECT_TRUE(refused([](CaTemplate& ca) { ca.common_name = std::string(65, 'n'); }));
  EXPECT_TRUE(refused([](CaTemplate& ca) { ca.not_after = ca.not_before; }));
}

}  // namespace
}  // namespace omninode::crypto
