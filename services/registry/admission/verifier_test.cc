#include "services/registry/admission/verifier.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/envelope/test_wire.h"
#include "services/registry/admission/testing/envelopes.h"

namespace omninode::registry {
namespace {

using envelope::EventType;
using envelope::RawEnvelope;
using envelope::SealInput;
using identity::TestAuthority;
using identity::X509Svid;
using testing::AudienceOf;
using testing::PathOf;

// The rows T1 to T39 are those of the threat model.
class VerifierTest : public ::testing::Test {
 protected:
  RawEnvelope Seal(const SealInput& input, const X509Svid& svid, absl::Time signed_at) const {
    return *envelope::SealRaw(input, testing::kEventId, signed_at, svid);
  }
  RawEnvelope Seal(const SealInput& input) const { return Seal(input, svid_, now_); }
  RawEnvelope Sealed() const { return Seal(Input()); }
  SealInput Input() const { return testing::RegistrationInput("w1", now_); }

  absl::StatusOr<VerifiedEnvelope> VerifyBytes(std::string_view bytes, const Submitter& submitter,
                                               EventType expected = EventType::kNodeIntrospection) {
    return verifier_.Verify(bytes, expected, submitter, *trust_, now_);
  }
  absl::StatusOr<VerifiedEnvelope> Verify(const RawEnvelope& raw, const Submitter& submitter,
                                          EventType expected = EventType::kNodeIntrospection) {
    return VerifyBytes(EncodeRawEnvelope(raw), submitter, expected);
  }
  absl::StatusOr<VerifiedEnvelope> Verify(const RawEnvelope& raw) {
    return Verify(raw, testing::Itself(svid_));
  }
  Reason Refusal(const RawEnvelope& raw) { return RefusalOf(Verify(raw)); }
  // From an agent, which may carry what others signed.
  Reason CarriedRefusal(const RawEnvelope& raw) { return RefusalOf(Verify(raw, agent_)); }
  static Reason RefusalOf(const absl::StatusOr<VerifiedEnvelope>& verified) {
    EXPECT_FALSE(verified.ok());
    return ReasonOf(verified.status()).value_or(Reason::kInternal);
  }
  // An envelope with the certificate of a leaf that no X509Svid would take.
  RawEnvelope WithLeaf(std::string_view id,
                       std::function<void(crypto::CertificateSpec&)> change) const {
    RawEnvelope raw = Sealed();
    raw.certificates_der = {
        authority_.IssueLeaf(id, svid_.key().public_key(), {.change = std::move(change)}).der()};
    return raw;
  }

