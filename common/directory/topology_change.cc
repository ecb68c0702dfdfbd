#include "common/directory/topology_change.h"

#include <utility>

#include "common/base/check.h"

namespace omninode::directory {
namespace {

bool SameNode(const NodeViewPtr& a, const NodeViewPtr& b) {
  return a == b || (a != nullptr && b != nullptr && *a == *b);
}

}  // namespace

std::string_view NameOf(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdded:
      return "added";
    case ChangeKind::kUpdated:
      return "updated";
    case ChangeKind::kRemoved:
      return "removed";
  }
  OMNI_CHECK(false);
}

bool operator==(const TopologyChange& a, const TopologyChange& b) {
  return a.kind == b.kind && a.node_id == b.node_id && a.node_type == b.node_type &&
         a.changed_fields == b.changed_fields && a.removal_reason == b.removal_reason &&
         a.reason_text == b.reason_text && a.previous_node_version == b.previous_node_version &&
         a.actor == b.actor && a.decision == b.decision && a.correlation_id == b.correlation_id &&
         SameNode(a.node, b.node);
}

bool IsWellFormed(const TopologyChange& change) {
  const bool removed = change.kind == ChangeKind::kRemoved;
  if ((change.node == nullptr) != removed) return false;
  if (change.removal_reason.has_value() != removed) return false;
  if (!removed && !change.reason_text.empty()) return false;
  if (change.kind != ChangeKind::kUpdated && !change.changed_fields.empty()) return false;
  if ((change.previous_node_version == 0) != (change.kind == ChangeKind::kAdded)) return false;
  if (removed) return true;
  return change.node->node_id() == change.node_id && change.node->node_type() == change.node_type &&
         change.node->version > 0 && change.node->version >= change.previous_node_version;
}

std::optional<TopologyChange> WithoutEvidence(TopologyChange change) {
  if (change.kind == ChangeKind::kUpdated && change.node->version == change.previous_node_version) {
    return std::nullopt;
  }
  change.changed_fields.Remove(ChangedField::kEvidence);
  return change;
}

}  // namespace omninode::directory
