#include "services/registry/topology/node_map.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace omninode::registry {
namespace {

const NodeId& IdOf(const NodePtr& node) { return node->view->node_id(); }

// The place of `id` in a sorted bucket, or where it would stand.
template <typename Nodes>
auto LowerBound(Nodes& nodes, const NodeId& id) {
  return std::ranges::lower_bound(nodes, id, std::less<>(), IdOf);
}

template <typename Nodes>
NodePtr FindIn(const Nodes& nodes, const NodeId& id) {
  const auto it = LowerBound(nodes, id);
  return it != nodes.end() && IdOf(*it) == id ? *it : nullptr;
}

}  // namespace

std::size_t NodeMap::IndexOf(const NodeId& id) { return std::hash<NodeId>()(id) % kBuckets; }

NodePtr NodeMap::Find(const NodeId& id) const {
  const auto& bucket = table_[IndexOf(id)];
  return bucket == nullptr ? nullptr : FindIn(bucket->nodes, id);
}

NodeMap::Bucket& NodeMap::Writable(std::size_t index) {
  std::shared_ptr<Bucket>& bucket = table_[index];
  if (bucket == nullptr) {
    bucket = std::make_shared<Bucket>(Bucket{generation_, {}});
  } else if (bucket->generation < generation_) {
    bucket = std::make_shared<Bucket>(Bucket{generation_, bucket->nodes});
  }
  return *bucket;
}

void NodeMap::Put(NodePtr node) {
  Bucket& bucket = Writable(IndexOf(IdOf(node)));
  const auto it = LowerBound(bucket.nodes, IdOf(node));
  if (it != bucket.nodes.end() && IdOf(*it) == IdOf(node)) {
    *it = std::move(node);
    return;
  }
  bucket.nodes.insert(it, std::move(node));
  ++size_;
}

bool NodeMap::Erase(const NodeId& id) {
  if (Find(id) == nullptr) return false;
  Bucket& bucket = Writable(IndexOf(id));
  bucket.nodes.erase(LowerBound(bucket.nodes, id));
  --size_;
  return true;
}

NodeMap::Snapshot NodeMap::TakeSnapshot() const {
  ++generation_;
  Snapshot snapshot;
  snapshot.table_ = std::make_shared<const Table>(table_);
  snapshot.size_ = size_;
  return snapshot;
}

NodePtr NodeMap::Snapshot::Find(const NodeId& id) const {
  const auto& bucket = (*table_)[IndexOf(id)];
  return bucket == nullptr ? nullptr : FindIn(bucket->nodes, id);
}

std::vector<NodePtr> NodeMap::Snapshot::Sorted() const {
  std::vector<NodePtr> nodes;
  nodes.reserve(size_);
  for (const auto& bucket : *table_) {
    if (bucket != nullptr) nodes.insert(nodes.end(), bucket->nodes.begin(), bucket->nodes.end());
  }
  std::ranges::sort(nodes, std::less<>(), IdOf);
  return nodes;
}

std::vector<NodePtr> NodeMap::Snapshot::After(
    std::string_view id, std::size_t max, const std::function<bool(const Node&)>& matches) const {
  std::vector<NodePtr> nodes;
  ForEach([&](const NodePtr& node) {
    if (IdOf(node).value() > id && matches(*node)) nodes.push_back(node);
  });
  const auto end = nodes.begin() + static_cast<std::ptrdiff_t>(std::min(max, nodes.size()));
  std::ranges::partial_sort(nodes, end, std::less<>(), IdOf);
  nodes.erase(end, nodes.end());
  return nodes;
}

}  // namespace omninode::registry
