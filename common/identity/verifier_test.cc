#include "common/identity/verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/crypto/chain.h"
#include "common/identity/testing/test_authority.h"

namespace omninode::identity {
namespace {

const absl::Time kNow = TestAuthority::DefaultNow();

std::optional<Reason> VerifyReason(const std::vector<std::string>& chain, const TrustState& trust,
                                   absl::Time now = kNow) {
  return ReasonOf(VerifySvid(chain, trust, now).status());
}

class Verifier : public testing::Test {
 protected:
  std::optional<Reason> ReasonFor(std::function<void(crypto::CertificateSpec&)> change) const {
    const crypto::Certificate leaf =
        a_.IssueLeaf("/node/cache/c1", key_, {.change = std::move(change)});
    return VerifyReason({leaf.der()}, *a_.Trust());
  }
  // What td-a believes when it is federated with td-b.
  TrustStatePtr Federated() const { return a_.Trust(1, Revocations(), {b_.bundle()}); }
  VerifiedSvidPtr Verified(const X509Svid& svid, const TrustState& trust) const {
    return std::make_shared<const VerifiedSvid>(VerifySvid(svid.chain_der(), trust, kNow).value());
  }

  const TestAuthority a_{"td-a"};
  const TestAuthority b_{"td-b"};
  const crypto::PublicKey key_ =
      crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256).public_key();
};

TEST_F(Verifier, GivesTheIdentityOfALeaf) {
  for (const auto algorithm : {crypto::KeyAlgorithm::kP256, crypto::KeyAlgorithm::kEd25519,
                               crypto::KeyAlgorithm::kRsa2048}) {
    const X509Svid svid = a_.Issue("/node/cache/c1", {.algorithm = algorithm});
    const auto verified = VerifySvid(svid.chain_der(), *a_.Trust(), kNow);
    ASSERT_TRUE(verified.ok()) << verified.status();
    EXPECT_EQ(verified->id.ToString(), "spiffe://td-a/node/cache/c1");
    ASSERT_TRUE(verified->principal.has_value());
    EXPECT_EQ(verified->principal->kind(), Principal::Kind::kNode);
    EXPECT_EQ(verified->leaf(), svid.leaf());
    EXPECT_EQ(verified->fingerprint(), svid.leaf().fingerprint());
    EXPECT_EQ(verified->key, svid.key().public_key());
    EXPECT_EQ(verified->valid_until, svid.not_after());
  }
}

TEST_F(Verifier, PathsWithoutRoleHaveNoPrincipal) {
  const auto verified = VerifySvid(a_.Issue("/spire/agent/x").chain_der(), *a_.Trust(), kNow);
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_FALSE(verified->principal.has_value());
}

TEST_F(Verifier, PathsOfAnotherTrustDomainHaveNoPrincipal) {
  const auto verified = VerifySvid(b_.Issue("/admin/mallory").chain_der(), *Federated(), kNow);
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->id.ToString(), "spiffe://td-b/admin/mallory");
  EXPECT_FALSE(verified->principal.has_value());
}

TEST_F(Verifier, AnotherDomainsAuthorityCannotVouchForUs) {
  const X509Svid forged = b_.Issue("spiffe://td-a/admin/mallory");
  EXPECT_EQ(VerifyReason(forged.chain_der(), *Federated()), Reason::kCertUntrusted);
  // Nor may it be slipped in as an intermediate.
  EXPECT_EQ(VerifyReason({forged.leaf().der(), b_.ca().der()}, *Federated()),
            Reason::kCertUntrusted);
}

TEST_F(Verifier, UnknownTrustDomainsAreRefused) {
  EXPECT_EQ(VerifyReason(b_.Issue("/x").chain_der(), *a_.Trust()), Reason::kTdMismatch);
}

TEST_F(Verifier, AnEmptyBundleBelievesNobody) {
  TrustState trust{.own = a_.trust_domain()};
  trust.bundles = BundleSet::Create({TrustBundle::Create(a_.trust_domain(), {}).value()}).value();
  EXPECT_EQ(VerifyReason(a_.Issue("/x").chain_der(), trust), Reason::kCertUntrusted);
}

