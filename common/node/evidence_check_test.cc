#include "common/node/evidence_check.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/envelope/payload.h"
#include "common/envelope/seal.h"
#include "common/identity/testing/test_authority.h"

namespace omninode::node {
namespace {

constexpr char kEventId[] = "0f4f1c3e-7d52-4c8b-9f0a-2b6d1e5a7c90";

class EvidenceCheckTest : public testing::Test {
 protected:
  static directory::Introspection::Fields Fields() {
    return {.ns = "tenant-a",
            .node_type = "worker",
            .node_id = "w1",
            .version = "1.0.0",
            .endpoints = {{"grpc", "grpcs://10.0.0.7:8443"}},
            .requested_ttl = absl::Seconds(30)};
  }
  static directory::NodeView ViewOf(directory::Introspection::Fields fields) {
    fields.requested_ttl = absl::ZeroDuration();
    return {.introspection = directory::Introspection::Create(std::move(fields)).value(),
            .version = 3,
            .lease_ttl = absl::Seconds(30)};
  }
  envelope::RawEnvelope Sealed(const identity::X509Svid& signer, absl::Time signed_at) const {
    return envelope::SealRaw({.type = type,
                              .timestamp = signed_at,
                              .audience = {NetworkId::Parse(network).value(),
                                           NamespaceName::Parse("tenant-a").value()},
                              .sequence = 5,
                              .correlation_id = "",
                              .payload = payload},
                             kEventId, signed_at, signer)
        .value();
  }
  std::optional<Reason> Check(const std::optional<envelope::RawEnvelope>& evidence,
                              const identity::TrustState& trust) const {
    return ReasonOf(CheckEvidence(evidence, view, NetworkId::Parse("demo").value(), trust));
  }
  std::optional<Reason> Check() const {
    return Check(Sealed(svid, svid.not_before()), *authority.Trust());
  }

  const identity::TestAuthority authority{"example.org"};
  const identity::X509Svid svid = authority.Issue("/ns/tenant-a/node/worker/w1");
  std::string network = "demo";
  envelope::EventType type = envelope::EventType::kNodeIntrospection;
  std::string payload =
      envelope::EncodeIntrospection(directory::Introspection::Create(Fields()).value());
  directory::NodeView view = ViewOf(Fields());
};

TEST_F(EvidenceCheckTest, AcceptsWhatTheNodeSaid) { EXPECT_EQ(Check(), std::nullopt); }

TEST_F(EvidenceCheckTest, AcceptsAnotherHealthBecauseBeatsChangeIt) {
  view.introspection = view.introspection.WithHealth(directory::Health::kDegraded);
  EXPECT_EQ(Check(), std::nullopt);
}

TEST_F(EvidenceCheckTest, RefusesMissingEvidence) {
  EXPECT_EQ(Check(std::nullopt, *authority.Trust()), Reason::kIdentityMissing);
  envelope::RawEnvelope bare = Sealed(svid, svid.not_before());
  bare.certificates_der.clear();
  EXPECT_EQ(Check(bare, *authority.Trust()), Reason::kIdentityMissing);
}

TEST_F(EvidenceCheckTest, RefusesAChangedBody) {
  envelope::RawEnvelope changed = Sealed(svid, svid.not_before());
  changed.body.back() = static_cast<char>(changed.body.back() ^ 1);
  EXPECT_EQ(Check(changed, *authority.Trust()), Reason::kSigInvalid);
}

TEST_F(EvidenceCheckTest, JudgesTheCertificateAsOfTheSigning) {
  EXPECT_EQ(Check(Sealed(svid, svid.not_after() - absl::Seconds(1)), *authority.Trust()),
            std::nullopt);
  EXPECT_EQ(Check(Sealed(svid, svid.not_after() + absl::Seconds(1)), *authority.Trust()),
            Reason::kCertExpired);
}

TEST_F(EvidenceCheckTest, RefusesAnotherAuthorityAndARevokedCertificate) {
  const identity::TestAuthority other("example.org");
  const auto evidence = Sealed(svid, svid.not_before());
  EXPECT_EQ(Check(evidence, *other.Trust()), Reason::kCertUntrusted);
  const auto revoked =
      identity::Revocations::Create({identity::RevokedCertificate::Of(svid.leaf())}, {});
  EXPECT_EQ(Check(evidence, *authority.Trust(2, *revoked)), Reason::kCertRevoked);
}

TEST_F(EvidenceCheckTest, RefusesTheWordOfAnotherNode) {
  const auto other = authority.Issue("/ns/tenant-a/node/worker/w2");
  EXPECT_EQ(Check(Sealed(other, other.not_before()), *authority.Trust()), Reason::kSubjectMismatch);
  const auto admin = authority.Issue("/admin/alice");
  EXPECT_EQ(Check(Sealed(admin, admin.not_before()), *authority.Trust()), Reason::kSubjectMismatch);
}

TEST_F(EvidenceCheckTest, RefusesWhatTheNodeDidNotSay) {
  directory::Introspection::Fields fields = Fields();
  fields.endpoints = {{"grpc", "grpcs://10.0.0.8:8443"}};
  view = ViewOf(fields);
  EXPECT_EQ(Check(), Reason::kSubjectMismatch);
  fields = Fields();
  fields.node_id = "w2";
  payload = envelope::EncodeIntrospection(directory::Introspection::Create(fields).value());
  view = ViewOf(Fields());
  EXPECT_EQ(Check(), Reason::kSubjectMismatch);
}

TEST_F(EvidenceCheckTest, RefusesAnEnvelopeForSomebodyElse) {
  network = "other";
  EXPECT_EQ(Check(), Reason::kAudienceMismatch);
}

TEST_F(EvidenceCheckTest, RefusesATombstoneAsEvidenceOfLife) {
  type = envelope::EventType::kNodeTombstone;
  EXPECT_EQ(Check(), Reason::kMsgMalformed);
}

}  // namespace
}  // namespace omninode::node
