#include "services/registry/admission/identity_rules_gate.h"

#include <utility>

namespace omninode::registry {

void IdentityRulesGate::Decide(std::vector<PolicyQuery> batch, PolicyCompletion done) {
  std::vector<absl::StatusOr<Decision>> decisions(
      batch.size(), Decision{.id = kDecisionId, .revision = 0, .max_nodes_of_type = std::nullopt});
  std::move(done)(std::move(decisions));
}

}  // namespace omninode::registry
