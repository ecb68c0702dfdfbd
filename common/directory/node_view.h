#ifndef OMNINODE_COMMON_DIRECTORY_NODE_VIEW_H_
#define OMNINODE_COMMON_DIRECTORY_NODE_VIEW_H_

#include <cstdint>
#include <memory>
#include <string>

#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/directory/introspection.h"
#include "common/directory/node_ref.h"

namespace omninode::directory {

// The public state of a live node. Shared as `NodeViewPtr` and then never changed.
struct NodeView {
  Introspection introspection;  // with the health that the last heartbeat told
  // Topology version of the node's last change. A change of nothing but evidence leaves it where it
  // was: watchers who do not see evidence must still compute the same hash.
  std::uint64_t version = 0;
  absl::Time registered_at;  // registered without a break since
  std::string actor;         // SPIFFE ID of who caused the last change
  std::string decision;      // id of the policy decision that admitted it
  absl::Duration lease_ttl;

  const NamespaceName& ns() const { return introspection.ns(); }
  const NodeId& node_id() const { return introspection.node_id(); }
  const NodeType& node_type() const { return introspection.node_type(); }
  NodeRef ref() const { return introspection.ref(); }

  friend bool operator==(const NodeView&, const NodeView&) = default;
};

using NodeViewPtr = std::shared_ptr<const NodeView>;

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_NODE_VIEW_H_
