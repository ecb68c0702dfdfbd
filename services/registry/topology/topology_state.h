#ifndef OMNINODE_SERVICES_REGISTRY_TOPOLOGY_TOPOLOGY_STATE_H_
#define OMNINODE_SERVICES_REGISTRY_TOPOLOGY_TOPOLOGY_STATE_H_

#include <map>
#include <memory>

#include <absl/status/statusor.h>

#include "common/base/names.h"
#include "services/registry/topology/change_record.h"
#include "services/registry/topology/namespace_state.h"

namespace omninode::registry {

// All namespaces of the network. Not thread-safe; TopologyTable shares it between threads.
class TopologyState final {
 public:
  using Namespaces = std::map<NamespaceName, NamespaceState>;

  // Null when there is none.
  const NamespaceState* Find(const NamespaceName& name) const;
  NamespaceState* FindMutable(const NamespaceName& name);
  const Namespaces& namespaces() const { return namespaces_; }

  // Creates the namespace first if the record says so. FailedPrecondition when the record is not
  // the next one of its namespace: nothing is changed then.
  absl::StatusOr<AppliedRecord> Apply(const ChangeRecord& record);

  // Puts back a namespace that a store kept; it must not be there yet.
  NamespaceState& Restore(NamespaceInfo info);

 private:
  Namespaces namespaces_;
};

// What to tell whom who names a namespace that is not there: NAMESPACE_UNKNOWN.
absl::Status UnknownNamespace(const NamespaceName& name);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_TOPOLOGY_TOPOLOGY_STATE_H_
