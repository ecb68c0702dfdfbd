#ifndef OMNINODE_SERVICES_REGISTRY_TOPOLOGY_PLAN_H_
#define OMNINODE_SERVICES_REGISTRY_TOPOLOGY_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/identity/trust_state.h"
#include "services/registry/topology/change_record.h"
#include "services/registry/topology/command.h"
#include "services/registry/topology/topology_state.h"

namespace omninode::registry {

// What may have changed since a command was admitted, as of now.
struct PlanContext {
  absl::Time now;
  const identity::TrustState& trust;
  std::uint64_t policy_revision = 0;
  std::uint64_t term = 0;
};

// The command must wait for the next group: this one already changes the same node, creates the
// namespace or is full, and a version holds at most one change per node.
struct Deferred {};

using Outcome = std::variant<Answer, absl::Status, Deferred>;

struct Plan {
  // At most one per namespace; none for namespaces without effect.
  std::vector<ChangeRecord> records;
  // One per command, in order. An Answer holds only once its records are committed.
  std::vector<Outcome> outcomes;
};

// A version goes to watchers as one message, which clients take up to 4 MiB of (gRPC's default): as
// many bytes of evidence go into one. Half, because with evidence a node is told twice.
inline constexpr std::size_t kMaxVersionBytes = 3 * 512 * 1024;

// Decides what a group of commands does to the topology, without doing it. Pure: the same state,
// commands and context give the same plan. All changes of a namespace get one version.
//
// The rules, in order: signer neither revoked nor banned; policy revision still current; the
// sequence rule (RegistryService in the API); the signing window for what is not a known retry;
// identity of the id; quotas, counted here and exact.
Plan MakePlan(const TopologyState& state, std::span<const Command> commands,
              const PlanContext& context);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_TOPOLOGY_PLAN_H_
