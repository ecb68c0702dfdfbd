#ifndef OMNINODE_SERVICES_ATTESTOR_API_ATTEST_CODEC_H_
#define OMNINODE_SERVICES_ATTESTOR_API_ATTEST_CODEC_H_

#include <cstddef>
#include <string_view>

#include <absl/status/statusor.h>
#include <grpcpp/support/byte_buffer.h>

#include "services/attestor/api/attestation_relay.h"

// The messages of AttestationService.Attest. Pure.
namespace omninode::attestor {

// A request of 8 KiB for signing, its token id, and room for other kinds of evidence.
inline constexpr std::size_t kMaxAttestRequestBytes = 16 * 1024;

// MSG_TOO_LARGE beyond kMaxAttestRequestBytes; MSG_MALFORMED for bytes without a step.
absl::StatusOr<NewcomerStep> DecodeAttestRequest(const grpc::ByteBuffer& bytes);

grpc::ByteBuffer EncodeChallenge(std::string_view challenge);
// `result`: a serialized AttestationResult.
grpc::ByteBuffer EncodeResult(std::string_view result);

}  // namespace omninode::attestor

#endif  // OMNINODE_SERVICES_ATTESTOR_API_ATTEST_CODEC_H_
