#ifndef OMNINODE_COMMON_IDENTITY_PRINCIPAL_H_
#define OMNINODE_COMMON_IDENTITY_PRINCIPAL_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include <absl/status/statusor.h>

#include "common/base/names.h"
#include "common/identity/spiffe_id.h"

// What the path of a SPIFFE ID of the own network means:
//
//   /node/<type>/<id>              a node of namespace "default"
//   /ns/<ns>/node/<type>/<id>      a node of another namespace
//   /agent/<host>                  the agent of a host
//   /service/<name>/<instance>     a service of the suite
//   /admin/<name>                  a person who may do everything
//   /ns/<ns>/admin/<name>          a person who may do everything in one namespace
//
// Every identity has one spelling: /ns/default/node/... is no node, because that is /node/..., and
// /ns/system/node/... is none, because nodes of namespace "system" are the services.
// Values; safe to share between threads.
namespace omninode::identity {

inline constexpr std::string_view kDefaultNamespace = "default";
inline constexpr std::string_view kSystemNamespace = "system";

// Who a node is in the topology.
struct NodeIdentity {
  NamespaceName namespace_name;
  NodeType type;
  NodeId id;

  friend bool operator==(const NodeIdentity&, const NodeIdentity&) = default;
};
// Hosts, instances and people are named by the rule of node ids.
struct AgentIdentity {
  NodeId host;
  friend bool operator==(const AgentIdentity&, const AgentIdentity&) = default;
};
struct ServiceIdentity {
  NodeType name;
  NodeId instance;
  friend bool operator==(const ServiceIdentity&, const ServiceIdentity&) = default;
};
struct AdminIdentity {
  NodeId name;
  friend bool operator==(const AdminIdentity&, const AdminIdentity&) = default;
};
struct NamespaceAdminIdentity {
  NamespaceName namespace_name;
  NodeId name;
  friend bool operator==(const NamespaceAdminIdentity&, const NamespaceAdminIdentity&) = default;
};

class Principal final {
 public:
  enum class Kind : std::uint8_t { kNode, kAgent, kService, kAdmin, kNamespaceAdmin };

  // Reads the path only. REQUIRES: the trust domain is the network's own; a path of another trust
  // domain means nothing here. Fails with ROLE_REQUIRED for every path not in the table above.
  static absl::StatusOr<Principal> From(const SpiffeId& id);

  Kind kind() const { return static_cast<Kind>(value_.index()); }
  // The identity of that kind, or null: As<AgentIdentity>().
  template <typename Identity>
  const Identity* As() const {
    return std::get_if<Identity>(&value_);
  }

  friend bool operator==(const Principal&, const Principal&) = default;

 private:
  // In the order of Kind.
  using Value = std::variant<NodeIdentity, AgentIdentity, ServiceIdentity, AdminIdentity,
                             NamespaceAdminIdentity>;
  explicit Principal(Value value) : value_(std::move(value)) {}
  Value value_;
};

std::string_view NameOf(Principal::Kind kind);  // "node", "agent", ...: log field, metric label

// Who the principal registers as: nodes as themselves, services in namespace "system" with their
// name as type and their instance as id, others not at all.
std::optional<NodeIdentity> AsNode(const Principal& principal);

// The inverse of Principal::From. A node of namespace "system" is spelled as the service it is.
SpiffeId NodeSpiffeId(const TrustDomain& trust_domain, const NodeIdentity& node);
SpiffeId NodeSpiffeId(const TrustDomain& trust_domain, const NamespaceName& namespace_name,
                      const NodeType& type, const NodeId& id);
SpiffeId AgentSpiffeId(const TrustDomain& trust_domain, const NodeId& host);
SpiffeId ServiceSpiffeId(const TrustDomain& trust_domain, const NodeType& name,
                         const NodeId& instance);
SpiffeId AdminSpiffeId(const TrustDomain& trust_domain, const NodeId& name);
SpiffeId NamespaceAdminSpiffeId(const TrustDomain& trust_domain,
                                const NamespaceName& namespace_name, const NodeId& name);

}  // namespace omninode::identity

#endif  // OMNINODE_COMMON_IDENTITY_PRINCIPAL_H_
