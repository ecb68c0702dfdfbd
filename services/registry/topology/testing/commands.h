#ifndef OMNINODE_SERVICES_REGISTRY_TOPOLOGY_TESTING_COMMANDS_H_
#define OMNINODE_SERVICES_REGISTRY_TOPOLOGY_TESTING_COMMANDS_H_

#include <cstdint>
#include <string>

#include "common/base/reason.h"
#include "common/identity/trust_state.h"
#include "services/registry/topology/plan.h"
#include "services/registry/topology/topology_state.h"

namespace omninode::registry::testing {

// A node as tests think of it; what is not said gets a plain value.
struct NodeSpec {
  std::string ns = "tenant-a";
  std::string type = "worker";
  std::string id = "worker-1";
  std::uint64_t sequence = 1;
  std::string capability = "1";  // value of the capability `slots`
  std::string zone;              // label `zone`, if any
  std::string epoch;
  std::string leaf = "leaf-1";  // which certificate signed
  absl::Duration ttl = absl::ZeroDuration();
  std::string submitter;  // empty: the node itself
};

std::string SpiffeIdOf(const NodeSpec& spec);
directory::Introspection IntrospectionOf(const NodeSpec& spec);
RegisterCommand Registration(const NodeSpec& spec);
LeaveCommand Goodbye(const NodeSpec& spec);
RemoveCommand Expiry(const NodeSpec& spec, LeaseHandle lease);
CreateNamespaceCommand Creation(const std::string& name,
                                const NamespaceLimits::Fields& fields = {});

// A topology and what a sequencer does with it, on a time that tests move.
class Harness {
 public:
  Harness();

  // Plans and applies one group.
  Plan Run(std::vector<Command> commands);
  // Runs a group of one and returns its outcome.
  Outcome RunOne(Command command);
  // The one answer, which must be a T.
  template <typename T>
  T Expect(Command command) {
    return std::get<T>(std::get<Answer>(RunOne(std::move(command))));
  }
  // The reason of the one rejection.
  Reason RejectedFor(Command command);

  TopologyState state;
  std::shared_ptr<const identity::TrustState> trust;
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  std::vector<AppliedRecord> applied;  // of all groups, in order
};

}  // namespace omninode::registry::testing

#endif  // OMNINODE_SERVICES_REGISTRY_TOPOLOGY_TESTING_COMMANDS_H_
