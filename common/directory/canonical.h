#ifndef OMNINODE_COMMON_DIRECTORY_CANONICAL_H_
#define OMNINODE_COMMON_DIRECTORY_CANONICAL_H_

#include <string>

#include "common/crypto/digest.h"
#include "common/directory/node_view.h"

namespace omninode::directory {

// The bytes by which two parties agree that they see the same node. Part of the API
// (docs/reference/topology-hash.md) and independent of protobuf, so that any language computes it:
//
//   text(s)  = u32(number of bytes) bytes            all integers big-endian
//   list(l)  = u32(number of items) { text(name) text(value) }, items by name, bytewise ascending
//
//   text("omninode-node-v1")
//   text(namespace) text(node_id) text(node_type) text(software_version)
//   list(endpoints) list(capabilities) list(labels)
//   text(epoch) text(health: "serving" | "degraded" | "not_serving")
//   u64(node_version)
//
// Injective: every part has its length before it. Only what every consumer sees is in it; evidence,
// actor, decision, times and lease are not. Another content needs another first text.
std::string CanonicalForm(const NodeView& node);

// SHA-256 of the canonical form: the node's member in the topology's SetHash.
crypto::Sha256Digest CanonicalDigest(const NodeView& node);

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_CANONICAL_H_
