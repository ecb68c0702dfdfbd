#include "services/bootstrap/trust/trust_ledger.h"

#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/mutex.h"
#include "common/base/reason.h"
#include "common/identity/testing/test_authority.h"
#include "common/identity/verifier.h"

namespace omninode::bootstrap {
namespace {

using identity::SpiffeId;
using identity::TestAuthority;
using testing::ElementsAre;

const absl::Time kNow = TestAuthority::DefaultNow();
constexpr absl::Duration kLongest = absl::Hours(24);
const TrustOrder kOrder = {"spiffe://example.org/admin/root", "stolen"};

// Records in memory, with the two ways a commit can fail.
class FakeTrustStore final : public TrustStore {
 public:
  enum class Failure { kNone, kBefore, kAfter };

  absl::StatusOr<TrustRecords> LoadTrust() override {
    MutexLock lock(mutex_);
    if (!readable_) return Reject(Reason::kStoreUnavailable, "gone");
    return records_;
  }
  absl::Status CommitTrust(const TrustChange& change) override {
    MutexLock lock(mutex_);
    const Failure failure = std::exchange(failure_, Failure::kNone);
    if (failure == Failure::kBefore || change.sequence != records_.sequence + 1) {
      return Reject(Reason::kStoreUnavailable, "nothing was written");
    }
    records_ = Apply(records_, change);
    if (failure == Failure::kAfter) return Reject(Reason::kStoreUnavailable, "who knows");
    return absl::OkStatus();
  }

  void FailNext(Failure failure) {
    MutexLock lock(mutex_);
    failure_ = failure;
  }
  void SetReadable(bool readable) {
    MutexLock lock(mutex_);
    readable_ = readable;
  }
  TrustRecords records() {
    MutexLock lock(mutex_);
    return records_;
  }

 private:
  Mutex mutex_;
  TrustRecords records_ ABSL_GUARDED_BY(mutex_);
  Failure failure_ ABSL_GUARDED_BY(mutex_) = Failure::kNone;
  bool readable_ ABSL_GUARDED_BY(mutex_) = true;
};

class TrustLedgerTest : public testing::Test {
 protected:
  std::unique_ptr<TrustLedger> Open() {
    auto ledger = TrustLedger::Create(authority_.bundle(), kLongest, store_);
    EXPECT_TRUE(ledger.ok()) << ledger.status();
    return *std::move(ledger);
  }
  CertificateRevocation RevocationOf(const identity::X509Svid& svid) const {
    return {.certificate = identity::RevokedCertificate::Of(svid.leaf()),
            .id = svid.id(),
            .revoked_at = kNow,
            .expires_at = svid.not_after(),
            .reason_text = kOrder.reason_text,
            .actor = kOrder.actor};
  }
  static std::optional<Reason> Verdict(const TrustLedger& ledger, const identity::X509Svid& svid,
                                       absl::Time now = kNow) {
    return ReasonOf(identity::VerifySvid(svid.chain(), *ledger.Current(), now).status());
  }

