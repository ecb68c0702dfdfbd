#ifndef OMNINODE_SERVICES_REGISTRY_API_HEARTBEAT_REACTOR_H_
#define OMNINODE_SERVICES_REGISTRY_API_HEARTBEAT_REACTOR_H_

#include "common/rpc/serve/caller.h"
#include "common/rpc/stream/bidi_reactor.h"
#include "common/rpc/stream/stream_registry.h"
#include "services/registry/api/beat_desk.h"

namespace omninode::registry {

// One Heartbeat stream: carries batches to the BeatDesk and its answers back.
class HeartbeatReactor final : public rpc::BidiReactor {
 public:
  HeartbeatReactor(grpc::CallbackServerContext* context, const Clock& clock,
                   rpc::StreamCloser closer, rpc::Caller caller, rpc::StreamRegistry& streams,
                   BeatDesk& desk);

 private:
  void OnMessage(const grpc::ByteBuffer& request, Reply reply) override;

  const rpc::Caller caller_;
  BeatDesk& desk_;
  rpc::StreamRegistry::Place place_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_API_HEARTBEAT_REACTOR_H_
