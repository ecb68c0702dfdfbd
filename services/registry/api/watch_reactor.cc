#include "services/registry/api/watch_reactor.h"

#include "services/registry/api/watch_codec.h"

namespace omninode::registry {

WatchReactor::WatchReactor(grpc::CallbackServerContext* context, const Clock& clock,
                           rpc::StreamCloser closer, std::unique_ptr<WatchCursor> cursor,
                           bool with_evidence)
    : WriteReactor(context, clock, std::move(closer)),
      clock_(clock),
      cursor_(std::move(cursor)),
      with_evidence_(with_evidence) {}

rpc::WriteReactor::Next WatchReactor::NextMessage() {
  const WatchStep step = cursor_->Next(clock_.Monotonic());
  if (const auto* send = std::get_if<WatchSend>(&step)) {
    return Send{Encode(*send, with_evidence_)};
  }
  if (const auto* cut = std::get_if<WatchCut>(&step)) return Close{cut->status};
  return Wait{};
}

}  // namespace omninode::registry
