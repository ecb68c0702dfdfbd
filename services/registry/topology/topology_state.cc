#include "services/registry/topology/topology_state.h"

#include <utility>

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::registry {

const NamespaceState* TopologyState::Find(const NamespaceName& name) const {
  const auto it = namespaces_.find(name);
  return it == namespaces_.end() ? nullptr : &it->second;
}

NamespaceState* TopologyState::FindMutable(const NamespaceName& name) {
  const auto it = namespaces_.find(name);
  return it == namespaces_.end() ? nullptr : &it->second;
}

absl::StatusOr<AppliedRecord> TopologyState::Apply(const ChangeRecord& record) {
  if (record.created.has_value()) {
    if (namespaces_.contains(record.ns)) {
      return Error(absl::StatusCode::kFailedPrecondition, "namespace {} exists already",
                   record.ns.value());
    }
    NamespaceState created(*record.created);
    auto applied = created.Apply(record);
    if (applied.ok()) namespaces_.emplace(record.ns, std::move(created));
    return applied;
  }
  NamespaceState* state = FindMutable(record.ns);
  if (state == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, "no namespace {} to apply a record to",
                 record.ns.value());
  }
  return state->Apply(record);
}

NamespaceState& TopologyState::Restore(NamespaceInfo info) {
  const NamespaceName name = info.name;
  const auto [it, added] = namespaces_.try_emplace(name, std::move(info));
  OMNI_CHECK(added);
  return it->second;
}

absl::Status UnknownNamespace(const NamespaceName& name) {
  return Reject(Reason::kNamespaceUnknown, "there is no namespace '{}'", name.value());
}

}  // namespace omninode::registry
