#ifndef OMNINODE_SERVICES_REGISTRY_API_WATCH_CODEC_H_
#define OMNINODE_SERVICES_REGISTRY_API_WATCH_CODEC_H_

#include <memory>
#include <string>
#include <utility>

#include <absl/status/statusor.h>
#include <grpcpp/support/byte_buffer.h>

#include "omninode/registry/v1/topology_service.pb.h"
#include "services/registry/watch/diff_encoder.h"
#include "services/registry/watch/watch_request.h"
#include "services/registry/watch/watch_step.h"

// The topology stream between the watch room and the wire. Pure.
namespace omninode::registry {

// Makes the TopologyDiff of a WatchTopologyResponse, once for all watchers it goes to.
class TopologyDiffEncoder final : public DiffEncoder {
 public:
  // `source_node`: SPIFFE ID of this instance.
  explicit TopologyDiffEncoder(std::string source_node) : source_node_(std::move(source_node)) {}

  EncodedDiffPtr Encode(const directory::TopologyDiff& diff,
                        const DiffContext& context) const override;

 private:
  const std::string source_node_;
};

// NAME_INVALID, ARGUMENT_INVALID.
absl::StatusOr<WatchRequest> Decode(const v1::WatchTopologyRequest& request);

// A WatchTopologyResponse. The bytes of a diff are not copied: the buffer shares them.
// `with_evidence`: whether nodes of a snapshot carry their envelopes.
std::shared_ptr<const grpc::ByteBuffer> Encode(const WatchSend& send, bool with_evidence);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_API_WATCH_CODEC_H_