TEST_F(Verifier, HostileLeavesAreRefused) {
  using Spec = crypto::CertificateSpec;
  EXPECT_EQ(ReasonFor([](Spec&) {}), std::nullopt);
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.uris.push_back("spiffe://td-a/b"); }),
            Reason::kCertProfile);
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.uris.clear(); }), Reason::kCertProfile);
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.uris = {"spiffe://td-a/../b"}; }),
            Reason::kSpiffeIdInvalid);
  EXPECT_EQ(ReasonFor([](Spec& spec) {
              spec.is_ca = true;
              spec.key_usage = crypto::kUsageDigitalSignature | crypto::kUsageKeyCertSign;
            }),
            Reason::kCertProfile);
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.server_auth = false; }), Reason::kCertProfile);
  EXPECT_EQ(ReasonFor([](Spec& spec) {
              spec.extra = {{"\x2a\x03\x04", true, "x"}};
            }),
            Reason::kCertProfile);
}

TEST_F(Verifier, TheAuthorityItselfDoesNotAuthenticate) {
  EXPECT_EQ(VerifyReason({a_.ca().der()}, *a_.Trust()), Reason::kCertProfile);
}

TEST_F(Verifier, SelfSignedLeavesAreUntrusted) {
  const crypto::PrivateKey own = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
  crypto::CertificateSpec spec{.serial = "1", .key = own.public_key()};
  spec.issuer_der = spec.subject_der = a_.ca().subject_der();
  spec.not_before = kNow - absl::Hours(1);
  spec.not_after = kNow + absl::Hours(1);
  spec.uris = {"spiffe://td-a/x"};
  spec.key_usage = crypto::kUsageDigitalSignature;
  EXPECT_EQ(VerifyReason({crypto::SignCertificate(spec, own)}, *a_.Trust()),
            Reason::kCertUntrusted);
}

TEST_F(Verifier, LeavesAreValidInTheirTimeOnly) {
  const X509Svid svid = a_.Issue("/x");
  const auto reason = [&](absl::Time now) {
    return VerifyReason(svid.chain_der(), *a_.Trust(), now);
  };
  EXPECT_EQ(reason(svid.not_before() - absl::Seconds(1)), Reason::kCertExpired);
  EXPECT_EQ(reason(svid.not_before()), std::nullopt);
  EXPECT_EQ(reason(svid.not_after() - absl::Seconds(1)), std::nullopt);
  EXPECT_EQ(reason(svid.not_after()), Reason::kCertExpired);
}

TEST_F(Verifier, ThePathEndsWithTheAuthority) {
  const X509Svid svid = a_.Issue("/x", {.ttl = absl::Hours(100)});
  const auto verified = VerifySvid(svid.chain_der(), *a_.Trust(), kNow);
  EXPECT_EQ(verified->valid_until, a_.ca().not_after());
}

TEST_F(Verifier, TheChainIsBoundedBeforeItIsParsed) {
  const std::string leaf = a_.Issue("/x").leaf().der();
  EXPECT_EQ(VerifyReason({}, *a_.Trust()), Reason::kCertProfile);
  std::vector<std::string> chain(crypto::kMaxChain, leaf);
  EXPECT_EQ(VerifyReason(chain, *a_.Trust()), std::nullopt);
  chain.push_back("not even a certificate");
  const auto status = VerifySvid(chain, *a_.Trust(), kNow).status();
  EXPECT_EQ(ReasonOf(status), Reason::kCertProfile);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("chain of 5"));
}

TEST_F(Verifier, UnreadableCertificatesAreRefused) {
  EXPECT_EQ(VerifyReason({"junk"}, *a_.Trust()), Reason::kCertProfile);
  EXPECT_EQ(VerifyReason({a_.Issue("/x").leaf().der(), "junk"}, *a_.Trust()), Reason::kCertProfile);
}

class VerifierRevocation : public Verifier {
 protected:
  const X509Svid svid_ = a_.Issue("/node/cache/c1");
  const TrustStatePtr revoked_ =
      a_.Trust(2, Revocations::Create({RevokedCertificate::Of(svid_.leaf())}, {}).value());
  const TrustStatePtr banned_ = a_.Trust(2, Revocations::Create({}, {{svid_.id(), kNow}}).value());
};

