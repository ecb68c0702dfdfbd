#ifndef OMNINODE_SERVICES_REGISTRY_LEASE_LEASE_KEY_H_
#define OMNINODE_SERVICES_REGISTRY_LEASE_LEASE_KEY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/directory/node_ref.h"
#include "services/registry/topology/node.h"

namespace omninode::registry {

inline constexpr std::size_t kLeaseKeyBytes = 32;

// The key under which a node authenticates its heartbeats: HKDF-SHA256 (RFC 5869) of the shard's
// secret, without salt, with the info
//
//   text("omninode-lease-v1") text(namespace) text(node_id) u64(incarnation) u64(handle)
//
// where text(s) = u16(number of bytes) bytes, all integers big-endian. Derived and never stored, so
// every owner of the shard can check every beat, and no two leases ever share a key. Pure.
std::string LeaseKey(std::string_view shard_secret, const directory::NodeRef& node,
                     std::uint64_t incarnation, LeaseHandle handle);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_LEASE_LEASE_KEY_H_
