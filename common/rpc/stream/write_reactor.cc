#include "common/rpc/stream/write_reactor.h"

#include <optional>
#include <utility>

#include <grpcpp/server_context.h>

namespace omninode::rpc {

// Start* and Finish are called under the stream's mutex. That cannot deadlock: gRPC runs the
// reactions of an application's reactor on its own threads, never inside these calls.

WriteReactor::WriteReactor(grpc::CallbackServerContext* context, const Clock& clock,
                           StreamCloser closer)
    : handle_(std::make_shared<Handle>(this, context, clock, std::move(closer))) {}

void WriteReactor::Begin() {
  {
    MutexLock lock(handle_->mutex_);
    handle_->phase_ = Handle::Phase::kAsking;
  }
  // A copy: asking may end the call, and with it this object.
  const std::shared_ptr<Handle> handle = handle_;
  handle->Ask();
}

void WriteReactor::OnWriteDone(bool ok) { handle_->WriteDone(ok); }

void WriteReactor::OnCancel() { handle_->End(absl::CancelledError("the peer went away")); }

void WriteReactor::OnDone() {
  handle_->Done();
  delete this;
}

WriteReactor::Handle::Handle(WriteReactor* reactor, grpc::CallbackServerContext* context,
                             const Clock& clock, StreamCloser closer)
    : clock_(clock), context_(context), reactor_(reactor), closer_(std::move(closer)) {}

void WriteReactor::Handle::Wake() {
  {
    MutexLock lock(mutex_);
    woken_ = true;
    if (phase_ != Phase::kIdle) return;
    phase_ = Phase::kAsking;
  }
  Ask();
}

void WriteReactor::Handle::End(absl::Status status) {
  {
    MutexLock lock(mutex_);
    if (end_.has_value() || phase_ >= Phase::kFinishing) return;
    end_ = std::move(status);
    if (phase_ != Phase::kIdle) return;
    phase_ = Phase::kAsking;
  }
  Ask();
}

void WriteReactor::Handle::EndWhenIdle(absl::Status status) {
  {
    MutexLock lock(mutex_);
    if (end_when_idle_.has_value()) return;
    end_when_idle_ = std::move(status);
  }
  Wake();
}

void WriteReactor::Handle::Cancel() {
  MutexLock lock(mutex_);
  if (phase_ != Phase::kDone) context_->TryCancel();
}

absl::Duration WriteReactor::Handle::WriteAge(MonotonicTime now) const {
  MutexLock lock(mutex_);
  return phase_ == Phase::kWriting ? now - write_started_ : absl::ZeroDuration();
}

void WriteReactor::Handle::Ask() {
  std::optional<absl::Status> end;
  for (;;) {
    {
      MutexLock lock(mutex_);
      woken_ = false;
      end = end_;
    }
    if (end.has_value()) break;
    if (TakeAnswer(reactor_->NextMessage())) return;
  }
  grpc::Status status = std::exchange(closer_, nullptr)(*end);
  MutexLock lock(mutex_);
  phase_ = Phase::kFinishing;
  reactor_->Finish(std::move(status));
}

// False: ask again.
bool WriteReactor::Handle::TakeAnswer(Next next) {
  MutexLock lock(mutex_);
  if (end_.has_value()) return false;
  if (auto* close = std::get_if<Close>(&next)) {
    end_ = std::move(close->status);
    return false;
  }
  if (auto* send = std::get_if<Send>(&next)) {
    phase_ = Phase::kWriting;
    in_flight_ = std::move(send->message);
    write_started_ = clock_.Monotonic();
    reactor_->StartWrite(in_flight_.get());
    return true;
  }
  if (woken_) return false;
  if (end_when_idle_.has_value()) {
    end_ = end_when_idle_;
    return false;
  }
  phase_ = Phase::kIdle;
  return true;
}

void WriteReactor::Handle::WriteDone(bool ok) {
  {
    MutexLock lock(mutex_);
    in_flight_.reset();
    phase_ = Phase::kAsking;
    if (!ok && !end_.has_value()) end_ = absl::CancelledError("the peer went away");
  }
  Ask();
}

void WriteReactor::Handle::Done() {
  MutexLock lock(mutex_);
  phase_ = Phase::kDone;
}

}  // namespace omninode::rpc
