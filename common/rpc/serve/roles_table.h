#ifndef OMNINODE_COMMON_RPC_SERVE_ROLES_TABLE_H_
#define OMNINODE_COMMON_RPC_SERVE_ROLES_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/identity/principal.h"

// One table over all RPCs of all services: who may call, under which limit, how it is audited.
// A test compares it with the service descriptors: every RPC has exactly one row. Pure data.
namespace omninode::rpc {

enum class Role : std::uint16_t {
  kNode = 1 << 0,
  kAgent = 1 << 1,
  kService = 1 << 2,         // of any name
  kAttestor = 1 << 3,        // /service/attestor/*
  kRegistry = 1 << 4,        // /service/registry/*
  kAdmin = 1 << 5,           // /admin/*
  kNamespaceAdmin = 1 << 6,  // /ns/*/admin/*
  kLocal = 1 << 7,           // a peer of the admin Unix socket
  kAnyone = 1 << 8,          // no identity asked for: the attestor's port
};

// A set of roles.
class Roles final {
 public:
  constexpr Roles() = default;
  constexpr Roles(std::initializer_list<Role> roles) {
    for (const Role role : roles) bits_ |= static_cast<unsigned>(role);
  }
  constexpr bool Has(Role role) const { return (bits_ & static_cast<unsigned>(role)) != 0; }
  constexpr bool Intersects(Roles other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr bool operator==(Roles, Roles) = default;

 private:
  unsigned bits_ = 0;
};

// Which in-flight bound a call counts against. Control calls keep working under a flood of data.
enum class Limiter : std::uint8_t { kControl, kData, kStream };
inline constexpr std::size_t kLimiters = 3;

// kWrites: a log line for each call that succeeded, because it changed something.
// kAll: a log line for each call that was let in, whatever came of it.
enum class Audit : std::uint8_t { kNone, kWrites, kAll };

struct RpcRule {
  std::string_view method;  // "omninode.registry.v1.RegistryService/Register"
  Roles roles;
  Limiter limiter = Limiter::kControl;
  Audit audit = Audit::kNone;
};

// Sorted by method.
std::span<const RpcRule> RolesTable();

// The row of `method`. A method without a row gets one that allows nobody.
const RpcRule& RuleOf(std::string_view method);

// The methods of the table as metric label values.
std::vector<std::string> RpcNames();

// The roles an identity of the network's own trust domain has. None for paths without a role.
Roles RolesOf(const identity::Principal& principal);

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_SERVE_ROLES_TABLE_H_
