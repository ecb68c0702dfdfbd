#include "services/bootstrap/attestation/join_token.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::bootstrap {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
const identity::SpiffeId kId =
    identity::SpiffeId::Parse("spiffe://example.org/node/cache/c1").value();

absl::StatusOr<NewJoinToken> Make(std::optional<absl::Duration> ttl) {
  return MakeJoinToken(kId, ttl, "spiffe://example.org/admin/root", kNow);
}

TEST(JoinTokenTest, TheSeedIsTheSecretHalfOfTheKeptKey) {
  const NewJoinToken made = Make(std::nullopt).value();
  ASSERT_EQ(made.seed.size(), crypto::PrivateKey::kSeedBytes);
  const auto key = crypto::PrivateKey::FromSeed(made.seed);
  EXPECT_TRUE(made.token.public_key
                  .Verify(crypto::SignatureAlgorithm::kEd25519, "message", key.Sign("message"))
                  .ok());
  EXPECT_EQ(made.token.spiffe_id, kId);
  EXPECT_EQ(made.token.created_by, "spiffe://example.org/admin/root");
  EXPECT_LE(made.token.id.size(), kMaxTokenIdBytes);
}

TEST(JoinTokenTest, NoTwoTokensAreAlike) {
  const NewJoinToken a = Make(std::nullopt).value();
  const NewJoinToken b = Make(std::nullopt).value();
  EXPECT_NE(a.token.id, b.token.id);
  EXPECT_NE(a.seed, b.seed);
}

TEST(JoinTokenTest, BoundsItsLife) {
  EXPECT_EQ(Make(std::nullopt)->token.expires_at, kNow + kDefaultTokenTtl);
  EXPECT_EQ(Make(kMaxTokenTtl)->token.expires_at, kNow + kMaxTokenTtl);
  for (const absl::Duration ttl :
       {kMaxTokenTtl + absl::Nanoseconds(1), absl::ZeroDuration(), -absl::Seconds(1)}) {
    EXPECT_EQ(ReasonOf(Make(ttl).status()), Reason::kArgumentInvalid);
  }
}

}  // namespace
}  // namespace omninode::bootstrap
