#include "services/registry/topology/change_record.h"

namespace omninode::registry {

const NodeId& NodeChange::id() const {
  return after != nullptr ? after->view->node_id() : departed->tombstone.node.id;
}

}  // namespace omninode::registry
