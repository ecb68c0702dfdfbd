#include "services/attestor/api/attest_codec.h"

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/rpc/stream/message_bytes.h"
#include "omninode/bootstrap/v1/attestation_service.pb.h"

namespace omninode::attestor {

namespace v1 = bootstrap::v1;

absl::StatusOr<NewcomerStep> DecodeAttestRequest(const grpc::ByteBuffer& bytes) {
  v1::AttestRequest message;
  OMNI_RETURN_IF_ERROR(rpc::ParseMessage(bytes, kMaxAttestRequestBytes, &message));
  switch (message.step_case()) {
    case v1::AttestRequest::kStart:
      return NewcomerStep(StartStep{message.start().SerializeAsString()});
    case v1::AttestRequest::kProof:
      return NewcomerStep(ProofStep{message.proof().SerializeAsString()});
    case v1::AttestRequest::STEP_NOT_SET:
      break;
  }
  return Reject(Reason::kMsgMalformed, "step: neither start nor proof");
}

grpc::ByteBuffer EncodeChallenge(std::string_view challenge) {
  v1::AttestResponse message;
  message.mutable_challenge()->set_challenge(std::string(challenge));
  return rpc::SerializeMessage(message);
}

grpc::ByteBuffer EncodeResult(std::string_view result) {
  v1::AttestResponse message;
  // The bytes are a message that bootstrap_client has serialized.
  OMNI_CHECK(
      message.mutable_result()->ParseFromArray(result.data(), static_cast<int>(result.size())));
  return rpc::SerializeMessage(message);
}

}  // namespace omninode::attestor
