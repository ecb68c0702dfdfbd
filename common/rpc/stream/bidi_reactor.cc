#include "common/rpc/stream/bidi_reactor.h"

#include <utility>

#include <grpcpp/server_context.h>

#include "common/base/reason.h"

namespace omninode::rpc {

BidiReactor::Reply::~Reply() {
  if (handle_ != nullptr) (*this)(Reject(Reason::kInternal, "a handler dropped its reply"));
}

void BidiReactor::Reply::operator()(absl::StatusOr<Answer> answer) {
  if (const auto handle = std::exchange(handle_, nullptr)) handle->Handled(std::move(answer));
}

BidiReactor::BidiReactor(grpc::CallbackServerContext* context, const Clock& clock,
                         StreamCloser closer)
    : handle_(std::make_shared<Handle>(this, context, clock, std::move(closer))) {}

void BidiReactor::Begin() {
  const std::shared_ptr<Handle> handle = handle_;
  {
    MutexLock lock(handle->mutex_);
    handle->phase_ = Handle::Phase::kOpen;
  }
  handle->Step();
}

void BidiReactor::OnReadDone(bool ok) {
  // gRPC keeps this object until the reaction has returned, whatever the handler does.
  if (handle_->ReadDone(ok)) OnMessage(request_, Reply(handle_));
}

void BidiReactor::OnWriteDone(bool ok) { handle_->WriteDone(ok); }

void BidiReactor::OnCancel() { handle_->End(absl::CancelledError("the peer went away")); }

void BidiReactor::OnDone() {
  handle_->Done();
  delete this;
}

BidiReactor::Handle::Handle(BidiReactor* reactor, grpc::CallbackServerContext* context,
                            const Clock& clock, StreamCloser closer)
    : clock_(clock), context_(context), reactor_(reactor), closer_(std::move(closer)) {}

void BidiReactor::Handle::End(absl::Status status) {
  {
    MutexLock lock(mutex_);
    if (end_.has_value()) return;
    end_ = std::move(status);
  }
  Step();
}

void BidiReactor::Handle::Cancel() {
  MutexLock lock(mutex_);
  if (phase_ != Phase::kDone) context_->TryCancel();
}

absl::Duration BidiReactor::Handle::WriteAge(MonotonicTime now) const {
  MutexLock lock(mutex_);
  return writing_ ? now - write_started_ : absl::ZeroDuration();
}

void BidiReactor::Handle::Step() {
  absl::Status end;
  {
    MutexLock lock(mutex_);
    if (phase_ != Phase::kOpen) return;
    if (!end_.has_value()) StartOperations();
    if (!end_.has_value() || writing_) return;
    // From here on this thread alone finishes, and the reactor stays until it has.
    phase_ = Phase::kFinishing;
    end = *end_;
  }
  grpc::Status status = std::exchange(closer_, nullptr)(end);
  reactor_->Finish(std::move(status));
}

// Under the mutex, because another thread must not see a flag without its operation; gRPC never
// runs a reaction inside these calls.
void BidiReactor::Handle::StartOperations() {
  if (waiting_.has_value() && !writing_) {
    in_flight_ = *std::exchange(waiting_, std::nullopt);
    writing_ = true;
    write_started_ = clock_.Monotonic();
    reactor_->StartWrite(&in_flight_.message);
  }
  const bool idle = !reading_ && !handling_ && !waiting_.has_value();
  if (idle && no_more_requests_ && !writing_) end_ = absl::OkStatus();
  const bool last_is_out = writing_ && in_flight_.last;
  if (idle && !no_more_requests_ && !last_is_out) {
    reading_ = true;
    reactor_->StartRead(&reactor_->request_);
  }
}

bool BidiReactor::Handle::ReadDone(bool ok) {
  {
    MutexLock lock(mutex_);
    reading_ = false;
    if (!ok) no_more_requests_ = true;
    handling_ = ok && !end_.has_value();
    if (handling_) return true;
  }
  Step();
  return false;
}

void BidiReactor::Handle::WriteDone(bool ok) {
  {
    MutexLock lock(mutex_);
    writing_ = false;
    if (!end_.has_value() && !ok) end_ = absl::CancelledError("the peer went away");
    if (!end_.has_value() && in_flight_.last) end_ = absl::OkStatus();
    in_flight_ = Answer();
  }
  Step();
}

void BidiReactor::Handle::Handled(absl::StatusOr<Answer> answer) {
  {
    MutexLock lock(mutex_);
    handling_ = false;
    if (end_.has_value()) return;
    if (answer.ok()) {
      waiting_ = *std::move(answer);
    } else {
      end_ = std::move(answer).status();
    }
  }
  Step();
}

void BidiReactor::Handle::Done() {
  MutexLock lock(mutex_);
  phase_ = Phase::kDone;
}

}  // namespace omninode::rpc
