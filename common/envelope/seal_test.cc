#include "common/envelope/seal.h"

#include <string>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/envelope/test_envelopes.h"

namespace omninode::envelope {
namespace {

using testing::InputValue;
using testing::kEventId;
using testing::kSignedAt;
using testing::SvidOf;

class SealTest : public ::testing::Test {
 protected:
  std::optional<Reason> Refusal(const SealInput& input,
                                std::string_view event_id = kEventId) const {
    return ReasonOf(Seal(input, event_id, kSignedAt, svid_).status());
  }

  const identity::X509Svid svid_ = SvidOf(crypto::KeyAlgorithm::kEd25519);
};

TEST_F(SealTest, SaysWhoSignedWhatAndWhen) {
  const auto envelope = SealRaw(InputValue(), kEventId, kSignedAt, svid_);
  ASSERT_TRUE(envelope.ok()) << envelope.status();
  EXPECT_EQ(envelope->spiffe_id, "spiffe://example.org/ns/tenant-a/node/worker/w1");
  EXPECT_EQ(envelope->certificates_der, svid_.chain_der());
  EXPECT_EQ(envelope->algorithm, crypto::SignatureAlgorithm::kEd25519);
  const auto body = DecodeBody(envelope->body, Strictness::kRefuseUnknown);
  ASSERT_TRUE(body.ok()) << body.status();
  Body expected = testing::BodyValue();
  expected.leaf_fingerprint = svid_.leaf().fingerprint();
  EXPECT_EQ(*body, expected);
}

TEST_F(SealTest, GivesTheSameBytesForTheSameArguments) {
  const auto first = Seal(InputValue(), kEventId, kSignedAt, svid_);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(*first, *Seal(InputValue(), kEventId, kSignedAt, svid_));
  EXPECT_EQ(*DecodeRawEnvelope(*first), *SealRaw(InputValue(), kEventId, kSignedAt, svid_));
}

TEST_F(SealTest, ARetryIsTheSameContentSignedAnew) {
  const auto first = SealRaw(InputValue(), kEventId, kSignedAt, svid_);
  const auto again = SealRaw(InputValue(), "11111111-2222-4333-8444-555555555555",
                             kSignedAt + absl::Minutes(5), SvidOf(crypto::KeyAlgorithm::kP256));
  ASSERT_TRUE(first.ok() && again.ok());
  const auto first_body = DecodeBody(first->body, Strictness::kRefuseUnknown);
  const auto again_body = DecodeBody(again->body, Strictness::kRefuseUnknown);
  ASSERT_TRUE(first_body.ok() && again_body.ok());
  EXPECT_NE(first->body, again->body);
  EXPECT_EQ(ContentDigest(*first_body), ContentDigest(*again_body));
  EXPECT_EQ(first_body->sequence, again_body->sequence);
}

TEST_F(SealTest, RefusesWhatAReceiverWouldRefuse) {
  SealInput input = InputValue();
  EXPECT_EQ(Refusal(input), std::nullopt);
  EXPECT_EQ(Refusal(input, "not-a-uuid"), Reason::kArgumentInvalid);
  input.sequence = 0;
  EXPECT_EQ(Refusal(input), Reason::kArgumentInvalid);
  input = InputValue();
  input.correlation_id = "\t";
  EXPECT_EQ(Refusal(input), Reason::kArgumentInvalid);
}

TEST_F(SealTest, BoundsTheBody) {
  SealInput input = InputValue();
  input.payload.clear();
  const std::size_t rest = SealRaw(input, kEventId, kSignedAt, svid_)->body.size();
  // The payload's tag and its length of three bytes.
  input.payload = std::string(kMaxBodyBytes - rest - 4, 'p');
  const auto largest = SealRaw(input, kEventId, kSignedAt, svid_);
  ASSERT_TRUE(largest.ok()) << largest.status();
  EXPECT_EQ(largest->body.size(), kMaxBodyBytes);
  input.payload.push_back('p');
  EXPECT_EQ(Refusal(input), Reason::kMsgTooLarge);
}

// The largest body beside the largest certificate is more than an envelope may have.
TEST_F(SealTest, BoundsTheEnvelope) {
  const identity::TestAuthority authority("example.org");
  const auto svid = authority.Issue(
      "/ns/tenant-a/node/worker/w1",
      {.algorithm = crypto::KeyAlgorithm::kEd25519, .change = [](crypto::CertificateSpec& spec) {
         // An extension, 1.2.3, that nobody has to understand.
         spec.extra.push_back({.oid = "\x2a\x03", .value = std::string(15'760, 'x')});
       }});
  SealInput input = InputValue();
  input.payload = std::string(47 * 1024, 'p');
  const auto smaller = Seal(input, kEventId, kSignedAt, svid);
  ASSERT_TRUE(smaller.ok()) << smaller.status();
  input.payload.append(kMaxEnvelopeBytes - smaller->size(), 'p');
  const auto largest = Seal(input, kEventId, kSignedAt, svid);
  ASSERT_TRUE(largest.ok()) << largest.status();
  EXPECT_EQ(largest->size(), kMaxEnvelopeBytes);
  EXPECT_EQ(DecodeRawEnvelope(*largest).status(), absl::OkStatus());
  input.payload.push_back('p');
  EXPECT_EQ(Refusal(input), std::nullopt) << "with a small certificate";
  EXPECT_EQ(ReasonOf(Seal(input, kEventId, kSignedAt, svid).status()), Reason::kMsgTooLarge);
}

}  // namespace
}  // namespace omninode::envelope
