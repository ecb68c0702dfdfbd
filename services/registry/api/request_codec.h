#ifndef OMNINODE_SERVICES_REGISTRY_API_REQUEST_CODEC_H_
#define OMNINODE_SERVICES_REGISTRY_API_REQUEST_CODEC_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include <absl/status/statusor.h>

#include "common/directory/node_ref.h"

// The requests that carry signed envelopes, from the bytes as they came: size and shape get reasons
// of ours, and the envelope's bytes are never parsed and written again.
// Errors: MSG_TOO_LARGE, MSG_MALFORMED, and of administrators' words NAME_INVALID and
// ARGUMENT_INVALID.
namespace omninode::registry {

// An envelope at its largest, and the frame around it.
inline constexpr std::size_t kMaxEnvelopeRequestBytes = 64 * 1024 + 64;

// The serialized SignedEnvelope in a serialized RegisterRequest.
absl::StatusOr<std::string> DecodeRegisterRequest(std::string_view bytes);

struct AdminRemoval {
  directory::NodeRef node;
  std::string reason_text;
  std::string request_id;  // empty: the caller does not retry
};

// Either the serialized SignedEnvelope or an administrator's word.
using DeregisterWord = std::variant<std::string, AdminRemoval>;
absl::StatusOr<DeregisterWord> DecodeDeregisterRequest(std::string_view bytes);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_API_REQUEST_CODEC_H_
