#ifndef OMNINODE_TESTS_BENCH_EVENT_LOOP_H_
#define OMNINODE_TESTS_BENCH_EVENT_LOOP_H_

#include <cstddef>
#include <span>
#include <string>

#include <absl/time/time.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/support/byte_buffer.h>

#include "common/time/clock.h"

namespace omninode::bench {

// Something that waits for an operation of gRPC: its address is the operation's tag. It stays where
// it is until the operation completes.
class Waiter {
 public:
  virtual void OnComplete(bool ok) = 0;

 protected:
  ~Waiter() = default;
};

// The client side of everything that is measured, on one thread: the machine's CPUs are needed by
// the service. A completion queue costs less than gRPC's callbacks. Not thread-safe. REQUIRES: no
// operation is under way when it is destroyed.
class EventLoop final {
 public:
  explicit EventLoop(const Clock& clock) : clock_(clock) {}
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  grpc::CompletionQueue* queue() { return &queue_; }
  // Completes one operation; false when none completed until then.
  bool Step(MonotonicTime until);

 private:
  const Clock& clock_;
  grpc::CompletionQueue queue_;
};

// The bytes as a message, not copied. REQUIRES: they outlive the message.
grpc::ByteBuffer MessageOver(const std::string& bytes);

}  // namespace omninode::bench

#endif  // OMNINODE_TESTS_BENCH_EVENT_LOOP_H_
