#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/enrollment/trust_codec.h"
#include "common/envelope/type_codec.h"
#include "common/identity/testing/test_authority.h"
#include "services/bootstrap/api/entry_codec.h"
#include "services/bootstrap/api/identity_codec.h"
#include "services/bootstrap/api/revocation_codec.h"
#include "services/bootstrap/api/trust_codec.h"
#include "services/bootstrap/desk/test_room.h"

namespace omninode::bootstrap {
namespace {

// Values come from real desks, so that what is encoded is what is handed out.
class CodecTest : public TestRoom {
 protected:
  const NetworkMap network_{.network_id = NetworkId::Parse("net-1").value(),
                            .trust_domain = authority_.trust_domain(),
                            .bootstrap_addresses = {"10.0.0.1:7101"},
                            .registry_addresses = {"10.0.0.2:7110", "10.0.0.3:7110"},
                            .attestor_address = "10.0.0.4:7100"};
};

using IdentityCodecTest = CodecTest;
using TrustCodecTest = CodecTest;
using EntryCodecTest = CodecTest;
using RevocationCodecTest = CodecTest;

TEST_F(IdentityCodecTest, AnIssuedSvidComesOutAtItsHolder) {
  AddEntry("/node/web/w-1");
  const auto key = NewKey();
  const IssuedIdentity issued = IssueNode("/node/web/w-1", key);
  const v1::X509Svid message = Encode(issued.svid);
  EXPECT_EQ(message.spiffe_id(), Text("/node/web/w-1"));
  EXPECT_EQ(envelope::Decode(message.expires_at()).value(), issued.svid.leaf.not_after());
  const auto svid = enrollment::Decode(message, key);
  ASSERT_TRUE(svid.ok()) << svid.status();
  EXPECT_EQ(svid->leaf(), issued.svid.leaf);
}

v1::BeginAttestationRequest BeginRequest() {
  v1::BeginAttestationRequest request;
  request.mutable_start()->mutable_join_token()->set_token_id("t-1");
  request.mutable_start()->set_csr("csr");
  request.set_source_address("ipv4:10.0.0.7:1");
  return request;
}

TEST_F(IdentityCodecTest, ReadsTheBeginOfAnAttestation) {
  const auto start = Decode(BeginRequest());
  ASSERT_TRUE(start.ok()) << start.status();
  EXPECT_EQ(start->token_id, "t-1");
  EXPECT_EQ(start->csr_der, "csr");
  EXPECT_EQ(start->source_address, "ipv4:10.0.0.7:1");
  EXPECT_EQ(start->spiffe_id, std::nullopt);
}

TEST_F(IdentityCodecTest, RefusesAnAttestationWithoutEvidence) {
  auto request = BeginRequest();
  request.mutable_start()->clear_join_token();
  const auto start = Decode(request);
  EXPECT_EQ(ReasonOf(start.status()), Reason::kMsgMalformed);
  EXPECT_EQ(MetadataOf(start.status())["field"], "start.evidence");
}

TEST_F(IdentityCodecTest, ReadsTheIdentityTheNewcomerExpects) {
  auto request = BeginRequest();
  request.mutable_start()->set_spiffe_id(Text("/node/web/w-1"));
  EXPECT_EQ(Decode(request)->spiffe_id, authority_.Id("/node/web/w-1"));
  request.mutable_start()->set_spiffe_id("spiffe://example.org/../x");
  const auto start = Decode(request);
  EXPECT_EQ(ReasonOf(start.status()), Reason::kSpiffeIdInvalid);
  EXPECT_EQ(MetadataOf(start.status())["field"], "start.spiffe_id");
}

TEST_F(IdentityCodecTest, BoundsTheSourceAddress) {
  auto request = BeginRequest();
  request.set_source_address(std::string(kMaxSourceAddressBytes, 'a'));
  EXPECT_TRUE(Decode(request).ok());
  request.mutable_source_address()->push_back('a');
  EXPECT_EQ(ReasonOf(Decode(request).status()), Reason::kMsgMalformed);
}

TEST_F(IdentityCodecTest, ReadsOptionalDurations) {
  EXPECT_EQ(DecodeOptional(false, {}, "ttl").value(), std::nullopt);
  EXPECT_EQ(DecodeOptional(true, {}, "ttl").value(), absl::ZeroDuration());
  EXPECT_EQ(DecodeOptional(true, envelope::Encode(absl::Seconds(90)), "ttl").value(),
            absl::Seconds(90));
  const auto negative = DecodeOptional(true, envelope::Encode(absl::Seconds(-1)), "ttl");
  EXPECT_EQ(ReasonOf(negative.status()), Reason::kArgumentInvalid);
  EXPECT_EQ(MetadataOf(negative.status())["field"], "ttl");
}

TEST_F(TrustCodecTest, MembersReadWhatTheLedgerSays) {
  AddEntry("/node/web/w-1");
  const IssuedIdentity issued = IssueNode("/node/web/w-1", NewKey());
  ASSERT_TRUE(
      revocations_->RevokeSvid(issued.svid.record.serial, order_, absl::ZeroDuration()).ok());
  ASSERT_TRUE(revocations_->BanIdentity(Text("/node/web/w-2"), order_, absl::ZeroDuration()).ok());
  ASSERT_TRUE(revocations_->BanIdentity(Text("/node/web/w-3"), order_, absl::ZeroDuration()).ok());
  ASSERT_TRUE(revocations_->UnbanIdentity(Text("/node/web/w-3"), absl::ZeroDuration()).ok());

  const auto decoded = enrollment::Decode(Encode(*ledger_->View(), network_), Now());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  const identity::TrustState& trust = *decoded->trust;
  EXPECT_EQ(trust.sequence, ledger_->Current()->sequence);
  EXPECT_EQ(trust.own, authority_.trust_domain());
  EXPECT_EQ(trust.bundles.Find(trust.own)->digest(), authority_.bundle().digest());
  EXPECT_TRUE(trust.revocations.IsRevoked(issued.svid.leaf));
  EXPECT_TRUE(trust.revocations.IsBanned(authority_.Id("/node/web/w-2"), absl::InfiniteFuture()));
  EXPECT_FALSE(trust.revocations.IsBanned(authority_.Id("/node/web/w-3"), absl::InfiniteFuture()));
  EXPECT_TRUE(trust.revocations.IsBanned(authority_.Id("/node/web/w-3"), absl::InfinitePast()));
  EXPECT_EQ(trust.revocations.size(), 3U);
  EXPECT_EQ(decoded->network.network_id.value(), "net-1");
  EXPECT_EQ(decoded->network.bootstrap_addresses, network_.bootstrap_addresses);
  EXPECT_EQ(decoded->network.registry_addresses, network_.registry_addresses);
}

TEST_F(EntryCodecTest, ShowsEveryPropertyOfAnEntry) {
  const Entry entry = AddEntry("/node/web/w-1", absl::Minutes(5));
  const v1::Entry message = Encode(entry);
  EXPECT_EQ(message.entry_id(), entry.id());
  EXPECT_EQ(message.spiffe_id_pattern(), Text("/node/web/w-1"));
  EXPECT_EQ(message.svid_ttl().seconds(), 300);
  ASSERT_EQ(message.dns_names_size(), 1);
  EXPECT_EQ(message.dns_names(0), "cache.example");
  EXPECT_EQ(envelope::Decode(message.created_at()).value(), entry.created_at());
}

TEST_F(EntryCodecTest, AnEntryWithoutALifeGetsTheUsualOne) {
  v1::CreateEntryRequest request;
  request.mutable_entry()->set_spiffe_id_pattern(Text("/node/web/*"));
  const auto spec = Decode(request);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->svid_ttl, kDefaultSvidTtl);
}

v1::UpdateEntryRequest UpdateRequest() {
  v1::UpdateEntryRequest request;
  request.mutable_entry()->mutable_svid_ttl()->set_seconds(60);
  request.mutable_entry()->add_dns_names("a.example");
  return request;
}

TEST_F(EntryCodecTest, AnUpdateWithoutMaskTakesBoth) {
  const auto update = Decode(UpdateRequest());
  ASSERT_TRUE(update.ok()) << update.status();
  EXPECT_EQ(update->svid_ttl, absl::Seconds(60));
  EXPECT_EQ(update->dns_names, std::vector<std::string>{"a.example"});
}

TEST_F(EntryCodecTest, AMaskTakesWhatItNames) {
  auto request = UpdateRequest();
  request.mutable_update_mask()->add_paths("svid_ttl");
  EXPECT_EQ(Decode(request)->svid_ttl, absl::Seconds(60));
  EXPECT_EQ(Decode(request)->dns_names, std::nullopt);
  request.mutable_update_mask()->set_paths(0, "dns_names");
  EXPECT_EQ(Decode(request)->svid_ttl, std::nullopt);
  EXPECT_TRUE(Decode(request)->dns_names.has_value());
}

TEST_F(EntryCodecTest, RefusesToChangeAnythingElse) {
  auto request = UpdateRequest();
  request.mutable_update_mask()->add_paths("spiffe_id_pattern");
  EXPECT_EQ(ReasonOf(Decode(request).status()), Reason::kArgumentInvalid);
}

TEST_F(EntryCodecTest, ATokenComesWithAllThatANewcomerNeeds) {
  AddEntry("/node/web/w-1");
  const NewJoinToken token = AddToken("/node/web/w-1");
  const auto message = Encode(token, authority_.bundle(), network_);
  EXPECT_EQ(message.token_id(), token.token.id);
  EXPECT_EQ(message.token(), token.seed);
  EXPECT_EQ(message.attestor_address(), "10.0.0.4:7100");
  EXPECT_EQ(message.trust_domain(), "example.org");
  ASSERT_EQ(message.x509_authorities_size(), 1);
  EXPECT_EQ(message.x509_authorities(0), authority_.bundle().roots().front().der());
}

TEST_F(RevocationCodecTest, NamesWhoAppliedAndWhoLags) {
  const auto message = Encode(Propagation{
      7, {authority_.Id("/service/registry/r-1")}, {authority_.Id("/service/registry/r-2")}});
  EXPECT_EQ(message.sequence(), 7U);
  ASSERT_EQ(message.applied_size(), 1);
  EXPECT_EQ(message.applied(0), Text("/service/registry/r-1"));
  ASSERT_EQ(message.lagging_size(), 1);
  EXPECT_EQ(message.lagging(0), Text("/service/registry/r-2"));
}

TEST_F(RevocationCodecTest, ShowsBothKinds) {
  AddEntry("/node/web/w-1");
  const IssuedIdentity issued = IssueNode("/node/web/w-1", NewKey());
  ASSERT_TRUE(
      revocations_->RevokeSvid(issued.svid.record.serial, order_, absl::ZeroDuration()).ok());
  ASSERT_TRUE(revocations_->BanIdentity(Text("/node/web/w-2"), order_, absl::ZeroDuration()).ok());
  int certificates = 0;
  int identities = 0;
  const auto page = revocations_->ListRevocations({});
  ASSERT_TRUE(page.ok()) << page.status();
  for (const auto& item : page->items) {
    const v1::Revocation message = Encode(item);
    certificates +=
        message.has_certificate() && message.certificate().spiffe_id() == Text("/node/web/w-1");
    identities += message.has_identity() && message.identity().spiffe_id() == Text("/node/web/w-2");
    EXPECT_EQ(message.reason_text(), order_.reason_text);
    EXPECT_EQ(message.actor(), order_.actor);
    EXPECT_TRUE(message.has_time());
  }
  EXPECT_EQ(certificates, 1);
  EXPECT_EQ(identities, 1);
}

}  // namespace
}  // namespace omninode::bootstrap
