#include "services/bootstrap/issuance/key_use.h"

#include <vector>

#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::bootstrap {
namespace {

using identity::SpiffeId;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
const SpiffeId kOne = SpiffeId::Parse("spiffe://example.org/node/cache/c1").value();
const SpiffeId kTwo = SpiffeId::Parse("spiffe://example.org/node/cache/c2").value();

absl::Status Check(const SpiffeId& id, std::vector<KeyHolder> holders) {
  return CheckKeyUse(id, holders, kNow);
}

TEST(KeyUseTest, ANewKeyIsFree) { EXPECT_TRUE(Check(kOne, {}).ok()); }

TEST(KeyUseTest, AKeyMayServeItsIdentityAgain) {
  EXPECT_TRUE(Check(kOne, {{kOne, kNow + absl::Hours(1)}, {kOne, kNow + absl::Hours(2)}}).ok());
}

TEST(KeyUseTest, AKeyServesOneIdentityWhileItsCertificateLives) {
  EXPECT_EQ(ReasonOf(Check(kTwo, {{kOne, kNow + absl::Seconds(1)}})), Reason::kKeyReused);
  EXPECT_TRUE(Check(kTwo, {{kOne, kNow}}).ok());
}

TEST(KeyUseTest, OneLiveHolderAmongManyIsEnough) {
  EXPECT_EQ(ReasonOf(Check(kTwo, {{kTwo, kNow + absl::Hours(1)},
                                  {kOne, kNow - absl::Hours(1)},
                                  {kOne, kNow + absl::Hours(1)}})),
            Reason::kKeyReused);
}

TEST(KeyUseTest, ARevokedKeyIsDeadForItsOwnIdentityToo) {
  EXPECT_EQ(ReasonOf(Check(kOne, {{kOne, kNow + absl::Hours(1), true}})), Reason::kKeyReused);
  EXPECT_TRUE(Check(kOne, {{kOne, kNow - absl::Hours(1), true}}).ok());
}

}  // namespace
}  // namespace omninode::bootstrap
