#ifndef OMNINODE_SERVICES_REGISTRY_STORE_STORED_NODE_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_STORED_NODE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/directory/health.h"
#include "services/registry/topology/node.h"
#include "services/registry/topology/node_map.h"

namespace omninode::registry {

using EvidencePtr = std::shared_ptr<const Evidence>;
using ChainPtr = std::shared_ptr<const CertificateChain>;

// Finds the certificates of a leaf; DataLoss when they are not stored.
using ChainLookup = std::function<absl::StatusOr<ChainPtr>(const crypto::Sha256Digest& leaf)>;

// A node as it is stored: all but its description, which stands in the evidence already.
struct StoredNode {
  NodeId id;
  std::uint64_t version = 0;
  absl::Time registered_at;
  directory::Health health = directory::Health::kServing;
  LeaseHandle lease;
  absl::Duration ttl;
  std::string actor;
  std::string decision;
  LastMessage last_message;
  Signer signer;
};

// The node again. DataLoss when the evidence is not the description of this node.
absl::StatusOr<NodePtr> RebuildNode(const NamespaceName& ns, StoredNode stored,
                                    EvidencePtr evidence);

// A digest as it is stored. DataLoss unless it has 32 bytes.
absl::StatusOr<crypto::Sha256Digest> DigestFromStored(std::string_view bytes);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_STORED_NODE_H_
