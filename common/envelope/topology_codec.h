#ifndef OMNINODE_COMMON_ENVELOPE_TOPOLOGY_CODEC_H_
#define OMNINODE_COMMON_ENVELOPE_TOPOLOGY_CODEC_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "common/base/names.h"
#include "common/directory/topology_change.h"
#include "common/envelope/raw_envelope.h"
#include "omninode/envelope/v1/topology_diff.pb.h"

// Diffs of the topology between values and messages. Pure.
namespace omninode::envelope {

// The envelope behind a change, nullopt where there is none. Called for ADDED and UPDATED.
using EvidenceLookup =
    std::function<std::optional<RawEnvelope>(const directory::TopologyChange& change)>;

// What a diff says beside its changes.
struct DiffOrigin {
  std::string source_node;       // SPIFFE ID of the registry instance that committed it
  std::uint64_t node_count = 0;  // nodes in the namespace afterwards
};

// REQUIRES: IsWellFormed(change).
v1::TopologyChange Encode(const directory::TopologyChange& change, const RawEnvelope* evidence);
// Without evidence when `evidence` is empty.
v1::TopologyDiff Encode(const directory::TopologyDiff& diff, const DiffOrigin& origin,
                        const EvidenceLookup& evidence = {});

struct DecodedDiff {
  directory::TopologyDiff diff;
  DiffOrigin origin;
  // As many as changes; not verified.
  std::vector<std::optional<RawEnvelope>> evidence;
};

// For consumers: unknown fields and unknown names of changed fields are ignored, because the
// registry may be newer. `ns` is the namespace of the stream, which messages do not repeat; the
// lease time that a node asked for is not told either, so Introspection::requested_ttl is zero.
// Fails with the path of the field: MSG_MALFORMED when it contradicts itself (kind and fields,
// summary and changes, order of the nodes), else as the parts do.
absl::StatusOr<directory::TopologyChange> Decode(const v1::TopologyChange& message,
                                                 const NamespaceName& ns);
absl::StatusOr<DecodedDiff> Decode(const v1::TopologyDiff& message, const NamespaceName& ns);

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_TOPOLOGY_CODEC_H_
