#include "common/envelope/open.h"

#include <array>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/test_envelopes.h"
#include "common/envelope/test_wire.h"

namespace omninode::envelope {
namespace {

using crypto::KeyAlgorithm;
using crypto::SignatureAlgorithm;
using testing::BytesField;
using testing::NumberField;
using testing::Sealed;
using testing::SignedBytes;
using testing::SvidOf;

constexpr std::array kKeyAlgorithms = {KeyAlgorithm::kP256, KeyAlgorithm::kEd25519,
                                       KeyAlgorithm::kRsa2048};
// No message by any reading: a field announces more than there is.
constexpr std::string_view kUnparsable = "\x0a\x7f";

absl::StatusOr<Body> Open(const RawEnvelope& envelope, const crypto::Certificate& leaf) {
  return VerifyAndDecode(envelope, leaf, Strictness::kRefuseUnknown);
}
std::optional<Reason> RefusalOf(const RawEnvelope& envelope, const crypto::Certificate& leaf) {
  return ReasonOf(Open(envelope, leaf).status());
}

class OpenEveryKeyTest : public ::testing::TestWithParam<KeyAlgorithm> {
 protected:
  const identity::X509Svid svid_ = SvidOf(GetParam());
  const crypto::Certificate& leaf_ = svid_.leaf();
};
INSTANTIATE_TEST_SUITE_P(Keys, OpenEveryKeyTest, ::testing::ValuesIn(kKeyAlgorithms),
                         [](const auto& param) {
                           return std::string(crypto::NameOf(param.param));
                         });

TEST_P(OpenEveryKeyTest, OpensWhatWasSealed) {
  const auto body = Open(Sealed(svid_), leaf_);
  ASSERT_TRUE(body.ok()) << body.status();
  EXPECT_EQ(body->payload, testing::BodyValue().payload);
  EXPECT_EQ(body->leaf_fingerprint, leaf_.fingerprint());
}

// T1
TEST_P(OpenEveryKeyTest, RefusesAnotherKeysSignature) {
  RawEnvelope envelope = Sealed(svid_);
  envelope.signature = Sealed(SvidOf(GetParam())).signature;
  EXPECT_EQ(RefusalOf(envelope, leaf_), Reason::kSigInvalid);
  envelope.signature = "random bytes";
  EXPECT_EQ(RefusalOf(envelope, leaf_), Reason::kSigInvalid);
  envelope.signature.clear();
  EXPECT_EQ(RefusalOf(envelope, leaf_), Reason::kSigInvalid);
}

// T15: the algorithm is fixed by the key, whatever the envelope says.
TEST_P(OpenEveryKeyTest, RefusesEveryOtherAlgorithm) {
  const SignatureAlgorithm own = crypto::SignatureAlgorithmFor(GetParam());
  for (const auto signer : kKeyAlgorithms) {
    for (const auto claimed :
         {SignatureAlgorithm::kSha256WithRsa, SignatureAlgorithm::kSha256WithEcdsa,
          SignatureAlgorithm::kEd25519}) {
      RawEnvelope envelope = Sealed(svid_);
      if (signer != GetParam()) envelope.signature = Sealed(SvidOf(signer)).signature;
      envelope.algorithm = claimed;
      const auto expected = claimed != own         ? std::optional(Reason::kAlgRejected)
                            : signer != GetParam() ? std::optional(Reason::kSigInvalid)
                                                   : std::nullopt;
      EXPECT_EQ(RefusalOf(envelope, leaf_), expected)
          << crypto::NameOf(signer) << " as " << crypto::NameOf(claimed);
    }
  }
}

// T16
TEST_P(OpenEveryKeyTest, RefusesBytesAfterTheSignature) {
  RawEnvelope envelope = Sealed(svid_);
  envelope.signature.push_back('\0');
  EXPECT_EQ(RefusalOf(envelope, leaf_), Reason::kSigInvalid);
  envelope.signature.resize(envelope.signature.size() - 2);
  EXPECT_EQ(RefusalOf(envelope, leaf_), Reason::kSigInvalid);
}

// G27: what is not signed is not looked into. Had it been, the reason would be MSG_MALFORMED.
TEST_P(OpenEveryKeyTest, DoesNotParseWhatIsNotSigned) {
  RawEnvelope envelope = Sealed(svid_);
  envelope.body = kUnparsable;
  EXPECT_EQ(RefusalOf(envelope, leaf_), Reason::kSigInvalid);
  EXPECT_EQ(RefusalOf(SignedBytes(svid_, std::string(kUnparsable)), leaf_), Reason::kMsgMalformed)
      << "signed, it is looked into";
}

TEST_P(OpenEveryKeyTest, RefusesASignatureOverTheBareBody) {
  RawEnvelope envelope = Sealed(svid_);
  envelope.signature = svid_.key().Sign(envelope.body);
  EXPECT_EQ(RefusalOf(envelope, leaf_), Reason::kSigInvalid);
  envelope.signature =
      svid_.key().Sign(PreAuthenticationEncoding("application/json", envelope.body));
  EXPECT_EQ(RefusalOf(envelope, leaf_), Reason::kSigInvalid);
}

class OpenTest : public ::testing::Test {
 protected:
  const identity::TestAuthority authority_{"example.org"};
  const identity::X509Svid svid_ =
      authority_.Issue("/ns/tenant-a/node/worker/w1", {.algorithm = KeyAlgorithm::kEd25519});
  const crypto::Certificate& leaf_ = svid_.leaf();
};

// What a registry does with bytes from the wire, as far as this folder goes: the leaf that it has
// verified is the one in the envelope or none.
absl::Status Admit(const std::string& bytes, const crypto::Certificate& verified_leaf) {
  const auto envelope = DecodeRawEnvelope(bytes);
  if (!envelope.ok()) return envelope.status();
  if (envelope->certificates_der.empty() ||
      envelope->certificates_der.front() != verified_leaf.der()) {
    return Reject(Reason::kCertUntrusted, "not the certificate that was verified");
  }
  return Open(*envelope, verified_leaf).status();
}

// T2, G27: no bit of a sealed envelope can be changed, and one in the body is found by the
// signature and by nothing else.
TEST_F(OpenTest, RefusesEveryChangedBitBeforeParsing) {
  const RawEnvelope envelope = Sealed(svid_);
  const std::string bytes = EncodeRawEnvelope(envelope);
  const std::size_t body_begin = bytes.find(envelope.body);
  const std::size_t body_end = body_begin + envelope.body.size();
  ASSERT_EQ(Admit(bytes, leaf_), absl::OkStatus());
  const std::set<Reason> outside = {Reason::kMsgMalformed,     Reason::kMsgTooLarge,
                                    Reason::kAlgRejected,      Reason::kCertUntrusted,
                                    Reason::kIdentityMismatch, Reason::kSigInvalid};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      const auto reason = ReasonOf(Admit(changed, leaf_));
      ASSERT_TRUE(reason.has_value()) << "byte " << i << " bit " << bit << " was accepted";
      if (i >= body_begin && i < body_end) {
        ASSERT_EQ(*reason, Reason::kSigInvalid) << "byte " << i << " bit " << bit;
      } else {
        ASSERT_TRUE(outside.contains(*reason)) << "byte " << i << ": " << NameOf(*reason);
      }
    }
  }
}

