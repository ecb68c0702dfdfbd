#include "tools/omnictl/envelope_verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/display.h"
#include "tools/omnictl/testing/sealed.h"

namespace omninode::omnictl {
namespace {

using testing::kWorkerPath;
using testing::SealAs;

class EnvelopeVerifyTest : public ::testing::Test {
 protected:
  std::optional<Reason> ReasonFor(const EnvelopeFile& file) {
    return ReasonOf(VerifyEnvelope(file, *authority_.Trust()).status());
  }

  const identity::TestAuthority authority_{"example.org"};
  const identity::X509Svid svid_ = authority_.Issue(kWorkerPath);
};

TEST_F(EnvelopeVerifyTest, ReadsBothForms) {
  const envelope::RawEnvelope envelope = SealAs(svid_);
  const auto binary = ParseEnvelopeFile(envelope::EncodeRawEnvelope(envelope));
  ASSERT_TRUE(binary.ok()) << binary.status();
  EXPECT_EQ(binary->envelope, envelope);
  EXPECT_EQ(binary->json, "");
  const auto json = ParseEnvelopeFile("\n  " + envelope::ToDisplay(envelope).value());
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ(json->envelope, envelope);
  EXPECT_NE(json->json, "");
}

TEST_F(EnvelopeVerifyTest, RefusesFilesThatAreNeither) {
  for (const std::string_view text : {"", "hello", "{", "{}",
                                      "\x0a\x03"
                                      "1.0\x12"}) {
    EXPECT_FALSE(ParseEnvelopeFile(text).ok()) << text;
  }
}

TEST_F(EnvelopeVerifyTest, AcceptsWhatTheNodeSigned) {
  for (const auto algorithm : {crypto::KeyAlgorithm::kP256, crypto::KeyAlgorithm::kEd25519}) {
    const auto svid = authority_.Issue(kWorkerPath, {.algorithm = algorithm});
    const auto verified = VerifyEnvelope({SealAs(svid), ""}, *authority_.Trust());
    ASSERT_TRUE(verified.ok()) << verified.status();
    EXPECT_EQ(verified->signer.id, svid.id());
    EXPECT_EQ(verified->body.audience.ns.value(), "tenant-a");
  }
}

TEST_F(EnvelopeVerifyTest, AcceptsATombstone) {
  const absl::Time now = identity::TestAuthority::DefaultNow();
  const auto envelope = envelope::SealRaw(
      {.type = envelope::EventType::kNodeTombstone,
       .timestamp = now,
       .audience = {NetworkId::Parse("demo").value(), NamespaceName::Parse("tenant-a").value()},
       .sequence = 7,
       .payload = envelope::EncodeTombstone({.ns = NamespaceName::Parse("tenant-a").value(),
                                             .node_type = NodeType::Parse("worker").value(),
                                             .node_id = NodeId::Parse("w1").value()})},
      "0f4f1c3e-7d52-4c8b-9f0a-2b6d1e5a7c90", now, svid_);
  EXPECT_TRUE(VerifyEnvelope({envelope.value(), ""}, *authority_.Trust()).ok());
}

TEST_F(EnvelopeVerifyTest, JudgesAsOfTheTimeOfSigning) {
  // The certificate has long ended; it was valid when the node signed.
  EXPECT_TRUE(VerifyEnvelope({SealAs(svid_), ""}, *authority_.Trust()).ok());
  const auto late =
      SealAs(svid_, testing::SealedFields(), "tenant-a", svid_.not_after() + absl::Seconds(1));
  EXPECT_EQ(ReasonFor({late, ""}), Reason::kCertExpired);
}

TEST_F(EnvelopeVerifyTest, RefusesChangedBytes) {
  envelope::RawEnvelope envelope = SealAs(svid_);
  envelope.body.back() = static_cast<char>(envelope.body.back() ^ 1);
  EXPECT_EQ(ReasonFor({envelope, ""}), Reason::kSigInvalid);
}

TEST_F(EnvelopeVerifyTest, RefusesAnotherAuthority) {
  const identity::TestAuthority other("example.org");
  EXPECT_EQ(ReasonFor({SealAs(other.Issue(kWorkerPath)), ""}), Reason::kCertUntrusted);
  const identity::TestAuthority foreign("other.org");
  EXPECT_EQ(ReasonFor({SealAs(foreign.Issue(kWorkerPath)), ""}), Reason::kTdMismatch);
}

TEST_F(EnvelopeVerifyTest, RefusesARevokedCertificate) {
  const auto revocations =
      identity::Revocations::Create({identity::RevokedCertificate::Of(svid_.leaf())}, {}).value();
  const auto verified = VerifyEnvelope({SealAs(svid_), ""}, *authority_.Trust(2, revocations));
  EXPECT_EQ(ReasonOf(verified.status()), Reason::kCertRevoked);
}

TEST_F(EnvelopeVerifyTest, RefusesWordsAboutAnotherNode) {
  auto fields = testing::SealedFields();
  fields.node_id = "w2";
  EXPECT_EQ(ReasonFor({SealAs(svid_, fields), ""}), Reason::kSubjectMismatch);
  EXPECT_EQ(ReasonFor({SealAs(authority_.Issue("/admin/alice")), ""}), Reason::kSubjectMismatch);
}

TEST_F(EnvelopeVerifyTest, RefusesWordsForAnotherNamespace) {
  EXPECT_EQ(ReasonFor({SealAs(svid_, testing::SealedFields(), "tenant-b"), ""}),
            Reason::kAudienceMismatch);
}

TEST_F(EnvelopeVerifyTest, NeedsTheCertificate) {
  envelope::RawEnvelope envelope = SealAs(svid_);
  envelope.certificates_der.clear();
  EXPECT_EQ(ReasonFor({envelope, ""}), Reason::kIdentityMissing);
}

TEST_F(EnvelopeVerifyTest, RefusesJsonThatShowsSomethingElse) {
  const envelope::RawEnvelope envelope = SealAs(svid_);
  std::string json = envelope::ToDisplay(envelope).value();
  EXPECT_TRUE(VerifyEnvelope({envelope, json}, *authority_.Trust()).ok());
  const std::size_t at = json.find("10.0.0.7");
  ASSERT_NE(at, std::string::npos);
  json.replace(at, 8, "10.6.6.6");
  EXPECT_EQ(ReasonFor({envelope, json}), Reason::kMsgMalformed);
}

}  // namespace
}  // namespace omninode::omnictl
