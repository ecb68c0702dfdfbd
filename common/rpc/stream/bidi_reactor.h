#ifndef OMNINODE_COMMON_RPC_STREAM_BIDI_REACTOR_H_
#define OMNINODE_COMMON_RPC_STREAM_BIDI_REACTOR_H_

#include <cstdint>
#include <memory>
#include <optional>

#include <absl/status/statusor.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "common/base/mutex.h"
#include "common/rpc/stream/stream_handle.h"
#include "common/time/clock.h"

namespace omninode::rpc {

// Base of bidirectional reactors that answer each message with one message. Per stream there is at
// most one message being read or handled, one answer waiting and one being written; who does not
// read his answers is not read from. When the peer has said all, the stream ends after the last
// answer.
//
// Thread-safety: OnMessage is never called by two threads at once. Lifetime: as WriteReactor.
class BidiReactor : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  struct Answer {
    grpc::ByteBuffer message;
    bool last = false;  // the stream ends after it
  };

  class Handle;

  // The way back from the handler of one message. Movable; may be called from any thread, once,
  // also when the stream is gone. An error ends the stream. Dropped without a call: INTERNAL.
  class Reply final {
   public:
    explicit Reply(std::shared_ptr<Handle> handle) : handle_(std::move(handle)) {}
    Reply(Reply&&) noexcept = default;
    Reply& operator=(Reply&&) = delete;
    ~Reply();

    void operator()(absl::StatusOr<Answer> answer);

   private:
    std::shared_ptr<Handle> handle_;
  };

  // Begins to read. REQUIRES: called once, after construction.
  void Begin();

  const std::shared_ptr<Handle>& handle() const { return handle_; }

 protected:
  BidiReactor(grpc::CallbackServerContext* context, const Clock& clock, StreamCloser closer);
  ~BidiReactor() override = default;

 private:
  // `request` is valid during the call. Must not block.
  virtual void OnMessage(const grpc::ByteBuffer& request, Reply reply) = 0;

  void OnReadDone(bool ok) final;
  void OnWriteDone(bool ok) final;
  void OnCancel() final;
  void OnDone() final;

  grpc::ByteBuffer request_;  // of gRPC while reading, of OnMessage while handling
  const std::shared_ptr<Handle> handle_;
};

class BidiReactor::Handle final : public StreamHandle {
 public:
  Handle(BidiReactor* reactor, grpc::CallbackServerContext* context, const Clock& clock,
         StreamCloser closer);

  void End(absl::Status status) override;
  void Cancel() override;
  absl::Duration WriteAge(MonotonicTime now) const override;

 private:
  friend class BidiReactor;
  enum class Phase : std::uint8_t { kNew, kOpen, kFinishing, kDone };

  // Starts whatever can be started now.
  void Step();
  void StartOperations() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool ReadDone(bool ok);  // whether there is a message to handle
  void WriteDone(bool ok);
  void Handled(absl::StatusOr<Answer> answer);
  void Done();

  const Clock& clock_;
  grpc::CallbackServerContext* const context_;
  BidiReactor* const reactor_;  // alive until phase_ is kDone

  mutable Mutex mutex_;
  StreamCloser closer_;  // used by the thread that finishes
  Phase phase_ ABSL_GUARDED_BY(mutex_) = Phase::kNew;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool handling_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool no_more_requests_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<Answer> waiting_ ABSL_GUARDED_BY(mutex_);
  Answer in_flight_ ABSL_GUARDED_BY(mutex_);
  MonotonicTime write_started_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_STREAM_BIDI_REACTOR_H_