TEST_F(OpenTest, RefusesACutOrLongerEnvelope) {
  const std::string bytes = EncodeRawEnvelope(Sealed(svid_));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_FALSE(Admit(bytes.substr(0, size), leaf_).ok()) << size;
  }
  EXPECT_EQ(ReasonOf(Admit(bytes + BytesField(2, "body"), leaf_)), Reason::kMsgMalformed);
  EXPECT_EQ(ReasonOf(Admit(bytes + NumberField(4, 1), leaf_)), Reason::kMsgMalformed);
}

TEST_F(OpenTest, RefusesAnotherNameThanTheCertificates) {
  RawEnvelope envelope = Sealed(svid_);
  envelope.spiffe_id = "spiffe://example.org/ns/tenant-a/node/worker/w2";
  EXPECT_EQ(RefusalOf(envelope, leaf_), Reason::kIdentityMismatch);
  envelope.spiffe_id.clear();
  EXPECT_EQ(RefusalOf(envelope, leaf_), Reason::kIdentityMismatch);
}

TEST_F(OpenTest, RefusesALeafWithTwoUriSans) {
  const auto leaf = authority_.IssueLeaf(
      "/ns/tenant-a/node/worker/w1", svid_.key().public_key(),
      {.change = [](crypto::CertificateSpec& spec) { spec.uris.push_back("spiffe://x/y"); }});
  EXPECT_EQ(RefusalOf(Sealed(svid_), leaf), Reason::kIdentityMismatch);
}

// Renewed with the same key: the signature verifies, but it was made for the other certificate.
TEST_F(OpenTest, RefusesAnotherCertificateOfTheSameKey) {
  const auto renewed = authority_.IssueLeaf("/ns/tenant-a/node/worker/w1", svid_.key().public_key(),
                                            {.ttl = absl::Hours(2)});
  ASSERT_NE(renewed.fingerprint(), leaf_.fingerprint());
  const auto status = Open(Sealed(svid_), renewed).status();
  EXPECT_EQ(ReasonOf(status), Reason::kSigInvalid);
  EXPECT_NE(Message(status).find("signed for certificate"), std::string_view::npos) << status;
}

TEST_F(OpenTest, LeavesUnknownFieldsToTheReadersStrictness) {
  const RawEnvelope newer = SignedBytes(svid_, Sealed(svid_).body + NumberField(20, 1));
  EXPECT_EQ(RefusalOf(newer, leaf_), Reason::kMsgMalformed);
  EXPECT_EQ(VerifyAndDecode(newer, leaf_, Strictness::kIgnoreUnknown).status(), absl::OkStatus());
}

TEST_F(OpenTest, NeedsNoCertificateInTheEnvelope) {
  RawEnvelope envelope = Sealed(svid_);
  envelope.certificates_der.clear();
  EXPECT_EQ(Open(envelope, leaf_).status(), absl::OkStatus());
}

}  // namespace
}  // namespace omninode::envelope
