#ifndef OMNINODE_COMMON_NODE_TOPOLOGY_EVENT_CODEC_H_
#define OMNINODE_COMMON_NODE_TOPOLOGY_EVENT_CODEC_H_

#include <absl/status/statusor.h>

#include "common/base/names.h"
#include "common/node/topology_event.h"
#include "omninode/registry/v1/topology_service.pb.h"

// Messages of the topology stream to values. Pure.
namespace omninode::node {

// `ns`: the namespace of the stream. Errors name the field's path: MSG_MALFORMED for a message
// without an event that is known here, else as the parts.
absl::StatusOr<TopologyEvent> Decode(const registry::v1::WatchTopologyResponse& message,
                                     const NamespaceName& ns);

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_TOPOLOGY_EVENT_CODEC_H_
