#ifndef OMNINODE_SERVICES_REGISTRY_TOPOLOGY_NAMESPACE_STATE_H_
#define OMNINODE_SERVICES_REGISTRY_TOPOLOGY_NAMESPACE_STATE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/base/names.h"
#include "common/directory/position.h"
#include "common/directory/set_hash.h"
#include "common/directory/topology_change.h"
#include "services/registry/topology/change_record.h"
#include "services/registry/topology/namespace_info.h"
#include "services/registry/topology/node_map.h"

namespace omninode::registry {

using DepartedPtr = std::shared_ptr<const Departed>;

// What applying a record did, for those who follow: the diff for watchers, the leases for the lease
// table. The diff has no changes when the record moved no version.
struct AppliedRecord {
  directory::TopologyDiff diff;
  std::uint64_t previous_version = 0;
  directory::SetHash hash;  // of the namespace afterwards
  std::uint64_t nodes = 0;  // in the namespace afterwards
  // States before the changes, by place in diff.changes; null for ADDED. Filtered watches need them
  // to see a node enter or leave.
  std::vector<NodePtr> before;
  // States after the changes, by place in diff.changes; null for REMOVED. Watches with evidence
  // read it there.
  std::vector<NodePtr> after;
};

// Everything the registry knows of one namespace, in memory. Changed only by Apply: one door for
// commit, restart and followers. Not thread-safe. Deterministic: no time, no randomness.
class NamespaceState final {
 public:
  // Removals kept, the oldest go first. They refuse late messages of nodes that have left; what is
  // older than the signing window is refused by its age.
  static constexpr std::size_t kMaxTombstones = 50'000;
  static constexpr std::size_t kMaxReceipts = 10'000;

  explicit NamespaceState(NamespaceInfo info) : info_(std::move(info)) {}

  const NamespaceInfo& info() const { return info_; }
  directory::Position position() const { return {info_.incarnation, version_}; }
  const NodeMap& nodes() const { return nodes_; }
  const directory::SetHash& hash() const { return hash_; }
  std::uint64_t CountOfType(const NodeType& type) const;

  // The last removal of an id that is not live now; null if none is remembered.
  DepartedPtr FindDeparted(const NodeId& id) const;
  // All removals remembered, oldest first.
  const std::deque<DepartedPtr>& tombstones() const { return tombstones_; }
  const AdminReceipt* FindReceipt(const std::string& principal,
                                  const std::string& request_id) const;

  // FailedPrecondition when the record is not the next one of this state: nothing is changed then.
  absl::StatusOr<AppliedRecord> Apply(const ChangeRecord& record);

  // Puts back what a store kept, before the first Apply.
  void RestoreVersion(std::uint64_t version) { version_ = version; }
  void RestoreNode(NodePtr node) { PutNode(std::move(node)); }
  void RestoreDeparted(DepartedPtr departed) { AddDeparted(std::move(departed)); }
  void RestoreReceipt(AdminReceipt receipt) { AddReceipt(std::move(receipt)); }

 private:
  void PutNode(NodePtr node);
  void EraseNode(const NodeId& id);
  void AddDeparted(DepartedPtr departed);
  void AddReceipt(AdminReceipt receipt);

  NamespaceInfo info_;
  std::uint64_t version_ = 0;
  NodeMap nodes_;
  directory::SetHash hash_;
  std::map<NodeType, std::uint64_t> count_of_type_;
  std::deque<DepartedPtr> tombstones_;
  std::unordered_map<NodeId, DepartedPtr> departed_;
  std::deque<std::pair<std::string, std::string>> receipt_order_;
  std::map<std::pair<std::string, std::string>, AdminReceipt> receipts_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_TOPOLOGY_NAMESPACE_STATE_H_
