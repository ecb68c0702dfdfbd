#include "services/bootstrap/desk/revocation_desk.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "services/bootstrap/desk/test_room.h"

namespace omninode::bootstrap {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RevocationDeskTest : public TestRoom {
 protected:
  RevocationDeskTest() { AddEntry("/node/*/*"); }
  identity::SpiffeId Registry() const { return authority_.Id("/service/registry/registry-1"); }
};

TEST_F(RevocationDeskTest, RevokesACertificateByItsSerial) {
  const auto issued = IssueNode("/node/cache/c1", NewKey());
  std::string serial = issued.svid.record.serial;
  std::transform(serial.begin(), serial.end(), serial.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto revoked = revocations_->RevokeSvid(serial, order_, {});
  ASSERT_TRUE(revoked.ok()) << revoked.status();
  EXPECT_EQ(revoked->id, authority_.Id("/node/cache/c1"));
  EXPECT_EQ(revoked->propagation.sequence, ledger_->Current()->sequence);
  EXPECT_EQ(ReasonOf(Verify(issued.svid.leaf).status()), Reason::kCertRevoked);
  // The identity may get another.
  const auto again = Attest(AddToken("/node/cache/c1"), NewKey());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(Verify(again->svid.leaf).ok());
}

TEST_F(RevocationDeskTest, RefusesSerialsThatWereNeverIssued) {
  EXPECT_EQ(ReasonOf(revocations_->RevokeSvid("00", order_, {}).status()), Reason::kObjectUnknown);
  for (const char* serial : {"", "xyz", "0", "ffffffffffffffffffffffffffffffffffffffffff"}) {
    EXPECT_EQ(ReasonOf(revocations_->RevokeSvid(serial, order_, {}).status()),
              Reason::kArgumentInvalid)
        << serial;
  }
}

TEST_F(RevocationDeskTest, RefusesTooLongOrMalformedReasons) {
  const std::string id = Text("/node/cache/c1");
  TrustOrder order = order_;
  order.reason_text = std::string(kMaxReasonTextBytes + 1, 'a');
  EXPECT_EQ(ReasonOf(revocations_->BanIdentity(id, order, {}).status()), Reason::kArgumentInvalid);
  EXPECT_EQ(ReasonOf(revocations_->RevokeSvid("00", order, {}).status()), Reason::kArgumentInvalid);
  order.reason_text = "\xff";
  EXPECT_EQ(ReasonOf(revocations_->BanIdentity(id, order, {}).status()), Reason::kArgumentInvalid);
  order.reason_text = std::string(kMaxReasonTextBytes, 'a');
  EXPECT_TRUE(revocations_->BanIdentity(id, order, {}).ok());
}

TEST_F(RevocationDeskTest, BansIdentitiesOfTheNetworkOnly) {
  for (const char* id : {"junk", "spiffe://example.com/node/a/b", "spiffe://example.org",
                         "spiffe://example.org/somebody"}) {
    EXPECT_EQ(ReasonOf(revocations_->BanIdentity(id, order_, {}).status()),
              Reason::kSpiffeIdInvalid)
        << id;
  }
  EXPECT_EQ(ReasonOf(revocations_->UnbanIdentity(Text("/node/cache/c1"), {}).status()),
            Reason::kObjectUnknown);
}

// G21: the answer tells who enforces it.
TEST_F(RevocationDeskTest, WaitsForThoseWhoFollow) {
  ASSERT_TRUE(acks_.Connected(Registry(), 0, clock_.Monotonic()).ok());
  const Subscription follower = ledger_->Subscribe([&](const identity::TrustStatePtr& state) {
    acks_.Acknowledge(Registry(), state->sequence);
  });
  const auto propagation =
      revocations_->BanIdentity(Text("/node/cache/c1"), order_, kMaxPropagationWait).value();
  EXPECT_THAT(propagation.applied, ElementsAre(Registry()));
  EXPECT_THAT(propagation.lagging, IsEmpty());
}

TEST_F(RevocationDeskTest, NamesWhoLags) {
  ASSERT_TRUE(acks_.Connected(Registry(), 0, clock_.Monotonic()).ok());
  const auto propagation =
      revocations_->BanIdentity(Text("/node/cache/c1"), order_, absl::ZeroDuration()).value();
  EXPECT_THAT(propagation.lagging, ElementsAre(Registry()));
  // It stands nevertheless, and asking again is no change.
  EXPECT_EQ(
      revocations_->BanIdentity(Text("/node/cache/c1"), order_, absl::ZeroDuration())->sequence,
      propagation.sequence);
}

TEST_F(RevocationDeskTest, ListsNewestFirst) {
  const auto issued = IssueNode("/node/cache/c1", NewKey());
  ASSERT_TRUE(revocations_->RevokeSvid(issued.svid.record.serial, order_, {}).ok());
  clock_.Advance(absl::Minutes(1));
  for (const char* path : {"/node/cache/c2", "/node/cache/c3"}) {
    ASSERT_TRUE(revocations_->BanIdentity(Text(path), order_, {}).ok());
  }
  clock_.Advance(absl::Minutes(1));
  ASSERT_TRUE(revocations_->BanIdentity(Text("/node/cache/c4"), order_, {}).ok());

  std::vector<RevocationDesk::Item> items;
  PageRequest request{.size = 3};
  for (const std::size_t expected : {std::size_t{3}, std::size_t{1}}) {
    const auto page = revocations_->ListRevocations(request).value();
    EXPECT_THAT(page.items, SizeIs(expected));
    items.insert(items.end(), page.items.begin(), page.items.end());
    request.token = page.next_token;
  }
  EXPECT_EQ(request.token, "");
  ASSERT_THAT(items, SizeIs(4));
  EXPECT_EQ(std::get<IdentityBan>(items[0]).id, authority_.Id("/node/cache/c4"));
  EXPECT_EQ(std::get<IdentityBan>(items[1]).id, authority_.Id("/node/cache/c2"));
  EXPECT_EQ(std::get<IdentityBan>(items[2]).id, authority_.Id("/node/cache/c3"));
  const auto& revocation = std::get<CertificateRevocation>(items[3]);
  EXPECT_EQ(revocation.certificate.serial, issued.svid.record.serial);
  EXPECT_EQ(revocation.actor, order_.actor);
  EXPECT_EQ(revocation.reason_text, order_.reason_text);
}

TEST_F(RevocationDeskTest, RefusesTheTokenOfAnotherList) {
  EXPECT_EQ(
      ReasonOf(revocations_->ListRevocations({.token = MakePageToken("entries", "e")}).status()),
      Reason::kPageTokenInvalid);
}

}  // namespace
}  // namespace omninode::bootstrap
