#ifndef OMNINODE_SERVICES_REGISTRY_TOPOLOGY_NODE_MAP_H_
#define OMNINODE_SERVICES_REGISTRY_TOPOLOGY_NODE_MAP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "common/base/names.h"
#include "services/registry/topology/node.h"

namespace omninode::registry {

using NodePtr = std::shared_ptr<const Node>;

// The live nodes of a namespace by id, in buckets that snapshots share. Taking a snapshot copies
// the table of buckets (8 KiB) and no node; after it, the first change of each bucket copies that
// bucket once. So a reader of 100,000 nodes costs the writer nothing while it reads.
//
// Not thread-safe: one writer, and Snapshot is called by the writer or under its lock. A Snapshot
// itself is immutable and may be read anywhere.
class NodeMap final {
 public:
  static constexpr std::size_t kBuckets = 1024;

  class Snapshot;

  // Null when there is none.
  NodePtr Find(const NodeId& id) const;
  // Adds or replaces by node->view->node_id().
  void Put(NodePtr node);
  // Returns whether it was there.
  bool Erase(const NodeId& id);
  std::size_t size() const { return size_; }

  Snapshot TakeSnapshot() const;

 private:
  struct Bucket {
    std::uint64_t generation;
    std::vector<NodePtr> nodes;  // a handful, sorted by id
  };
  using Table = std::array<std::shared_ptr<Bucket>, kBuckets>;

  static std::size_t IndexOf(const NodeId& id);
  // The bucket at `index`, first copied if a snapshot may still be reading it.
  Bucket& Writable(std::size_t index);

  Table table_{};
  std::size_t size_ = 0;
  // Rises with every snapshot; a bucket of an older generation may be shared. Counting instead of
  // asking the reference count keeps the writer free of races with readers that let go.
  mutable std::uint64_t generation_ = 0;

  friend class Snapshot;
};

// The nodes at one moment. Cheap to copy.
class NodeMap::Snapshot final {
 public:
  std::size_t size() const { return size_; }
  NodePtr Find(const NodeId& id) const;
  // In no particular order.
  template <typename Visitor>
  void ForEach(Visitor visitor) const {
    for (const auto& bucket : *table_) {
      if (bucket == nullptr) continue;
      for (const NodePtr& node : bucket->nodes) visitor(node);
    }
  }
  // All nodes in order of id. O(n log n): callers that page keep the result.
  std::vector<NodePtr> Sorted() const;
  // The first `max` nodes in order of id whose id is above `id` and which `matches` accepts; an
  // empty id is below all. O(n + max log max).
  std::vector<NodePtr> After(std::string_view id, std::size_t max,
                             const std::function<bool(const Node&)>& matches) const;

 private:
  friend class NodeMap;
  std::shared_ptr<const Table> table_;
  std::size_t size_ = 0;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_TOPOLOGY_NODE_MAP_H_
