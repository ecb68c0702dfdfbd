#ifndef OMNINODE_SERVICES_REGISTRY_TOPOLOGY_COMMAND_H_
#define OMNINODE_SERVICES_REGISTRY_TOPOLOGY_COMMAND_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <absl/status/statusor.h>

#include "common/crypto/digest.h"
#include "common/directory/health.h"
#include "common/directory/introspection.h"
#include "common/directory/node_ref.h"
#include "common/directory/position.h"
#include "common/directory/tombstone.h"
#include "services/registry/topology/namespace_info.h"
#include "services/registry/topology/node.h"

// What can be asked of the topology, and what it answers. Values without behaviour: everything
// that decides is in plan.h.
namespace omninode::registry {

// A policy's answer to "may this enter?".
struct Decision {
  std::string id;
  std::uint64_t revision = 0;  // of the policy that decided; plan refuses an outdated one
  std::optional<std::uint64_t> max_nodes_of_type;
};

// An envelope that passed admission. What may go stale before the commit (revocation, policy
// revision) is carried along and checked again by plan.
struct Admitted {
  directory::NodeRef node;
  NodeType type;
  std::uint64_t sequence = 0;
  crypto::Sha256Digest digest{};
  std::shared_ptr<const Evidence> evidence;
  Signer signer;
  std::string submitter;  // SPIFFE ID of the TLS peer
  absl::Time signed_at;
  absl::Status clock;  // why a message that is not a known retry must be refused, or OK
  Decision decision;
  std::string correlation_id;
};

// Makes a retry of an administrator's request safe while the topology remembers it: until
// NamespaceState::kMaxReceipts newer ones were carried out.
struct AdminRequest {
  std::string principal;
  std::string request_id;
  crypto::Sha256Digest digest{};
};

struct RegisterCommand {
  Admitted admitted;
  directory::Introspection introspection;
};

struct LeaveCommand {
  Admitted admitted;
  directory::Health final_health = directory::Health::kServing;
  std::string reason_text;
};

// Removal by somebody else: an administrator, the end of a lease, a revocation.
struct RemoveCommand {
  directory::NodeRef node;
  directory::RemovalReason reason;
  std::string reason_text;
  std::string actor;
  std::string decision;
  // Only while the node still has this lease: it may have come back since the command was made.
  std::optional<LeaseHandle> only_lease;
  std::optional<AdminRequest> request;
};

// The node's word on its fitness, from a heartbeat.
struct HealthCommand {
  directory::NodeRef node;
  LeaseHandle lease;
  directory::Health health;
};

struct CreateNamespaceCommand {
  NamespaceName name;
  NamespaceLimits limits;
  std::string actor;
  std::optional<AdminRequest> request;
};

using Command = std::variant<RegisterCommand, LeaveCommand, RemoveCommand, HealthCommand,
                             CreateNamespaceCommand>;

struct Registered {
  directory::NodeRef node;
  std::string subject;  // SPIFFE ID of the node
  directory::Position position;
  LeaseHandle lease;
  absl::Duration ttl;
  std::string decision;
  bool repeated = false;  // the stored answer of a retry
};

struct Removed {
  directory::Tombstone tombstone;
};

struct NamespaceCreated {
  NamespaceInfo info;
  bool existed = false;
};

// The command found nothing left to do: the node had moved on. Only for commands of the service
// itself (expiry, revocation, health).
struct NothingToDo {};

using Answer = std::variant<Registered, Removed, NamespaceCreated, NothingToDo>;

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_TOPOLOGY_COMMAND_H_
