#ifndef OMNINODE_COMMON_DIRECTORY_TEST_NODES_H_
#define OMNINODE_COMMON_DIRECTORY_TEST_NODES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/time/time.h>

#include "common/directory/canonical.h"
#include "common/directory/introspection.h"
#include "common/directory/node_view.h"
#include "common/directory/set_hash.h"
#include "common/directory/topology_change.h"

// Builders for the tests of this folder. They stop the test program on invalid parts.
namespace omninode::directory::testing {

inline NodeId Id(std::string_view text) { return NodeId::Parse(text).value(); }
inline NodeType Type(std::string_view text) { return NodeType::Parse(text).value(); }
inline NamespaceName Ns(std::string_view text) { return NamespaceName::Parse(text).value(); }
inline AttributeName Attribute(std::string_view text) { return AttributeName::Parse(text).value(); }

inline Introspection::Fields FieldsOf(std::string id) {
  return {.ns = "tenant-a",
          .node_type = "worker",
          .node_id = std::move(id),
          .version = "1.0.0",
          .endpoints = {{"grpc", "grpcs://10.0.0.7:8443"}},
          .capabilities = {{"max_jobs", "40"}},
          .labels = {{"zone", "eu-1"}},
          .epoch = "blue"};
}

inline NodeViewPtr Node(Introspection::Fields fields, std::uint64_t version) {
  return std::make_shared<NodeView>(
      NodeView{.introspection = Introspection::Create(std::move(fields)).value(),
               .version = version,
               .registered_at = absl::FromUnixSeconds(1000),
               .actor = "spiffe://example.org/ns/tenant-a/node/worker/w1",
               .decision = "d-1",
               .lease_ttl = absl::Seconds(60)});
}
inline NodeViewPtr Node(std::string id, std::uint64_t version) {
  return Node(FieldsOf(std::move(id)), version);
}

inline TopologyChange Added(const NodeViewPtr& node) {
  return {.kind = ChangeKind::kAdded,
          .node = node,
          .node_id = node->node_id(),
          .node_type = node->node_type()};
}

inline TopologyChange Updated(const NodeViewPtr& node, std::uint64_t previous,
                              ChangedFields fields) {
  return {.kind = ChangeKind::kUpdated,
          .node = node,
          .node_id = node->node_id(),
          .node_type = node->node_type(),
          .changed_fields = fields,
          .previous_node_version = previous};
}

inline TopologyChange Removed(const NodeView& node,
                              RemovalReason reason = RemovalReason::kLeaseExpired) {
  return {.kind = ChangeKind::kRemoved,
          .node_id = node.node_id(),
          .node_type = node.node_type(),
          .removal_reason = reason,
          .previous_node_version = node.version};
}

inline TopologyDiff Diff(std::uint64_t version, std::vector<TopologyChange> changes) {
  return {.position = {1, version},
          .changes = std::move(changes),
          .timestamp = absl::FromUnixSeconds(static_cast<std::int64_t>(version))};
}

template <typename Nodes>
SetHash HashOf(const Nodes& nodes) {
  SetHash hash;
  for (const auto& node : nodes) hash.Add(CanonicalDigest(*node));
  return hash;
}

}  // namespace omninode::directory::testing

#endif  // OMNINODE_COMMON_DIRECTORY_TEST_NODES_H_
