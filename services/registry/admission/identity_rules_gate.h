#ifndef OMNINODE_SERVICES_REGISTRY_ADMISSION_IDENTITY_RULES_GATE_H_
#define OMNINODE_SERVICES_REGISTRY_ADMISSION_IDENTITY_RULES_GATE_H_

#include <vector>

#include "services/registry/admission/policy_gate.h"

namespace omninode::registry {

// Admits whoever may carry the identity it proved: the gate of a network without a policy service.
// The decision id says so.
class IdentityRulesGate final : public PolicyGate {
 public:
  static constexpr char kDecisionId[] = "identity-rules";

  void Decide(std::vector<PolicyQuery> batch, PolicyCompletion done) override;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_ADMISSION_IDENTITY_RULES_GATE_H_