  const TestAuthority authority_{"example.org"};
  const absl::Time now_ = TestAuthority::DefaultNow();
  const X509Svid svid_ = authority_.Issue(PathOf("w1"));
  const X509Svid other_ = authority_.Issue(PathOf("w2"));
  const Submitter agent_ = testing::Agent(authority_);
  identity::TrustStatePtr trust_ = authority_.Trust();
  identity::CertificateCache cache_;
  const Verifier verifier_{
      {*NetworkId::Parse(testing::kNetwork), authority_.trust_domain(), absl::Seconds(120)},
      cache_};
};

TEST_F(VerifierTest, AdmitsWhatANodeSignedAndKeepsTheEvidence) {
  const RawEnvelope raw = Sealed();
  const auto verified = Verify(raw);
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->subject, svid_.id());
  const Admitted& admitted = verified->admitted;
  EXPECT_EQ(admitted.node.ns.value(), "tenant-a");
  EXPECT_EQ(admitted.node.id.value(), "w1");
  EXPECT_EQ(admitted.type.value(), "worker");
  EXPECT_EQ(admitted.sequence, Input().sequence);
  EXPECT_EQ(admitted.signed_at, now_);
  EXPECT_TRUE(admitted.clock.ok());
  EXPECT_EQ(admitted.correlation_id, "deploy 17");
  EXPECT_EQ(admitted.submitter, svid_.id().ToString());
  EXPECT_EQ(admitted.signer.spiffe_id, svid_.id().ToString());
  EXPECT_EQ(admitted.signer.certificate_key, identity::Revocations::KeyOf(svid_.leaf()));
  EXPECT_EQ(admitted.signer.not_before, svid_.not_before());
  EXPECT_EQ(admitted.evidence->body, raw.body);
  EXPECT_EQ(admitted.evidence->signature, raw.signature);
  EXPECT_EQ(admitted.evidence->chain->der, svid_.chain_der());
  EXPECT_EQ(admitted.evidence->chain->leaf_fingerprint, svid_.leaf().fingerprint());
}

TEST_F(VerifierTest, TheDigestIsOfTheContentNotOfTheSigning) {
  const auto first = Verify(Sealed());
  const auto again = Verify(Seal(Input(), svid_, now_ + absl::Seconds(5)));
  EXPECT_EQ(first->admitted.digest, again->admitted.digest);
  SealInput other = Input();
  other.payload = envelope::EncodeIntrospection(*directory::Introspection::Create(
      {.ns = "tenant-a", .node_type = "worker", .node_id = "w1", .version = "2.0"}));
  EXPECT_NE(first->admitted.digest, Verify(Seal(other))->admitted.digest);
}

TEST_F(VerifierTest, AdmitsATombstone) {
  const auto verified = Verify(Seal(testing::GoodbyeInput("w1", now_)), testing::Itself(svid_),
                               EventType::kNodeTombstone);
  ASSERT_TRUE(verified.ok()) << verified.status();
  const auto& payload = std::get<envelope::TombstonePayload>(verified->payload);
  EXPECT_EQ(payload.reason_text, "scaled down");
}

TEST_F(VerifierTest, AServiceIsANodeOfTheSystem) {
  const X509Svid service = authority_.Issue("/service/registry/registry-1");
  SealInput input = Input();
  input.audience = AudienceOf(testing::kNetwork, "system");
  input.payload = envelope::EncodeIntrospection(*directory::Introspection::Create(
      {.ns = "system", .node_type = "registry", .node_id = "registry-1"}));
  EXPECT_TRUE(Verify(Seal(input, service, now_), testing::Itself(service)).ok());
}

TEST_F(VerifierTest, T1RefusesAnotherKeysSignatureAndRandomBytes) {
  RawEnvelope raw = Sealed();
  raw.signature = Seal(Input(), other_, now_).signature;
  EXPECT_EQ(Refusal(raw), Reason::kSigInvalid);
  raw.signature = "random bytes";
  EXPECT_EQ(Refusal(raw), Reason::kSigInvalid);
}

TEST_F(VerifierTest, T2RefusesAChangedBodyAndASecondOne) {
  const RawEnvelope good = Sealed();
  for (const std::size_t place : {std::size_t{0}, good.body.size() / 2, good.body.size() - 1}) {
    RawEnvelope raw = good;
    raw.body[place] = static_cast<char>(raw.body[place] ^ 1);
    EXPECT_EQ(Refusal(raw), Reason::kSigInvalid);
  }
  const std::string twice =
      EncodeRawEnvelope(good) + envelope::testing::BytesField(2, "another body");
  EXPECT_EQ(RefusalOf(VerifyBytes(twice, agent_)), Reason::kMsgMalformed);
}

// G27: what is not signed is not looked into, however it looks.
TEST_F(VerifierTest, NothingIsParsedBeforeItsSignatureHolds) {
  RawEnvelope raw = Sealed();
  raw.body = "\x0a\x7f";  // announces more than there is
  EXPECT_EQ(Refusal(raw), Reason::kSigInvalid);
  raw.body = std::string(envelope::kMaxBodyBytes, '\xff');
  EXPECT_EQ(Refusal(raw), Reason::kSigInvalid);
}

TEST_F(VerifierTest, T3OnlyTheNodeItselfOrACarrierMaySubmit) {
  EXPECT_EQ(RefusalOf(Verify(Sealed(), testing::Itself(other_))), Reason::kIdentityMismatch);
  const auto carried = Verify(Sealed(), agent_);
  ASSERT_TRUE(carried.ok());
  EXPECT_EQ(carried->admitted.submitter, agent_.id.ToString());
  EXPECT_EQ(carried->admitted.signer.spiffe_id, svid_.id().ToString());
}

// The name outside the signature does not help who stole an envelope.
TEST_F(VerifierTest, T3AnotherNameBesideTheBodyIsRefused) {
  RawEnvelope raw = Sealed();
  raw.spiffe_id = other_.id().ToString();
  EXPECT_EQ(RefusalOf(Verify(raw, testing::Itself(other_))), Reason::kIdentityMismatch);
}

TEST_F(VerifierTest, T4ANodeSpeaksForItselfOnly) {
  EXPECT_EQ(Refusal(Seal(testing::RegistrationInput("w2", now_))), Reason::kSubjectMismatch);
  SealInput other_type = Input();
  other_type.payload = envelope::EncodeIntrospection(
      *directory::Introspection::Create({.ns = "tenant-a", .node_type = "boss", .node_id = "w1"}));
  EXPECT_EQ(Refusal(Seal(other_type)), Reason::kSubjectMismatch);
}

TEST_F(VerifierTest, T4WhoIsNoNodeIsNotRegistered) {
  const X509Svid agent = authority_.Issue("/agent/host-1");
  EXPECT_EQ(RefusalOf(Verify(Seal(Input(), agent, now_), agent_)), Reason::kSubjectMismatch);
}

TEST_F(VerifierTest, T8T11ABadClockIsNotedAndRefusesNothingYet) {
  const X509Svid old = authority_.Issue(PathOf("w1"), {.backdate = absl::Minutes(30)});
  const auto clock = [&](const X509Svid& svid, absl::Duration off) {
    SealInput input = Input();
    input.sequence -= 1'000'000'000;  // made before it was signed
    const auto verified = Verify(Seal(input, svid, now_ + off));
    EXPECT_TRUE(verified.ok()) << verified.status();
    return ReasonOf(verified->admitted.clock);
  };
  EXPECT_EQ(clock(old, absl::Minutes(10)), Reason::kClockSkew);
  EXPECT_EQ(clock(old, -absl::Minutes(10)), Reason::kMessageExpired);
  EXPECT_EQ(clock(svid_, -absl::Minutes(10)), Reason::kClockSkew);  // before its certificate
  EXPECT_EQ(clock(old, absl::Seconds(120)), std::nullopt);
  EXPECT_EQ(clock(old, -absl::Seconds(120)), std::nullopt);
}

TEST_F(VerifierTest, T14AnEnvelopeIsGoodForOnePurposeNetworkAndNamespace) {
  EXPECT_EQ(RefusalOf(Verify(Sealed(), agent_, EventType::kNodeTombstone)),
            Reason::kAudienceMismatch);
  EXPECT_EQ(RefusalOf(Verify(Seal(testing::GoodbyeInput("w1", now_)), agent_)),
            Reason::kAudienceMismatch);
  SealInput input = Input();
  input.audience = AudienceOf("other-net", "tenant-a");
  EXPECT_EQ(Refusal(Seal(input)), Reason::kAudienceMismatch);
  input.audience = AudienceOf(testing::kNetwork, "tenant-b");
  EXPECT_EQ(Refusal(Seal(input)), Reason::kAudienceMismatch);
}

TEST_F(VerifierTest, T15TheAlgorithmIsTheOneOfTheKey) {
  RawEnvelope raw = Sealed();
  for (const auto algorithm :
       {crypto::SignatureAlgorithm::kSha256WithRsa, crypto::SignatureAlgorithm::kEd25519}) {
    raw.algorithm = algorithm;
    EXPECT_EQ(Refusal(raw), Reason::kAlgRejected);
  }
}

TEST_F(VerifierTest, T16ASignatureHasOneEncodingAndNoAppendix) {
  RawEnvelope raw = Sealed();
  raw.signature += '\0';
  EXPECT_EQ(Refusal(raw), Reason::kSigInvalid);
  raw.signature.clear();
  EXPECT_NE(Refusal(raw), Reason::kInternal);
}

TEST_F(VerifierTest, T17SizeIsJudgedFirst) {
  const std::string over(envelope::kMaxEnvelopeBytes + 1, 'x');
  EXPECT_EQ(RefusalOf(VerifyBytes(over, agent_)), Reason::kMsgTooLarge);
  EXPECT_EQ(RefusalOf(VerifyBytes(std::string_view(over).substr(1), agent_)),
            Reason::kMsgMalformed);
}

TEST_F(VerifierTest, T18GroupsAndGarbageAreMalformed) {
  using envelope::testing::Bytes;
  for (const std::string& bytes : {Bytes({0x0b, 0x0c}), Bytes({0xff}), std::string()}) {
    EXPECT_EQ(RefusalOf(VerifyBytes(bytes, agent_)), Reason::kMsgMalformed);
  }
  SealInput input = Input();
  input.payload += envelope::testing::Tag(15, 3);  // a group
  EXPECT_EQ(Refusal(Seal(input)), Reason::kMsgMalformed);
}

TEST_F(VerifierTest, T20NamesAreChecked) {
  for (const char* name : {"W1", "w\x01", "w\xff", "w "}) {
    SealInput input = Input();
    const auto place = input.payload.find("w1");
    ASSERT_NE(place, std::string::npos);
    input.payload.replace(place, 2, name);
    const Reason reason = Refusal(Seal(input));
    EXPECT_TRUE(reason == Reason::kNameInvalid || reason == Reason::kMsgMalformed) << name;
  }
}

TEST_F(VerifierTest, T21UnknownFieldsOfSignedMessagesAreRefused) {
  SealInput input = Input();
  input.payload += envelope::testing::NumberField(99, 1);
  EXPECT_EQ(Refusal(Seal(input)), Reason::kMsgMalformed);
  const std::string beside = EncodeRawEnvelope(Sealed()) + envelope::testing::NumberField(99, 1);
  EXPECT_EQ(RefusalOf(VerifyBytes(beside, agent_)), Reason::kMsgMalformed);
}

TEST_F(VerifierTest, T22ACertificateNamesAProperSpiffeId) {
  for (const char* id : {"spiffe://example.org/ns/../admin/x", "spiffe://example.org/node/",
                         "spiffe://EXAMPLE.org/x", "spiffe://example.org/a?b",
                         "spiffe://example.org:80/a", "spiffe://example.org/%41"}) {
    EXPECT_EQ(CarriedRefusal(WithLeaf(id, nullptr)), Reason::kSpiffeIdInvalid) << id;
  }
}

TEST_F(VerifierTest, T26ANodeDoesNotMoveToAnotherNamespace) {
  SealInput input = Input();
  input.audience = AudienceOf(testing::kNetwork, "tenant-b");
  input.payload = envelope::EncodeIntrospection(*directory::Introspection::Create(
      {.ns = "tenant-b", .node_type = "worker", .node_id = "w1"}));
  EXPECT_EQ(Refusal(Seal(input)), Reason::kNsForbidden);
}

TEST_F(VerifierTest, T37ARevokedCertificateIsRefusedAlsoFromTheCache) {
  ASSERT_TRUE(Verify(Sealed()).ok());
  const auto ban = [&](bool lifted) {
    return *identity::Revocations::Create({}, {{svid_.id(), now_ + absl::Seconds(1), lifted}});
  };
  trust_ = authority_.Trust(
      2, *identity::Revocations::Create({identity::RevokedCertificate::Of(svid_.leaf())}, {}));
  EXPECT_EQ(Refusal(Sealed()), Reason::kCertRevoked);
  trust_ = authority_.Trust(3, ban(false));
  EXPECT_EQ(Refusal(Sealed()), Reason::kIdentityBanned);
  trust_ = authority_.Trust(4, ban(true));  // what is older than the ban stays refused
  EXPECT_EQ(Refusal(Sealed()), Reason::kIdentityBanned);
  trust_ = authority_.Trust(5);
  EXPECT_TRUE(Verify(Sealed()).ok());
}

TEST_F(VerifierTest, T38T39OnlyALeafWithTheProfileOfAnSvidSigns) {
  const std::string id = svid_.id().ToString();
  EXPECT_EQ(CarriedRefusal(WithLeaf(id, [](auto& spec) { spec.uris.push_back("spiffe://x/y"); })),
            Reason::kCertProfile);
  EXPECT_EQ(CarriedRefusal(WithLeaf(id, [](auto& spec) { spec.uris.clear(); })),
            Reason::kCertProfile);
  EXPECT_EQ(CarriedRefusal(WithLeaf(id, [](auto& spec) { spec.is_ca = true; })),
            Reason::kCertProfile);
  RawEnvelope raw = Sealed();
  raw.certificates_der = {authority_.ca().der()};
  EXPECT_EQ(CarriedRefusal(raw), Reason::kCertProfile);
  raw.certificates_der = {"no certificate"};
  EXPECT_EQ(CarriedRefusal(raw), Reason::kCertProfile);
}

TEST_F(VerifierTest, ACertificateMustLeadToOurAuthority) {
  const TestAuthority impostor("example.org");
  const X509Svid forged = impostor.Issue(PathOf("w1"));
  EXPECT_EQ(RefusalOf(Verify(Seal(Input(), forged, now_), testing::Itself(forged))),
            Reason::kCertUntrusted);
  const X509Svid expired = authority_.Issue(PathOf("w1"), {.ttl = -absl::Seconds(30)});
  EXPECT_EQ(RefusalOf(Verify(Seal(Input(), expired, now_), testing::Itself(expired))),
            Reason::kCertExpired);
}

TEST_F(VerifierTest, APeerNetworksIdentityDoesNotRegisterHere) {
  const TestAuthority peer("peer.org");
  const X509Svid foreign = peer.Issue(PathOf("w1"));
  const RawEnvelope raw = Seal(Input(), foreign, now_);
  EXPECT_EQ(CarriedRefusal(raw), Reason::kTdMismatch);
  trust_ = authority_.Trust(2, {}, {peer.bundle()});  // federated: believed, but not of ours
  EXPECT_EQ(CarriedRefusal(raw), Reason::kTdMismatch);
}

TEST_F(VerifierTest, TheLeafMustBeThere) {
  RawEnvelope raw = Sealed();
  raw.certificates_der.clear();
  EXPECT_EQ(Refusal(raw), Reason::kMsgMalformed);
}

// Cheap checks first, and nobody learns more than the first thing that is wrong.
TEST_F(VerifierTest, TheOrderOfTheChecks) {
  // Everything is wrong; each step puts right what was found.
  SealInput input = testing::RegistrationInput("w2", now_);
  input.audience = AudienceOf("other-net", "tenant-a");
  RawEnvelope raw = Seal(input);
  const std::string signature = std::exchange(raw.signature, "wrong");
  raw.certificates_der = {"no certificate"};
  EXPECT_EQ(RefusalOf(Verify(raw, testing::Itself(other_))), Reason::kIdentityMismatch);
  EXPECT_EQ(Refusal(raw), Reason::kCertProfile);
  raw.certificates_der = svid_.chain_der();
  EXPECT_EQ(Refusal(raw), Reason::kSigInvalid);
  raw.signature = signature;
  EXPECT_EQ(Refusal(raw), Reason::kAudienceMismatch);
  input.audience = AudienceOf(testing::kNetwork, "tenant-a");
  EXPECT_EQ(Refusal(Seal(input)), Reason::kSubjectMismatch);
}

TEST_F(VerifierTest, ACertificateIsParsedOnce) {
  ASSERT_TRUE(Verify(Sealed()).ok());
  ASSERT_TRUE(Verify(Seal(Input(), svid_, now_ + absl::Seconds(1))).ok());
  EXPECT_EQ(cache_.stats().misses, 1u);
  EXPECT_EQ(cache_.stats().hits, 1u);
}

// Behind a leaf that is known nobody looks at what follows it; evidence must not carry it on.
TEST_F(VerifierTest, EvidenceHoldsOnlyCertificatesThatWereVerified) {
  ASSERT_TRUE(Verify(Sealed()).ok());
  RawEnvelope raw = Sealed();
  raw.certificates_der.push_back("no certificate");
  const auto verified = Verify(raw);
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->admitted.evidence->chain->der, svid_.chain_der());
}

}  // namespace
}  // namespace omninode::registry
