#ifndef OMNINODE_SERVICES_BOOTSTRAP_API_ENTRY_CODEC_H_
#define OMNINODE_SERVICES_BOOTSTRAP_API_ENTRY_CODEC_H_

#include <absl/status/statusor.h>

#include "common/identity/trust_bundle.h"
#include "omninode/bootstrap/v1/entry_service.pb.h"
#include "services/bootstrap/api/network_map.h"
#include "services/bootstrap/desk/entry_desk.h"

// Entries and join tokens between messages and values of the desk. Pure. Errors: ARGUMENT_INVALID
// with the field's path; the rules of entries are the desk's.
namespace omninode::bootstrap {

v1::Entry Encode(const Entry& entry);
absl::StatusOr<EntryDesk::EntrySpec> Decode(const v1::CreateEntryRequest& request);
// An unset mask takes both fields; a mask with another path is refused.
absl::StatusOr<EntryDesk::EntryUpdate> Decode(const v1::UpdateEntryRequest& request);

v1::CreateJoinTokenResponse Encode(const NewJoinToken& token, const identity::TrustBundle& bundle,
                                   const NetworkMap& network);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_API_ENTRY_CODEC_H_
