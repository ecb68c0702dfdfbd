#include "services/registry/topology/topology_table.h"

#include <tuple>

#include "common/base/reason.h"

namespace omninode::registry {
namespace {

NamespaceSummary Summarize(const NamespaceState& state) {
  return {state.info(), state.position(), state.nodes().size()};
}

}  // namespace

absl::StatusOr<AppliedRecord> TopologyTable::Apply(const ChangeRecord& record) {
  MutexLock lock(mutex_);
  return state_.Apply(record);
}

absl::StatusOr<NamespaceSummary> TopologyTable::GetNamespace(const NamespaceName& name) const {
  MutexLock lock(mutex_);
  const NamespaceState* state = state_.Find(name);
  if (state == nullptr) return UnknownNamespace(name);
  return Summarize(*state);
}

std::vector<NamespaceSummary> TopologyTable::ListNamespaces() const {
  MutexLock lock(mutex_);
  std::vector<NamespaceSummary> summaries;
  for (const auto& [name, state] : state_.namespaces()) summaries.push_back(Summarize(state));
  return summaries;
}

absl::StatusOr<NodeAt> TopologyTable::FindNode(const directory::NodeRef& ref) const {
  MutexLock lock(mutex_);
  const NamespaceState* state = state_.Find(ref.ns);
  if (state == nullptr) return UnknownNamespace(ref.ns);
  NodePtr node = state->nodes().Find(ref.id);
  if (node == nullptr) {
    return Reject(Reason::kNodeUnknown, "there is no live node '{}'", ref.id.value());
  }
  return NodeAt{std::move(node), state->position()};
}

absl::StatusOr<NamespaceSnapshot> TopologyTable::TakeSnapshot(const NamespaceName& name) const {
  MutexLock lock(mutex_);
  const NamespaceState* state = state_.Find(name);
  if (state == nullptr) return UnknownNamespace(name);
  return NamespaceSnapshot{state->info(), state->position(), state->hash(),
                           state->nodes().TakeSnapshot()};
}

absl::StatusOr<std::vector<DepartedPtr>> TopologyTable::ListTombstones(
    const NamespaceName& name, const std::optional<NodeId>& node,
    const std::optional<TombstoneCursor>& cursor, std::size_t max) const {
  MutexLock lock(mutex_);
  const NamespaceState* state = state_.Find(name);
  if (state == nullptr) return UnknownNamespace(name);
  std::vector<DepartedPtr> page;
  const auto& all = state->tombstones();
  for (auto it = all.rbegin(); it != all.rend() && page.size() < max; ++it) {
    const directory::Tombstone& tombstone = (*it)->tombstone;
    if (node.has_value() && tombstone.node.id != *node) continue;
    if (cursor.has_value() && std::tie(tombstone.removed_at, tombstone.node.id) >=
                                  std::tie(cursor->position, cursor->id)) {
      continue;
    }
    page.push_back(*it);
  }
  return page;
}

}  // namespace omninode::registry
