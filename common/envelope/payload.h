#ifndef OMNINODE_COMMON_ENVELOPE_PAYLOAD_H_
#define OMNINODE_COMMON_ENVELOPE_PAYLOAD_H_

#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/directory/health.h"
#include "common/directory/introspection.h"
#include "common/envelope/wire_scan.h"

// What stands in Body::payload, as bytes from and to values. Pure.
//
// Decoding fails with the path of the field: MSG_MALFORMED and MSG_TOO_LARGE as ScanMessage,
// NAME_INVALID for names, ARGUMENT_INVALID for values out of bounds.
namespace omninode::envelope {

// EventType::kNodeIntrospection.
std::string EncodeIntrospection(const directory::Introspection& introspection);
absl::StatusOr<directory::Introspection> DecodeIntrospection(std::string_view payload,
                                                             Strictness strictness);

// A node's goodbye.
struct TombstonePayload {
  NamespaceName ns;
  NodeType node_type;
  NodeId node_id;
  directory::Health final_health = directory::Health::kServing;
  absl::Duration uptime;    // of the process, as it counts itself; not negative
  std::string reason_text;  // see directory::CheckReasonText; may be empty

  friend bool operator==(const TombstonePayload&, const TombstonePayload&) = default;
};

// EventType::kNodeTombstone.
std::string EncodeTombstone(const TombstonePayload& tombstone);
absl::StatusOr<TombstonePayload> DecodeTombstone(std::string_view payload, Strictness strictness);

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_PAYLOAD_H_
