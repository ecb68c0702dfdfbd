#ifndef OMNINODE_COMMON_NODE_REGISTRY_CODEC_H_
#define OMNINODE_COMMON_NODE_REGISTRY_CODEC_H_

#include <absl/status/statusor.h>

#include "common/directory/tombstone.h"
#include "common/node/registry_records.h"
#include "omninode/registry/v1/namespace_service.pb.h"
#include "omninode/registry/v1/registry_service.pb.h"

// Answers of the registry beside nodes. Pure. Errors name the field's path.
namespace omninode::node {

// MSG_MALFORMED unless the lease has a handle and a time. An absent renewal interval, or one that
// is not below the lease time, is half of it.
absl::StatusOr<RegisterAnswer> Decode(const registry::v1::RegisterResponse& message);

// Tombstone::last_sequence is not told: zero.
absl::StatusOr<directory::Tombstone> Decode(const registry::v1::Tombstone& message);

absl::StatusOr<NamespaceRecord> Decode(const registry::v1::Namespace& message);
// Zeros are left out.
registry::v1::NamespaceLimits Encode(const NamespaceRules& rules);

// An outcome that is not known here counts as RETRY.
BeatOutcome Decode(registry::v1::BeatOutcome outcome);

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_REGISTRY_CODEC_H_
