#include "common/identity/svid_profile.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/identity/testing/test_authority.h"

namespace omninode::identity {
namespace {

class SvidProfile : public testing::Test {
 protected:
  using Spec = crypto::CertificateSpec;

  absl::StatusOr<SpiffeId> Check(std::function<void(Spec&)> change) const {
    return CheckLeafProfile(
        authority_.IssueLeaf("/node/cache/c1", key_, {.change = std::move(change)}));
  }
  std::optional<Reason> ReasonFor(std::function<void(Spec&)> change) const {
    return ReasonOf(Check(std::move(change)).status());
  }
  std::optional<Reason> SigningReasonFor(std::function<void(Spec&)> change) const {
    const auto authority = [&](Spec& spec) {
      spec.is_ca = true;
      spec.uris = {"spiffe://td"};
      spec.key_usage = crypto::kUsageKeyCertSign | crypto::kUsageCrlSign;
      spec.server_auth = spec.client_auth = false;
      change(spec);
    };
    return ReasonOf(CheckSigningProfile(authority_.IssueLeaf("/x", key_, {.change = authority})));
  }

  const TestAuthority authority_{"td"};
  const crypto::PublicKey key_ =
      crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256).public_key();
};

TEST_F(SvidProfile, GivesTheIdOfALeaf) {
  EXPECT_EQ(Check([](Spec&) {})->ToString(), "spiffe://td/node/cache/c1");
}

TEST_F(SvidProfile, TheIssuersLeafAndAuthorityFit) {
  const crypto::LeafTemplate leaf{.uri = "spiffe://td/a",
                                  .key = key_,
                                  .not_before = TestAuthority::DefaultNow(),
                                  .not_after = TestAuthority::DefaultNow() + absl::Hours(1),
                                  .serial = std::string(crypto::kSerialBytes, '1')};
  EXPECT_TRUE(CheckLeafProfile(authority_.issuer().IssueLeaf(leaf).value()).ok());
  EXPECT_TRUE(CheckSigningProfile(authority_.ca()).ok());
}

TEST_F(SvidProfile, ALeafHasExactlyOneUri) {
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.uris.clear(); }), Reason::kCertProfile);
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.uris.push_back("spiffe://td/b"); }),
            Reason::kCertProfile);
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.uris.push_back("https://td/b"); }),
            Reason::kCertProfile);
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.uris.push_back(spec.uris[0]); }), Reason::kCertProfile);
}

TEST_F(SvidProfile, OtherNamesAreAllowed) {
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.dns = {"a.example", "b.example"}; }), std::nullopt);
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.emails = {"a@example"}; }), std::nullopt);
}

TEST_F(SvidProfile, TheUriIsASpiffeIdWithAPath) {
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.uris = {"https://td/a"}; }), Reason::kSpiffeIdInvalid);
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.uris = {"spiffe://td/a/"}; }),
            Reason::kSpiffeIdInvalid);
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.uris = {"spiffe://td"}; }), Reason::kCertProfile);
}

TEST_F(SvidProfile, ALeafIsNoAuthority) {
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.is_ca = true; }), Reason::kCertProfile);
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.is_ca.reset(); }), std::nullopt);
}

TEST_F(SvidProfile, KeyUsageIsCriticalAndForSigningMessagesOnly) {
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.key_usage.reset(); }), Reason::kCertProfile);
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.key_usage_critical = false; }), Reason::kCertProfile);
  for (const unsigned usage : {1U << 2U, 1U << 5U, 1U << 6U, 1U | (1U << 5U), 1U | (1U << 6U)}) {
    EXPECT_EQ(ReasonFor([&](Spec& spec) { spec.key_usage = static_cast<std::uint16_t>(usage); }),
              Reason::kCertProfile)
        << usage;
  }
  // What SPIRE issues: digitalSignature, keyEncipherment, keyAgreement.
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.key_usage = 1U | (1U << 2U) | (1U << 4U); }),
            std::nullopt);
}

TEST_F(SvidProfile, ExtendedKeyUsageIsAbsentOrBoth) {
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.server_auth = spec.client_auth = false; }),
            std::nullopt);
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.server_auth = false; }), Reason::kCertProfile);
  EXPECT_EQ(ReasonFor([](Spec& spec) { spec.client_auth = false; }), Reason::kCertProfile);
}

TEST_F(SvidProfile, UnknownCriticalExtensionsAreRefused) {
  const auto with = [](bool critical) {
    return [critical](Spec& spec) { spec.extra = {{"\x2a\x03\x04", critical, "x"}}; };
  };
  EXPECT_EQ(ReasonFor(with(true)), Reason::kCertProfile);
  EXPECT_EQ(ReasonFor(with(false)), std::nullopt);
}

TEST_F(SvidProfile, AnAuthorityMaySignCertificates) {
  EXPECT_EQ(SigningReasonFor([](Spec&) {}), std::nullopt);
  EXPECT_EQ(SigningReasonFor([](Spec& spec) { spec.is_ca = false; }), Reason::kCertProfile);
  EXPECT_EQ(SigningReasonFor([](Spec& spec) { spec.key_usage.reset(); }), Reason::kCertProfile);
  EXPECT_EQ(SigningReasonFor([](Spec& spec) { spec.key_usage_critical = false; }),
            Reason::kCertProfile);
  EXPECT_EQ(SigningReasonFor([](Spec& spec) { spec.key_usage = crypto::kUsageCrlSign; }),
            Reason::kCertProfile);
}

TEST_F(SvidProfile, AnAuthoritysIdHasNoPath) {
  EXPECT_EQ(SigningReasonFor([](Spec& spec) { spec.uris.clear(); }), std::nullopt);
  EXPECT_EQ(SigningReasonFor([](Spec& spec) { spec.uris = {"spiffe://td/a"}; }),
            Reason::kCertProfile);
  EXPECT_EQ(SigningReasonFor([](Spec& spec) { spec.uris.push_back("spiffe://other"); }),
            Reason::kCertProfile);
}

}  // namespace
}  // namespace omninode::identity
