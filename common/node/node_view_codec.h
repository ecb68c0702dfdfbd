#ifndef OMNINODE_COMMON_NODE_NODE_VIEW_CODEC_H_
#define OMNINODE_COMMON_NODE_NODE_VIEW_CODEC_H_

#include <absl/status/statusor.h>

#include "common/node/registry_records.h"
#include "omninode/registry/v1/registry_service.pb.h"

// Live nodes as the registry tells them. Pure.
namespace omninode::node {

// Unknown fields are ignored: the registry may be newer. The lease time that a node asked for is
// not told, so Introspection::requested_ttl is zero. Errors name the field's path: NAME_INVALID,
// ARGUMENT_INVALID, MSG_MALFORMED, and of evidence as envelope::DecodeRawEnvelope.
absl::StatusOr<NodeRecord> Decode(const registry::v1::Node& message);

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_NODE_VIEW_CODEC_H_
