#ifndef OMNINODE_COMMON_RPC_STREAM_WRITE_REACTOR_H_
#define OMNINODE_COMMON_RPC_STREAM_WRITE_REACTOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include <absl/status/status.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "common/base/mutex.h"
#include "common/rpc/stream/stream_handle.h"
#include "common/time/clock.h"

namespace omninode::rpc {

// Base of server-streaming reactors: does the input and output, knows no rules. It asks
// NextMessage, writes what it gets, one write at a time, and asks again.
//
// Thread-safety: NextMessage is never called by two threads at once. Lifetime: made with new; it
// deletes itself after the last reaction, so everybody else holds its handle. What a derived class
// owns (its slot in a limiter, its place in the StreamRegistry) goes with it.
class WriteReactor : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  struct Send {
    std::shared_ptr<const grpc::ByteBuffer> message;  // shared by all watchers it goes to
  };
  struct Wait {};  // until Handle::Wake
  struct Close {
    absl::Status status;
  };
  using Next = std::variant<Send, Wait, Close>;

  class Handle;

  // Begins to ask. REQUIRES: called once, after construction.
  void Begin();

  const std::shared_ptr<Handle>& handle() const { return handle_; }

 protected:
  // `clock` and `context` outlive the call (gRPC keeps the context until OnDone).
  WriteReactor(grpc::CallbackServerContext* context, const Clock& clock, StreamCloser closer);
  ~WriteReactor() override = default;

 private:
  // What to do next. Must not block and must not wait for its own handle's calls.
  virtual Next NextMessage() = 0;

  void OnWriteDone(bool ok) final;
  void OnCancel() final;
  void OnDone() final;

  const std::shared_ptr<Handle> handle_;
};

class WriteReactor::Handle final : public StreamHandle {
 public:
  Handle(WriteReactor* reactor, grpc::CallbackServerContext* context, const Clock& clock,
         StreamCloser closer);

  // There may be something to send: asks NextMessage again, on this thread unless a write is in
  // flight.
  void Wake();

  void End(absl::Status status) override;
  void EndWhenIdle(absl::Status status) override;
  void Cancel() override;
  absl::Duration WriteAge(MonotonicTime now) const override;

 private:
  friend class WriteReactor;

  // kAsking belongs to one thread, which alone may leave it; so the reactor cannot go away while
  // it is being asked, and no lock is held then.
  enum class Phase : std::uint8_t { kNew, kIdle, kAsking, kWriting, kFinishing, kDone };

  void Ask();
  bool TakeAnswer(Next next);
  void WriteDone(bool ok);
  void Done();

  const Clock& clock_;
  grpc::CallbackServerContext* const context_;
  WriteReactor* const reactor_;  // alive until phase_ is kDone

  mutable Mutex mutex_;
  StreamCloser closer_;  // used by the thread that finishes
  Phase phase_ ABSL_GUARDED_BY(mutex_) = Phase::kNew;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> end_when_idle_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const grpc::ByteBuffer> in_flight_ ABSL_GUARDED_BY(mutex_);
  MonotonicTime write_started_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_STREAM_WRITE_REACTOR_H_
