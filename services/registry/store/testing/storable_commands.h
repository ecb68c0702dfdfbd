#ifndef OMNINODE_SERVICES_REGISTRY_STORE_TESTING_STORABLE_COMMANDS_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_TESTING_STORABLE_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/registry/store/registry_store.h"
#include "services/registry/topology/testing/commands.h"
#include "services/registry/topology/topology_state.h"

namespace omninode::registry::testing {

// Registration(spec) with evidence that is a real envelope's body, as a store needs it to build the
// node again. The signature is none.
RegisterCommand StorableRegistration(const NodeSpec& spec);
RegisterCommand StorableRegistration(const NodeSpec& spec, directory::Introspection description);

// What a sequencer of this term would commit. Nobody is revoked.
Plan PlanFor(const TopologyState& state, const std::vector<Command>& commands, absl::Time now,
             std::uint64_t term);

// All that there is to tell of a state, a node or a version, as text: equal exactly for equal
// values. (Receipts cannot be listed; tests ask for theirs.)
std::string Describe(const Node& node);
std::string Describe(const TopologyState& state);
std::string Describe(const LoggedVersion& version);
std::string Describe(const std::vector<LoggedVersion>& versions);

}  // namespace omninode::registry::testing

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_TESTING_STORABLE_COMMANDS_H_
