#ifndef OMNINODE_SERVICES_REGISTRY_ADMISSION_POLICY_GATE_H_
#define OMNINODE_SERVICES_REGISTRY_ADMISSION_POLICY_GATE_H_

#include <string>
#include <vector>

#include <absl/functional/any_invocable.h>
#include <absl/status/statusor.h>

#include "common/base/names.h"
#include "common/directory/introspection.h"
#include "common/identity/spiffe_id.h"
#include "services/registry/topology/command.h"

namespace omninode::registry {

// What a policy gets to see of a registration whose identity is proved.
struct PolicyQuery {
  identity::SpiffeId subject;
  directory::Introspection introspection;
};

using PolicyCompletion = absl::AnyInvocable<void(std::vector<absl::StatusOr<Decision>>) &&>;

// Asks "may this enter?". Asynchronous and in batches, because a policy may live in another
// process. Thread-safe.
class PolicyGate {
 public:
  virtual ~PolicyGate() = default;

  // One answer per query, in order: a decision, POLICY_DENIED, or an error that keeps the node out
  // (fail closed). `done` is called exactly once, on any thread, possibly before Decide returns.
  virtual void Decide(std::vector<PolicyQuery> batch, PolicyCompletion done) = 0;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_ADMISSION_POLICY_GATE_H_
