#ifndef OMNINODE_TOOLS_OMNICTL_BOOTSTRAP_ADMIN_CODEC_H_
#define OMNINODE_TOOLS_OMNICTL_BOOTSTRAP_ADMIN_CODEC_H_

#include <absl/status/statusor.h>

#include "omninode/bootstrap/v1/authority_service.pb.h"
#include "omninode/bootstrap/v1/entry_service.pb.h"
#include "tools/omnictl/bootstrap_admin.h"

// Answers of the bootstrap service as values. Pure. Errors name the field's path.
namespace omninode::omnictl {

bootstrap::v1::Entry Encode(const Entry& entry);
absl::StatusOr<Entry> Decode(const bootstrap::v1::Entry& message);

// The token file for the identity that was asked for. MSG_MALFORMED when the secret has another
// size than a seed has.
absl::StatusOr<enrollment::TokenFile> Decode(const bootstrap::v1::CreateJoinTokenResponse& message,
                                             std::string_view spiffe_id);

Propagation Decode(const bootstrap::v1::TrustPropagation& message);
absl::StatusOr<RevocationRecord> Decode(const bootstrap::v1::Revocation& message);

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_BOOTSTRAP_ADMIN_CODEC_H_
