#ifndef OMNINODE_COMMON_ENVELOPE_MESSAGE_RULES_H_
#define OMNINODE_COMMON_ENVELOPE_MESSAGE_RULES_H_

#include <array>

#include "common/envelope/raw_envelope.h"
#include "common/envelope/wire_scan.h"

// The tables for the messages of a signed envelope, from the outside to the inside. A test compares
// them with the descriptors of the .proto files.
namespace omninode::envelope {

inline constexpr auto kSecurityFields = std::to_array<FieldRule>({
    {1, FieldKind::kText, "spiffe_id", false, kMaxSpiffeIdBytes},
    {2, FieldKind::kBytes, "svid_certificates", true, kMaxCertificateBytes},
    {3, FieldKind::kEnum, "signature_algorithm"},
    {4, FieldKind::kBytes, "signature", false, kMaxSignatureBytes},
});
inline constexpr MessageRule kSecurityRule{kSecurityFields};

inline constexpr auto kSignedEnvelopeFields = std::to_array<FieldRule>({
    {1, FieldKind::kText, "envelope_version"},
    {2, FieldKind::kBytes, "body", false, kMaxBodyBytes},
    {.number = 3, .kind = FieldKind::kMessage, .name = "security", .message = &kSecurityRule},
});
inline constexpr MessageRule kSignedEnvelopeRule{kSignedEnvelopeFields};

// google.protobuf.Timestamp and Duration have the same fields.
inline constexpr auto kTimeFields = std::to_array<FieldRule>({
    {1, FieldKind::kInt64, "seconds"},
    {2, FieldKind::kInt32, "nanos"},
});
inline constexpr MessageRule kTimeRule{kTimeFields};

inline constexpr auto kAudienceFields = std::to_array<FieldRule>({
    {1, FieldKind::kName, "network_id"},
    {2, FieldKind::kName, "namespace"},
});
inline constexpr MessageRule kAudienceRule{kAudienceFields};

inline constexpr auto kBodyFields = std::to_array<FieldRule>({
    {1, FieldKind::kText, "event_id"},
    {2, FieldKind::kEnum, "event_type"},
    {.number = 3, .kind = FieldKind::kMessage, .name = "timestamp", .message = &kTimeRule},
    {.number = 4, .kind = FieldKind::kMessage, .name = "signed_at", .message = &kTimeRule},
    {.number = 5, .kind = FieldKind::kMessage, .name = "audience", .message = &kAudienceRule},
    {6, FieldKind::kUint64, "sequence"},
    {7, FieldKind::kBytes, "leaf_fingerprint"},
    {8, FieldKind::kText, "correlation_id"},
    {9, FieldKind::kBytes, "payload"},
});
inline constexpr MessageRule kBodyRule{kBodyFields};

inline constexpr auto kEndpointFields = std::to_array<FieldRule>({
    {1, FieldKind::kName, "name"},
    {2, FieldKind::kText, "url"},
});
inline constexpr MessageRule kEndpointRule{kEndpointFields};

// Capability and Label have the same fields.
inline constexpr auto kNamedTextFields = std::to_array<FieldRule>({
    {1, FieldKind::kName, "name"},
    {2, FieldKind::kText, "value"},
});
inline constexpr MessageRule kNamedTextRule{kNamedTextFields};

inline constexpr auto kIntrospectionFields = std::to_array<FieldRule>({
    {1, FieldKind::kName, "namespace"},
    {2, FieldKind::kName, "node_type"},
    {3, FieldKind::kName, "node_id"},
    {4, FieldKind::kText, "software_version"},
    {.number = 5,
     .kind = FieldKind::kMessage,
     .name = "endpoints",
     .repeated = true,
     .message = &kEndpointRule},
    {.number = 6,
     .kind = FieldKind::kMessage,
     .name = "capabilities",
     .repeated = true,
     .message = &kNamedTextRule},
    {.number = 7,
     .kind = FieldKind::kMessage,
     .name = "labels",
     .repeated = true,
     .message = &kNamedTextRule},
    {8, FieldKind::kName, "epoch"},
    {9, FieldKind::kEnum, "health"},
    {.number = 10, .kind = FieldKind::kMessage, .name = "ttl", .message = &kTimeRule},
});
inline constexpr MessageRule kIntrospectionRule{kIntrospectionFields};

inline constexpr auto kTombstoneFields = std::to_array<FieldRule>({
    {1, FieldKind::kName, "namespace"},
    {2, FieldKind::kName, "node_type"},
    {3, FieldKind::kName, "node_id"},
    {4, FieldKind::kEnum, "final_health"},
    {.number = 5, .kind = FieldKind::kMessage, .name = "uptime", .message = &kTimeRule},
    {6, FieldKind::kText, "reason_text"},
});
inline constexpr MessageRule kTombstoneRule{kTombstoneFields};

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_MESSAGE_RULES_H_
