#ifndef OMNINODE_COMMON_RPC_SERVE_STATUS_CODEC_H_
#define OMNINODE_COMMON_RPC_SERVE_STATUS_CODEC_H_

#include <cstddef>

#include <absl/status/status.h>
#include <grpcpp/support/status.h>

// absl::Status <-> grpc::Status. On the wire an error is a google.rpc.Status (AIP-193) with
//   ErrorInfo   reason, domain "omninode", metadata
//   RetryInfo   when the rejection says when to come back
//   BadRequest  for INVALID_ARGUMENT whose metadata names the field under "field"
// Pure functions.
namespace omninode::rpc {

// Bounds of one error, so that it fits the 8 KiB of metadata a client accepts. Longer texts are cut
// and further metadata is left out.
inline constexpr std::size_t kMaxErrorMessageBytes = 512;
inline constexpr std::size_t kMaxErrorMetadata = 8;
inline constexpr std::size_t kMaxErrorKeyBytes = 64;
inline constexpr std::size_t kMaxErrorValueBytes = 256;

// What the caller may learn of `status`; log and metric keep the original.
//   NS_FORBIDDEN and NAMESPACE_UNKNOWN become one and the same status: whether a foreign namespace
//   exists is a secret.
//   An error without a Reason, and INTERNAL, lose their text: it was written for us.
absl::Status OnWire(const absl::Status& status);

// ToGrpc(OnWire(status)) is what a service answers; ToGrpc alone does not hide anything.
grpc::Status ToGrpc(const absl::Status& status);

// The rejection a server of this suite sent, with Reason, metadata and retry hint again. Without
// readable details, or with a reason unknown here: code and message only.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_SERVE_STATUS_CODEC_H_
