#include "services/registry/topology/namespace_state.h"

#include "common/base/status.h"
#include "common/directory/canonical.h"

namespace omninode::registry {
namespace {

directory::TopologyChange PublicChange(const NodeChange& change, const Node* before) {
  const directory::NodeView& view = change.after != nullptr ? *change.after->view : *before->view;
  directory::TopologyChange out{
      .kind = change.kind,
      .node = change.after != nullptr ? change.after->view : nullptr,
      .node_id = view.node_id(),
      .node_type = view.node_type(),
      .changed_fields = change.changed_fields,
      .removal_reason = std::nullopt,
      .reason_text = {},
      .previous_node_version = before != nullptr ? before->view->version : 0,
      .actor = change.actor,
      .decision = change.decision,
      .correlation_id = change.correlation_id};
  if (change.departed != nullptr) {
    out.removal_reason = change.departed->tombstone.reason;
    out.reason_text = change.departed->tombstone.reason_text;
  }
  return out;
}

}  // namespace

std::uint64_t NamespaceState::CountOfType(const NodeType& type) const {
  const auto it = count_of_type_.find(type);
  return it == count_of_type_.end() ? 0 : it->second;
}

DepartedPtr NamespaceState::FindDeparted(const NodeId& id) const {
  const auto it = departed_.find(id);
  return it == departed_.end() ? nullptr : it->second;
}

const AdminReceipt* NamespaceState::FindReceipt(const std::string& principal,
                                                const std::string& request_id) const {
  const auto it = receipts_.find({principal, request_id});
  return it == receipts_.end() ? nullptr : &it->second;
}

absl::StatusOr<AppliedRecord> NamespaceState::Apply(const ChangeRecord& record) {
  const std::uint64_t expected = version_ + (record.changes.empty() ? 0 : 1);
  if (record.incarnation != info_.incarnation || record.version != expected) {
    return Error(absl::StatusCode::kFailedPrecondition,
                 "record {}:{} of namespace {} does not follow {}", record.incarnation,
                 record.version, info_.name.value(), position().ToString());
  }
  AppliedRecord applied;
  applied.previous_version = version_;
  for (const NodeChange& change : record.changes) {
    NodePtr before = nodes_.Find(change.id());
    if ((before == nullptr) != (change.kind == directory::ChangeKind::kAdded)) {
      return Error(absl::StatusCode::kFailedPrecondition, "record {}:{} of namespace {} {} node {}",
                   record.incarnation, record.version, info_.name.value(),
                   before == nullptr ? "changes the unknown" : "adds the live",
                   change.id().value());
    }
    applied.before.push_back(std::move(before));
  }
  for (std::size_t i = 0; i < record.changes.size(); ++i) {
    const NodeChange& change = record.changes[i];
    applied.diff.changes.push_back(PublicChange(change, applied.before[i].get()));
    applied.after.push_back(change.after);
    EraseNode(change.id());
    if (change.after != nullptr) PutNode(change.after);
    if (change.departed != nullptr) AddDeparted(change.departed);
  }
  for (const NodePtr& node : record.renewed) nodes_.Put(node);
  for (const AdminReceipt& receipt : record.receipts) AddReceipt(receipt);
  version_ = record.version;
  applied.diff.position = position();
  applied.diff.timestamp = record.time;
  applied.hash = hash_;
  applied.nodes = nodes_.size();
  return applied;
}

void NamespaceState::PutNode(NodePtr node) {
  hash_.Add(directory::CanonicalDigest(*node->view));
  ++count_of_type_[node->view->node_type()];
  departed_.erase(node->view->node_id());
  nodes_.Put(std::move(node));
}

void NamespaceState::EraseNode(const NodeId& id) {
  const NodePtr node = nodes_.Find(id);
  if (node == nullptr) return;
  hash_.Remove(directory::CanonicalDigest(*node->view));
  const auto count = count_of_type_.find(node->view->node_type());
  if (--count->second == 0) count_of_type_.erase(count);
  nodes_.Erase(id);
}

void NamespaceState::AddDeparted(DepartedPtr departed) {
  departed_[departed->tombstone.node.id] = departed;
  tombstones_.push_back(std::move(departed));
  if (tombstones_.size() <= kMaxTombstones) return;
  const DepartedPtr& oldest = tombstones_.front();
  const auto it = departed_.find(oldest->tombstone.node.id);
  if (it != departed_.end() && it->second == oldest) departed_.erase(it);
  tombstones_.pop_front();
}

void NamespaceState::AddReceipt(AdminReceipt receipt) {
  std::pair key{receipt.request.principal, receipt.request.request_id};
  if (!receipts_.insert_or_assign(key, std::move(receipt)).second) return;
  receipt_order_.push_back(std::move(key));
  if (receipt_order_.size() <= kMaxReceipts) return;
  receipts_.erase(receipt_order_.front());
  receipt_order_.pop_front();
}

}  // namespace omninode::registry
