#include "tools/omnictl/identity_watch.h"

#include <gtest/gtest.h>

#include "common/base/status.h"
#include "common/concurrency/gate.h"
#include "common/identity/static_source.h"
#include "common/identity/testing/test_authority.h"
#include "common/time/fake_clock.h"

namespace omninode::omnictl {
namespace {

constexpr std::string_view kPath = "/node/worker/w1";

class IdentityWatchTest : public ::testing::Test {
 protected:
  identity::X509SvidPtr Issue() const {
    return std::make_shared<const identity::X509Svid>(authority_.Issue(kPath));
  }
  identity::TrustStatePtr Revoking(const identity::X509Svid& svid) const {
    return authority_.Trust(
        2,
        identity::Revocations::Create({identity::RevokedCertificate::Of(svid.leaf())}, {}).value());
  }
  identity::TrustStatePtr Banning() const {
    return authority_.Trust(2, identity::Revocations::Create(
                                   {}, {{.id = authority_.Id(kPath), .banned_at = clock_.Now()}})
                                   .value());
  }
  std::unique_ptr<IdentityWatch> Watch() {
    return std::make_unique<IdentityWatch>(IdentityWatch::Deps{clock_, svids_, trust_},
                                           [this](absl::Status status) {
                                             over_ = std::move(status);
                                             told_.Arrive();
                                           });
  }

  const identity::TestAuthority authority_{"example.org"};
  FakeClock clock_;
  identity::StaticSvidSource svids_{Issue()};
  identity::StaticTrustSource trust_{authority_.Trust()};
  absl::Status over_;  // to be read after told_
  Gate told_;
};

TEST_F(IdentityWatchTest, JudgesByRevocationsBansAndTheClockAlone) {
  const identity::X509SvidPtr svid = svids_.Current();
  const absl::Time now = clock_.Now();
  EXPECT_EQ(JudgeOwn(*svid, *authority_.Trust(), now), absl::OkStatus());
  EXPECT_EQ(JudgeOwn(*svid, *Revoking(*Issue()), now), absl::OkStatus());
  EXPECT_EQ(ReasonOf(JudgeOwn(*svid, *Revoking(*svid), now)), Reason::kCertRevoked);
  EXPECT_EQ(ReasonOf(JudgeOwn(*svid, *Banning(), now)), Reason::kIdentityBanned);
  EXPECT_EQ(ReasonOf(JudgeOwn(*svid, *authority_.Trust(), now + absl::Hours(2))),
            Reason::kCertExpired);
  // Somebody else's trust says nothing about this identity.
  EXPECT_EQ(JudgeOwn(*svid, *identity::TestAuthority("other.org").Trust(), now), absl::OkStatus());
}

TEST_F(IdentityWatchTest, NoticesARevocationThatItsTrustTells) {
  const auto watch = Watch();
  trust_.Set(Revoking(*svids_.Current()));
  told_.Await();
  EXPECT_EQ(ReasonOf(over_), Reason::kCertRevoked);
}

TEST_F(IdentityWatchTest, NoticesThatTimeHasPassed) {
  const auto watch = Watch();
  clock_.Advance(absl::Hours(2));
  told_.Await();
  EXPECT_EQ(ReasonOf(over_), Reason::kCertExpired);
}

TEST_F(IdentityWatchTest, BelievesAServiceAboutTheCertificateInUseOnly) {
  const auto watch = Watch();
  watch->Accepted();
  watch->Heard(absl::UnavailableError("connection refused"));
  watch->Heard(Reject(Reason::kPolicyDenied, "no"));
  svids_.Set(Issue());
  watch->Heard(Reject(Reason::kCertRevoked, "of the certificate before"));
  EXPECT_EQ(told_.arrived(), 0);
  watch->Accepted();
  watch->Heard(Reject(Reason::kIdentityBanned, "banned"));
  watch->Heard(Reject(Reason::kCertRevoked, "revoked"));
  EXPECT_EQ(told_.arrived(), 1);
  EXPECT_EQ(ReasonOf(over_), Reason::kIdentityBanned);
}

TEST_F(IdentityWatchTest, BelievesAServiceThatNeverAccepted) {
  const auto watch = Watch();
  watch->Heard(Reject(Reason::kCertRevoked, "revoked"));
  EXPECT_EQ(told_.arrived(), 1);
}

}  // namespace
}  // namespace omninode::omnictl