  const TestAuthority authority_{"example.org"};
  const identity::X509Svid svid_ = authority_.Issue("/node/cache/c1");
  const identity::X509Svid other_ = authority_.Issue("/node/cache/c2");
  FakeTrustStore store_;
};

TEST_F(TrustLedgerTest, BeginsWithSequenceOneAndItsOwnBundle) {
  const auto ledger = Open();
  EXPECT_EQ(ledger->Current()->sequence, 1u);
  EXPECT_EQ(store_.records().sequence, 1u);
  EXPECT_EQ(Verdict(*ledger, svid_), std::nullopt);
}

TEST_F(TrustLedgerTest, OpensAgainWithoutAChange) {
  Open();
  EXPECT_EQ(Open()->Current()->sequence, 1u);
}

TEST_F(TrustLedgerTest, AnotherAuthorityIsANewSequence) {
  Open();
  const TestAuthority second("example.org");
  const auto ledger = TrustLedger::Create(second.bundle(), kLongest, store_).value();
  EXPECT_EQ(ledger->Current()->sequence, 2u);
}

TEST_F(TrustLedgerTest, AnotherAnnouncementIsANewSequence) {
  Open();
  const auto open = [&](std::string_view announced) {
    return TrustLedger::Create(authority_.bundle(), kLongest, store_, announced).value();
  };
  EXPECT_EQ(open("registry at one")->Current()->sequence, 2u);
  EXPECT_EQ(open("registry at one")->Current()->sequence, 2u);
  EXPECT_EQ(open("registry at two")->Current()->sequence, 3u);
}

TEST_F(TrustLedgerTest, RevokesOneCertificateOnly) {
  const auto ledger = Open();
  EXPECT_EQ(ledger->Revoke(RevocationOf(svid_)).value(), 2u);
  EXPECT_EQ(Verdict(*ledger, svid_), Reason::kCertRevoked);
  EXPECT_EQ(Verdict(*ledger, other_), std::nullopt);
  EXPECT_EQ(ledger->Revoke(RevocationOf(svid_)).value(), 2u);
}

TEST_F(TrustLedgerTest, BansAndLiftsAnIdentity) {
  const auto ledger = Open();
  EXPECT_EQ(ledger->Ban(svid_.id(), kOrder, kNow).value(), 2u);
  EXPECT_EQ(Verdict(*ledger, svid_), Reason::kIdentityBanned);
  EXPECT_EQ(ledger->View()->LiftedBanOf(svid_.id()), std::nullopt);
  EXPECT_EQ(ledger->Unban(svid_.id(), kNow).value(), 3u);
  // From before the ban: still refused.
  EXPECT_EQ(Verdict(*ledger, svid_), Reason::kIdentityBanned);
  EXPECT_EQ(ledger->View()->LiftedBanOf(svid_.id()), kNow);
  EXPECT_EQ(ReasonOf(ledger->Unban(other_.id(), kNow).status()), Reason::kObjectUnknown);
}

TEST_F(TrustLedgerTest, RemembersAfterARestart) {
  {
    const auto ledger = Open();
    ASSERT_TRUE(ledger->Revoke(RevocationOf(svid_)).ok());
    ASSERT_TRUE(ledger->Ban(other_.id(), kOrder, kNow).ok());
  }
  const auto ledger = Open();
  EXPECT_EQ(ledger->Current()->sequence, 3u);
  EXPECT_EQ(Verdict(*ledger, svid_), Reason::kCertRevoked);
  EXPECT_EQ(Verdict(*ledger, other_), Reason::kIdentityBanned);
  EXPECT_EQ(ledger->View()->records, store_.records());
}

TEST_F(TrustLedgerTest, PrunesWhatHasEnded) {
  const auto ledger = Open();
  ASSERT_TRUE(ledger->Revoke(RevocationOf(svid_)).ok());
  EXPECT_EQ(ledger->Prune(kNow).value(), 2u);
  EXPECT_EQ(ledger->Prune(svid_.not_after() + kForgetSlack).value(), 3u);
  EXPECT_TRUE(ledger->View()->records.revocations.empty());
}

TEST_F(TrustLedgerTest, TellsSubscribersEveryStateInOrder) {
  const auto ledger = Open();
  std::vector<std::uint64_t> seen;
  const Subscription subscription = ledger->Subscribe([&](const identity::TrustStatePtr& state) {
    seen.push_back(state->sequence);
    EXPECT_EQ(state, ledger->Current());
  });
  ASSERT_TRUE(ledger->Ban(svid_.id(), kOrder, kNow).ok());
  ASSERT_TRUE(ledger->Ban(svid_.id(), kOrder, kNow).ok());  // no change, no call
  ASSERT_TRUE(ledger->Unban(svid_.id(), kNow).ok());
  EXPECT_THAT(seen, ElementsAre(2, 3));
}

TEST_F(TrustLedgerTest, PublishesNothingThatWasNotStored) {
  const auto ledger = Open();
  store_.FailNext(FakeTrustStore::Failure::kBefore);
  EXPECT_EQ(ReasonOf(ledger->Ban(svid_.id(), kOrder, kNow).status()), Reason::kStoreUnavailable);
  EXPECT_EQ(ledger->Current()->sequence, 1u);
  EXPECT_EQ(Verdict(*ledger, svid_), std::nullopt);
  EXPECT_EQ(ledger->Ban(svid_.id(), kOrder, kNow).value(), 2u);
}

TEST_F(TrustLedgerTest, FindsOutWhetherAnUnknownCommitIsThere) {
  const auto ledger = Open();
  store_.FailNext(FakeTrustStore::Failure::kAfter);
  EXPECT_EQ(ledger->Ban(svid_.id(), kOrder, kNow).value(), 2u);
  EXPECT_EQ(Verdict(*ledger, svid_), Reason::kIdentityBanned);
}

TEST_F(TrustLedgerTest, ReadsBeforeItWritesAgainWhenTheOutcomeStayedUnknown) {
  const auto ledger = Open();
  store_.FailNext(FakeTrustStore::Failure::kAfter);
  store_.SetReadable(false);
  EXPECT_EQ(ReasonOf(ledger->Ban(svid_.id(), kOrder, kNow).status()), Reason::kStoreUnavailable);
  EXPECT_EQ(ReasonOf(ledger->Ban(other_.id(), kOrder, kNow).status()), Reason::kStoreUnavailable);
  store_.SetReadable(true);
  EXPECT_EQ(ledger->Ban(other_.id(), kOrder, kNow).value(), 3u);
  EXPECT_EQ(Verdict(*ledger, svid_), Reason::kIdentityBanned);
  EXPECT_EQ(Verdict(*ledger, other_), Reason::kIdentityBanned);
}

TEST_F(TrustLedgerTest, DoesNotOpenWithoutItsStore) {
  store_.SetReadable(false);
  EXPECT_EQ(ReasonOf(TrustLedger::Create(authority_.bundle(), kLongest, store_).status()),
            Reason::kStoreUnavailable);
}

TEST_F(TrustLedgerTest, RefusesMoreRecordsThanVerifiersTake) {
  TrustChange change{.sequence = 1};
  for (std::size_t i = 0; i < identity::Revocations::kMaxEntries; ++i) {
    change.revoke.push_back({.certificate = {"aa", fmt::format("{:06x}", i)},
                             .id = svid_.id(),
                             .revoked_at = kNow,
                             .expires_at = kNow + absl::Hours(1),
                             .reason_text = "",
                             .actor = ""});
  }
  ASSERT_TRUE(store_.CommitTrust(change).ok());
  const auto ledger = Open();
  EXPECT_EQ(ReasonOf(ledger->Revoke(RevocationOf(svid_)).status()), Reason::kArgumentInvalid);
  EXPECT_EQ(store_.records().revocations.size(), identity::Revocations::kMaxEntries);
  // Room comes with time.
  ASSERT_TRUE(ledger->Prune(kNow + absl::Hours(1) + kForgetSlack).ok());
  EXPECT_TRUE(ledger->Revoke(RevocationOf(svid_)).ok());
}

TEST_F(TrustLedgerTest, ChangesOfManyThreadsTakeTurns) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 20;
  const auto ledger = Open();
  std::vector<std::uint64_t> seen;
  const Subscription subscription = ledger->Subscribe(
      [&](const identity::TrustStatePtr& state) { seen.push_back(state->sequence); });
  // Kept until the threads have ended: the thread sanitizer does not see a reference dropped by
  // this file, which is not instrumented.
  std::vector<std::vector<identity::TrustStatePtr>> states(kThreads);
  std::vector<std::jthread> threads;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int round = 0; round < kRounds; ++round) {
        const SpiffeId id = authority_.Id(fmt::format("/node/t{}/n{}", thread, round));
        EXPECT_TRUE(ledger->Ban(id, kOrder, kNow).ok());
        states[thread].push_back(ledger->Current());
        EXPECT_TRUE(states[thread].back()->revocations.IsBanned(id, kNow));
      }
    });
  }
  threads.clear();
  ASSERT_EQ(seen.size(), static_cast<std::size_t>(kThreads * kRounds));
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i + 2);
}

}  // namespace
}  // namespace omninode::bootstrap
