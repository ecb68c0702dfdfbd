#include "tests/bench/event_loop.h"

#include <chrono>

#include <grpcpp/support/slice.h>

namespace omninode::bench {

EventLoop::~EventLoop() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

bool EventLoop::Step(MonotonicTime until) {
  const absl::Duration left = until - clock_.Monotonic();
  void* tag = nullptr;
  bool ok = false;
  if (queue_.AsyncNext(&tag, &ok, absl::ToChronoTime(clock_.Now() + left)) !=
      grpc::CompletionQueue::GOT_EVENT) {
    return false;
  }
  static_cast<Waiter*>(tag)->OnComplete(ok);
  return true;
}

grpc::ByteBuffer MessageOver(const std::string& bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size(), grpc::Slice::STATIC_SLICE);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace omninode::bench
