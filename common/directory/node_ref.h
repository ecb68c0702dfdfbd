#ifndef OMNINODE_COMMON_DIRECTORY_NODE_REF_H_
#define OMNINODE_COMMON_DIRECTORY_NODE_REF_H_

#include <compare>
#include <cstddef>
#include <functional>

#include "common/base/names.h"

namespace omninode::directory {

// Which node: an id is unique only within its namespace. Ordered by namespace, then id.
struct NodeRef {
  NamespaceName ns;
  NodeId id;

  friend bool operator==(const NodeRef&, const NodeRef&) = default;
  friend auto operator<=>(const NodeRef&, const NodeRef&) = default;
};

}  // namespace omninode::directory

template <>
struct std::hash<omninode::directory::NodeRef> {
  std::size_t operator()(const omninode::directory::NodeRef& ref) const noexcept {
    const std::size_t ns = std::hash<omninode::NamespaceName>()(ref.ns);
    const std::size_t id = std::hash<omninode::NodeId>()(ref.id);
    // Mixed and not only xor-ed: a node named like its namespace must not hash to zero.
    return id ^ (ns + 0x9e3779b97f4a7c15ULL + (id << 6) + (id >> 2));
  }
};

#endif  // OMNINODE_COMMON_DIRECTORY_NODE_REF_H_
