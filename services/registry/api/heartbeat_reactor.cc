#include "services/registry/api/heartbeat_reactor.h"

#include <utility>

#include "common/rpc/stream/message_bytes.h"
#include "omninode/registry/v1/registry_service.pb.h"

namespace omninode::registry {
namespace {

// 1,000 beats of at most 60 bytes.
constexpr std::size_t kMaxBatchBytes = 64 * 1024;

}  // namespace

HeartbeatReactor::HeartbeatReactor(grpc::CallbackServerContext* context, const Clock& clock,
                                   rpc::StreamCloser closer, rpc::Caller caller,
                                   rpc::StreamRegistry& streams, BeatDesk& desk)
    : BidiReactor(context, clock, std::move(closer)),
      caller_(std::move(caller)),
      desk_(desk),
      place_(streams.Add(caller_, handle())) {}

void HeartbeatReactor::OnMessage(const grpc::ByteBuffer& request, Reply reply) {
  v1::HeartbeatRequest message;
  if (absl::Status parsed = rpc::ParseMessage(request, kMaxBatchBytes, &message); !parsed.ok()) {
    return reply(std::move(parsed));
  }
  v1::HeartbeatResponse response;
  if (absl::Status taken = desk_.Take(caller_, message.batch(), &response); !taken.ok()) {
    return reply(std::move(taken));
  }
  reply(Answer{rpc::SerializeMessage(response)});
}

}  // namespace omninode::registry