TEST_F(VerifierRevocation, RevokedLeavesAndBannedIdentitiesAreRefused) {
  EXPECT_EQ(VerifyReason(svid_.chain_der(), *revoked_), Reason::kCertRevoked);
  EXPECT_EQ(VerifyReason(svid_.chain_der(), *banned_), Reason::kIdentityBanned);
  EXPECT_EQ(VerifyReason(a_.Issue("/node/cache/c2").chain_der(), *banned_), std::nullopt);
}

TEST_F(VerifierRevocation, ACertificateFromBeforeALiftedBanIsToldSo) {
  const auto trust =
      a_.Trust(2, Revocations::Create({}, {{svid_.id(), kNow, /*lifted=*/true}}).value());
  const absl::Status old = VerifySvid(svid_.chain_der(), *trust, kNow).status();
  EXPECT_EQ(ReasonOf(old), Reason::kIdentityBanned);
  EXPECT_NE(old.ToString().find("get a new one"), std::string::npos);
}

TEST_F(VerifierRevocation, ARevokedIntermediateTakesItsLeavesAlong) {
  const crypto::PrivateKey key = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
  const crypto::CaTemplate ca{.uri = "spiffe://td-a",
                              .common_name = "below",
                              .not_before = kNow - absl::Hours(1),
                              .not_after = kNow + absl::Hours(1)};
  const crypto::Certificate below = a_.issuer().IssueCa(ca, key.public_key()).value();
  const auto issuer = crypto::CertificateIssuer::Create(below, key).value();
  const auto leaf = issuer.IssueLeafDer({.uri = "spiffe://td-a/x",
                                         .key = key_,
                                         .not_before = kNow,
                                         .not_after = kNow + absl::Minutes(5),
                                         .serial = std::string(crypto::kSerialBytes, '1')});
  const std::vector<std::string> chain{*leaf, below.der()};
  EXPECT_EQ(VerifyReason(chain, *a_.Trust()), std::nullopt);
  const auto trust = a_.Trust(2, Revocations::Create({RevokedCertificate::Of(below)}, {}).value());
  EXPECT_EQ(VerifyReason(chain, *trust), Reason::kCertRevoked);
}

TEST_F(VerifierRevocation, RecheckGivesTheSameObjectWhileNothingChanged) {
  const VerifiedSvidPtr svid = Verified(svid_, *a_.Trust(1));
  EXPECT_EQ(RecheckSvid(svid, *a_.Trust(2), kNow).value(), svid);
}

TEST_F(VerifierRevocation, RecheckNoticesWhatChanged) {
  const VerifiedSvidPtr svid = Verified(svid_, *a_.Trust(1));
  EXPECT_EQ(ReasonOf(RecheckSvid(svid, *revoked_, kNow).status()), Reason::kCertRevoked);
  EXPECT_EQ(ReasonOf(RecheckSvid(svid, *banned_, kNow).status()), Reason::kIdentityBanned);
  EXPECT_EQ(ReasonOf(RecheckSvid(svid, *a_.Trust(2), svid_.not_after()).status()),
            Reason::kCertExpired);
  EXPECT_EQ(ReasonOf(RecheckSvid(svid, *b_.Trust(2), kNow).status()), Reason::kTdMismatch);
}

TEST_F(VerifierRevocation, RecheckFollowsAChangedBundle) {
  const VerifiedSvidPtr svid = Verified(svid_, *a_.Trust(1));
  TrustState both{.own = a_.trust_domain(), .sequence = 2};
  both.bundles =
      BundleSet::Create({TrustBundle::Create(a_.trust_domain(), {a_.ca(), b_.ca()}).value()})
          .value();
  const auto again = RecheckSvid(svid, both, kNow);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_NE(*again, svid);
  EXPECT_NE((*again)->bundle, svid->bundle);
  EXPECT_EQ((*again)->id, svid->id);

  TrustState without{.own = a_.trust_domain(), .sequence = 3};
  without.bundles =
      BundleSet::Create({TrustBundle::Create(a_.trust_domain(), {b_.ca()}).value()}).value();
  EXPECT_EQ(ReasonOf(RecheckSvid(svid, without, kNow).status()), Reason::kCertUntrusted);
}

}  // namespace
}  // namespace omninode::identity
