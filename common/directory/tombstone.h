#ifndef OMNINODE_COMMON_DIRECTORY_TOMBSTONE_H_
#define OMNINODE_COMMON_DIRECTORY_TOMBSTONE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/directory/health.h"
#include "common/directory/node_ref.h"
#include "common/directory/position.h"

namespace omninode::directory {

// Why a node left the topology. The numbers are those of the API and of stored records.
enum class RemovalReason : std::uint8_t {
  kGracefulShutdown = 1,
  kLeaseExpired = 2,
  kManualDeregistration = 3,
  kIdentityRevoked = 4,
  kPolicyEvicted = 5,
  kFederationWithdrawn = 6,
  kFilterLeft = 7,  // it lives, but left the filter of one watch; in streams only, no tombstone
};

// "graceful_shutdown", "lease_expired", ...
std::string_view NameOf(RemovalReason reason);
std::optional<RemovalReason> ParseRemovalReason(std::string_view name);

// The record of a removal. A record of what happened, not input: its producer vouches for it.
struct Tombstone {
  NodeRef node;
  NodeType node_type;
  RemovalReason reason = RemovalReason::kGracefulShutdown;
  std::string reason_text;  // words of whoever removed it, see CheckReasonText; may be empty
  std::string actor;        // SPIFFE ID of who removed it
  std::string decision;     // id of the policy decision, if one was asked
  Position removed_at;
  absl::Time removed_time;
  absl::Duration uptime;  // registered without a break for so long
  Health final_health = Health::kServing;
  std::uint64_t last_sequence = 0;  // of the node's last accepted message: older ones stay refused

  friend bool operator==(const Tombstone&, const Tombstone&) = default;
};

inline constexpr std::size_t kMaxReasonTextBytes = 256;
// Plain text within the bound; MSG_MALFORMED or ARGUMENT_INVALID otherwise.
absl::Status CheckReasonText(std::string_view text);

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_TOMBSTONE_H_
