#ifndef OMNINODE_SERVICES_REGISTRY_API_NODE_CODEC_H_
#define OMNINODE_SERVICES_REGISTRY_API_NODE_CODEC_H_

#include "common/envelope/raw_envelope.h"
#include "omninode/registry/v1/namespace_service.pb.h"
#include "omninode/registry/v1/registry_service.pb.h"
#include "services/registry/topology/command.h"
#include "services/registry/topology/node.h"
#include "services/registry/topology/topology_table.h"

// The registry's values as messages of its API. Pure.
namespace omninode::registry {

// The envelope as the node signed it.
envelope::RawEnvelope EnvelopeOf(const Node& node);

enum class NodeDetail { kPlain, kWithEvidence };
v1::Node Encode(const Node& node, NodeDetail detail);

v1::Tombstone Encode(const directory::Tombstone& tombstone);
v1::Namespace Encode(const NamespaceSummary& summary);

// ARGUMENT_INVALID with the field's path. Unset fields take the default, or for the bounds the
// default TTL if that lies outside the default bounds.
absl::StatusOr<NamespaceLimits> Decode(const v1::NamespaceLimits& message);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_API_NODE_CODEC_H_
