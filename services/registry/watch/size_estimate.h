#ifndef OMNINODE_SERVICES_REGISTRY_WATCH_SIZE_ESTIMATE_H_
#define OMNINODE_SERVICES_REGISTRY_WATCH_SIZE_ESTIMATE_H_

#include <cstddef>

#include "common/directory/node_view.h"
#include "common/directory/topology_change.h"
#include "services/registry/topology/node.h"

// How much memory things hold, about: what bounds are counted in. Cheap, pure, and rather too much
// than too little; a message of the same content is smaller.
namespace omninode::registry {

std::size_t ApproximateBytes(const directory::NodeView& view);
// The view and the evidence without its certificates, which many nodes share.
std::size_t ApproximateBytes(const Node& node);
// The change itself, without the node it points to.
std::size_t ApproximateBytes(const directory::TopologyChange& change);

// What a snapshot message spends on the node. With evidence, the certificates go along.
std::size_t ApproximateMessageBytes(const Node& node, bool with_evidence);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_WATCH_SIZE_ESTIMATE_H_
