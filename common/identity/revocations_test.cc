#include "common/identity/revocations.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/identity/testing/test_authority.h"

namespace omninode::identity {
namespace {

const absl::Time kNow = TestAuthority::DefaultNow();

class RevocationsTest : public testing::Test {
 protected:
  Revocations Bans(const std::vector<Ban>& bans) const {
    return Revocations::Create({}, bans).value();
  }

  const TestAuthority authority_{"td"};
  const SpiffeId id_ = authority_.Id("/node/cache/c1");
  const crypto::PublicKey key_ =
      crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256).public_key();
};

TEST_F(RevocationsTest, NothingIsRevokedByDefault) {
  const Revocations none;
  EXPECT_FALSE(none.IsRevoked(authority_.Issue("/a").leaf()));
  EXPECT_FALSE(none.IsBanned(id_, kNow));
  EXPECT_EQ(none.size(), 0u);
}

TEST_F(RevocationsTest, OneCertificateIsRevokedAndNoOther) {
  const crypto::Certificate one = authority_.Issue("/a").leaf();
  const crypto::Certificate two = authority_.Issue("/a").leaf();
  const Revocations revocations = Revocations::Create({RevokedCertificate::Of(one)}, {}).value();
  EXPECT_TRUE(revocations.IsRevoked(one));
  EXPECT_FALSE(revocations.IsRevoked(two));
  EXPECT_EQ(revocations.size(), 1u);
}

TEST_F(RevocationsTest, ASerialCountsOnlyWithItsIssuer) {
  const TestAuthority other{"td"};
  const TestAuthority::IssueOptions same_serial{
      .change = [](crypto::CertificateSpec& spec) { spec.serial = "same"; }};
  const crypto::Certificate one = authority_.IssueLeaf("/a", key_, same_serial);
  const crypto::Certificate two = other.IssueLeaf("/a", key_, same_serial);
  ASSERT_EQ(one.serial_hex(), two.serial_hex());
  const Revocations revocations = Revocations::Create({RevokedCertificate::Of(one)}, {}).value();
  EXPECT_TRUE(revocations.IsRevoked(one));
  EXPECT_FALSE(revocations.IsRevoked(two));
}

TEST_F(RevocationsTest, AStandingBanRefusesEveryCertificate) {
  const Revocations revocations = Bans({{id_, kNow}});
  EXPECT_TRUE(revocations.IsBanned(id_, kNow - absl::Hours(1)));
  EXPECT_TRUE(revocations.IsBanned(id_, kNow + absl::Hours(1)));
  EXPECT_FALSE(revocations.IsBanned(authority_.Id("/node/cache/c2"), kNow));
}

TEST_F(RevocationsTest, ALiftedBanRefusesOlderCertificatesOnly) {
  const Revocations revocations = Bans({{id_, kNow, true}});
  EXPECT_TRUE(revocations.IsBanned(id_, kNow - absl::Seconds(1)));
  EXPECT_TRUE(revocations.IsBanned(id_, kNow));
  EXPECT_FALSE(revocations.IsBanned(id_, kNow + absl::Seconds(1)));
}

TEST_F(RevocationsTest, TheStricterOfTwoBansCounts) {
  for (const bool standing_first : {true, false}) {
    std::vector<Ban> bans{{id_, kNow, !standing_first},
                          {id_, kNow - absl::Hours(1), standing_first}};
    EXPECT_TRUE(Bans(bans).IsBanned(id_, kNow + absl::Hours(1))) << standing_first;
  }
  const Revocations lifted = Bans({{id_, kNow, true}, {id_, kNow - absl::Hours(1), true}});
  EXPECT_TRUE(lifted.IsBanned(id_, kNow));
  EXPECT_FALSE(lifted.IsBanned(id_, kNow + absl::Seconds(1)));
}

TEST_F(RevocationsTest, TheNumberIsBounded) {
  std::vector<RevokedCertificate> certificates;
  for (std::size_t i = 1; i < Revocations::kMaxEntries; ++i) {
    certificates.push_back({"aa", std::to_string(i)});
  }
  const auto at_bound = Revocations::Create(certificates, {{id_, kNow}});
  ASSERT_TRUE(at_bound.ok()) << at_bound.status();
  EXPECT_EQ(at_bound->size(), Revocations::kMaxEntries);
  certificates.push_back({"aa", "0"});
  EXPECT_EQ(ReasonOf(Revocations::Create(certificates, {{id_, kNow}}).status()),
            Reason::kArgumentInvalid);
}

}  // namespace
}  // namespace omninode::identity
