#include "services/attestor/api/attest_codec.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/rpc/stream/message_bytes.h"
#include "omninode/bootstrap/v1/attestation_service.pb.h"

namespace omninode::attestor {
namespace {

namespace v1 = bootstrap::v1;

absl::StatusOr<NewcomerStep> Decode(const v1::AttestRequest& message) {
  return DecodeAttestRequest(rpc::SerializeMessage(message));
}

v1::AttestResponse Parse(const grpc::ByteBuffer& bytes) {
  v1::AttestResponse message;
  EXPECT_TRUE(rpc::ParseMessage(bytes, 1 << 20, &message).ok());
  return message;
}

TEST(AttestCodec, HandsOnTheStartUnread) {
  v1::AttestRequest message;
  message.mutable_start()->mutable_join_token()->set_token_id("t-1");
  message.mutable_start()->set_csr("csr");
  const auto step = Decode(message);
  ASSERT_TRUE(step.ok()) << step.status();
  v1::AttestationStart start;
  ASSERT_TRUE(start.ParseFromString(std::get<StartStep>(*step).bytes));
  EXPECT_EQ(start.join_token().token_id(), "t-1");
  EXPECT_EQ(start.csr(), "csr");
}

TEST(AttestCodec, HandsOnTheProofUnread) {
  v1::AttestRequest message;
  message.mutable_proof()->set_signature("sig");
  const auto step = Decode(message);
  ASSERT_TRUE(step.ok()) << step.status();
  v1::AttestationProof proof;
  ASSERT_TRUE(proof.ParseFromString(std::get<ProofStep>(*step).bytes));
  EXPECT_EQ(proof.signature(), "sig");
}

TEST(AttestCodec, RefusesARequestWithoutAStep) {
  EXPECT_EQ(ReasonOf(Decode({}).status()), Reason::kMsgMalformed);
}

TEST(AttestCodec, RefusesGarbage) {
  EXPECT_EQ(ReasonOf(DecodeAttestRequest(rpc::ToByteBuffer("\xff\xff\xff")).status()),
            Reason::kMsgMalformed);
}

TEST(AttestCodec, BearsTheBoundAndNotOneMore) {
  v1::AttestRequest message;
  message.mutable_proof()->set_signature("x");
  const std::size_t frame = [&] {
    message.mutable_proof()->set_signature(std::string(kMaxAttestRequestBytes / 2, 'x'));
    return message.ByteSizeLong() - kMaxAttestRequestBytes / 2;
  }();
  message.mutable_proof()->set_signature(std::string(kMaxAttestRequestBytes - frame, 'x'));
  ASSERT_EQ(message.ByteSizeLong(), kMaxAttestRequestBytes);
  EXPECT_TRUE(Decode(message).ok());
  message.mutable_proof()->mutable_signature()->push_back('x');
  EXPECT_EQ(ReasonOf(Decode(message).status()), Reason::kMsgTooLarge);
}

TEST(AttestCodec, EncodesChallengeAndResult) {
  EXPECT_EQ(Parse(EncodeChallenge("c")).challenge().challenge(), "c");
  v1::AttestationResult result;
  result.mutable_svid()->set_spiffe_id("spiffe://example.org/node/a/b");
  const auto parsed = Parse(EncodeResult(result.SerializeAsString()));
  EXPECT_EQ(parsed.result().svid().spiffe_id(), "spiffe://example.org/node/a/b");
}

}  // namespace
}  // namespace omninode::attestor
