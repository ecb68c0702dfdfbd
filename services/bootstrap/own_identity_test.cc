#include "services/bootstrap/own_identity.h"

#include <gtest/gtest.h>

#include "common/base/mutex.h"
#include "common/base/reason.h"
#include "common/telemetry/capturing_sink.h"
#include "services/bootstrap/desk/test_room.h"

namespace omninode::bootstrap {
namespace {

constexpr char kPath[] = "/service/bootstrap/bootstrap-1";

class OwnIdentityTest : public TestRoom {
 protected:
  absl::StatusOr<std::unique_ptr<OwnIdentity>> Create() {
    return OwnIdentity::Create({.id = authority_.Id(kPath),
                                .desk = *identities_,
                                .ledger = *ledger_,
                                .clock = clock_,
                                .logger = logger_});
  }

  telemetry::CapturingSink sink_;
  telemetry::Logger logger_{"bootstrap", sink_, [] { return absl::Now(); }};
};

// Waits for an SVID of a source, which comes on another thread.
class NextSvid final {
 public:
  explicit NextSvid(identity::SvidSource& source)
      : subscription_(source.Subscribe([this](const identity::X509SvidPtr& svid) {
          MutexLock lock(mutex_);
          svid_ = svid;
          changed_.NotifyAll();
        })) {}

  identity::X509SvidPtr Await() {
    MutexLock lock(mutex_);
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    while (svid_ == nullptr && absl::Now() < deadline) {
      changed_.WaitFor(mutex_, deadline - absl::Now());
    }
    return svid_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  identity::X509SvidPtr svid_ ABSL_GUARDED_BY(mutex_);
  Subscription subscription_;
};

TEST_F(OwnIdentityTest, IsBelievedAndOnRecord) {
  const auto own = Create();
  ASSERT_TRUE(own.ok()) << own.status();
  const auto svid = (*own)->svids().Current();
  EXPECT_EQ(svid->id(), authority_.Id(kPath));
  EXPECT_TRUE(Verify(svid->leaf()).ok());
  EXPECT_TRUE(store_->FindSvid(svid->leaf().serial_hex())->has_value());
  EXPECT_TRUE(sink_.Contains(R"("event":"svid_issued")"));
}

TEST_F(OwnIdentityTest, RenewsAtOnceWhenItIsRevoked) {
  const auto own = Create();
  ASSERT_TRUE(own.ok()) << own.status();
  const auto first = (*own)->svids().Current();
  NextSvid next((*own)->svids());
  ASSERT_TRUE(
      revocations_->RevokeSvid(first->leaf().serial_hex(), order_, absl::ZeroDuration()).ok());
  const auto second = next.Await();
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->id(), first->id());
  EXPECT_TRUE(Verify(second->leaf()).ok());
}

TEST_F(OwnIdentityTest, CannotBeMadeWhileItIsBanned) {
  ASSERT_TRUE(revocations_->BanIdentity(Text(kPath), order_, absl::ZeroDuration()).ok());
  EXPECT_EQ(ReasonOf(Create().status()), Reason::kIdentityBanned);
}

TEST(RenewalTime, IsInTheMiddleOfTheLifeThatIsLeft) {
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  EXPECT_EQ(OwnIdentity::RenewalTime(now, now + absl::Hours(1)), now + absl::Minutes(30));
  // Backdated by a minute, and yet not due at once.
  EXPECT_EQ(OwnIdentity::RenewalTime(now, now + absl::Seconds(6)), now + absl::Seconds(3));
}

}  // namespace
}  // namespace omninode::bootstrap
