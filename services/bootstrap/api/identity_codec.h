#ifndef OMNINODE_SERVICES_BOOTSTRAP_API_IDENTITY_CODEC_H_
#define OMNINODE_SERVICES_BOOTSTRAP_API_IDENTITY_CODEC_H_

#include <cstddef>
#include <optional>

#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <google/protobuf/duration.pb.h>

#include "omninode/bootstrap/v1/identity_service.pb.h"
#include "services/bootstrap/desk/identity_desk.h"
#include "services/bootstrap/issuance/issue_request.h"

// Requests for identities, and identities, between messages and values of the desk. Pure.
namespace omninode::bootstrap {

inline constexpr std::size_t kMaxSourceAddressBytes = 128;

v1::X509Svid Encode(const IssuedSvid& svid);

// MSG_MALFORMED or SPIFFE_ID_INVALID with the field's path.
absl::StatusOr<IdentityDesk::AttestationStart> Decode(const v1::BeginAttestationRequest& request);

// A duration that may be left out. ARGUMENT_INVALID with the path `field` when it is below zero or
// no duration.
absl::StatusOr<std::optional<absl::Duration>> DecodeOptional(
    bool given, const google::protobuf::Duration& duration, std::string_view field);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_API_IDENTITY_CODEC_H_
