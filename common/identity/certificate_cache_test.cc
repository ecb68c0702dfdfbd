#include "common/identity/certificate_cache.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/identity/testing/test_authority.h"

namespace omninode::identity {
namespace {

const absl::Time kNow = TestAuthority::DefaultNow();

crypto::Sha256Digest Key(int number) { return crypto::Sha256(std::to_string(number)); }

class CertificateCacheTest : public testing::Test {
 protected:
  // Gets `key`, which stands for svid_, and counts the verifications.
  absl::StatusOr<VerifiedSvidPtr> Get(CertificateCache& cache, const crypto::Sha256Digest& key,
                                      const TrustState& trust, absl::Time now = kNow) {
    return cache.Get(key, trust, now, [&] {
      ++verifications_;
      return VerifySvid(svid_.chain_der(), trust, now);
    });
  }

  const TestAuthority authority_{"td"};
  const X509Svid svid_ = authority_.Issue("/node/cache/c1");
  const TrustStatePtr trust_ = authority_.Trust(1);
  std::atomic<int> verifications_ = 0;
};

TEST_F(CertificateCacheTest, VerifiesOnce) {
  CertificateCache cache;
  const VerifiedSvidPtr first = Get(cache, Key(1), *trust_).value();
  EXPECT_EQ(Get(cache, Key(1), *trust_).value(), first);
  EXPECT_EQ(first->id, svid_.id());
  EXPECT_EQ(verifications_, 1);
  EXPECT_EQ(cache.stats().hits, 1u);
  EXPECT_EQ(cache.stats().misses, 1u);
  EXPECT_EQ(cache.stats().entries, 1u);
}

TEST_F(CertificateCacheTest, WhatWasNeverGoodIsNotKept) {
  CertificateCache cache;
  const TestAuthority stranger{"td"};
  EXPECT_EQ(ReasonOf(Get(cache, Key(1), *stranger.Trust()).status()), Reason::kCertUntrusted);
  EXPECT_EQ(cache.stats().entries, 0u);
  EXPECT_TRUE(Get(cache, Key(1), *trust_).ok());
}

TEST_F(CertificateCacheTest, TimeIsCheckedAlways) {
  CertificateCache cache;
  ASSERT_TRUE(Get(cache, Key(1), *trust_).ok());
  EXPECT_TRUE(Get(cache, Key(1), *trust_, svid_.not_after() - absl::Seconds(1)).ok());
  EXPECT_EQ(ReasonOf(Get(cache, Key(1), *trust_, svid_.not_after()).status()),
            Reason::kCertExpired);
  EXPECT_EQ(verifications_, 1);
}

TEST_F(CertificateCacheTest, ANewTrustStateIsObeyedAtOnceAndWithoutParsing) {
  CertificateCache cache;
  ASSERT_TRUE(Get(cache, Key(1), *trust_).ok());
  const auto revoked =
      authority_.Trust(2, Revocations::Create({RevokedCertificate::Of(svid_.leaf())}, {}).value());
  const auto banned = authority_.Trust(3, Revocations::Create({}, {{svid_.id(), kNow}}).value());
  EXPECT_EQ(ReasonOf(Get(cache, Key(1), *revoked).status()), Reason::kCertRevoked);
  EXPECT_EQ(ReasonOf(Get(cache, Key(1), *revoked).status()), Reason::kCertRevoked) << "still";
  EXPECT_EQ(ReasonOf(Get(cache, Key(1), *banned).status()), Reason::kIdentityBanned);
  EXPECT_TRUE(Get(cache, Key(1), *authority_.Trust(4)).ok()) << "the ban was lifted";
  EXPECT_EQ(verifications_, 1);
}

TEST_F(CertificateCacheTest, ARootThatIsGoneTakesItsLeavesAlong) {
  CertificateCache cache;
  ASSERT_TRUE(Get(cache, Key(1), *trust_).ok());
  const TestAuthority replaced{"td"};
  EXPECT_EQ(ReasonOf(Get(cache, Key(1), *replaced.Trust(2)).status()), Reason::kCertUntrusted);
}

TEST_F(CertificateCacheTest, TheSizeIsBounded) {
  constexpr std::size_t kCapacity = 8;
  CertificateCache cache(kCapacity);
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(Get(cache, Key(i), *trust_).ok());
  EXPECT_EQ(cache.stats().entries, kCapacity);
  ASSERT_TRUE(Get(cache, Key(8), *trust_).ok());
  EXPECT_LE(cache.stats().entries, kCapacity);
  for (int i = 9; i < 100; ++i) {
    ASSERT_TRUE(Get(cache, Key(i), *trust_).ok());
    ASSERT_LE(cache.stats().entries, kCapacity);
  }
}

TEST_F(CertificateCacheTest, WhatIsUsedStays) {
  CertificateCache cache(8);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(Get(cache, Key(1000), *trust_).ok());
    ASSERT_TRUE(Get(cache, Key(i), *trust_).ok());
  }
  EXPECT_EQ(verifications_, 101);
}

TEST_F(CertificateCacheTest, ManyThreadsSeeTheSameIdentity) {
  CertificateCache cache(16);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const auto trust = authority_.Trust(static_cast<std::uint64_t>(t % 2 + 1));
      for (int i = 0; i < 200; ++i) {
        const auto svid = Get(cache, Key(i % 24), *trust);
        if (!svid.ok() || (*svid)->id != svid_.id()) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(cache.stats().entries, 16u);
}

}  // namespace
}  // namespace omninode::identity
