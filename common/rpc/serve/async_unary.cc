#include "common/rpc/serve/async_unary.h"

#include <utility>

#include <grpcpp/support/server_callback.h>

#include "common/base/mutex.h"
#include "common/base/reason.h"

namespace omninode::rpc {

// Whoever takes the call first, answers it; until then the reactor cannot go away.
class Completion::State final {
 public:
  State(grpc::ServerUnaryReactor* reactor,
        absl::AnyInvocable<grpc::Status(const absl::Status&)> closer)
      : reactor_(reactor), closer_(std::move(closer)) {}

  void Answer(absl::FunctionRef<absl::Status()> fill) {
    {
      MutexLock lock(mutex_);
      if (taken_) return;
      taken_ = true;
    }
    grpc::Status status = std::exchange(closer_, nullptr)(fill());
    reactor_->Finish(std::move(status));
  }

 private:
  grpc::ServerUnaryReactor* const reactor_;
  absl::AnyInvocable<grpc::Status(const absl::Status&)> closer_;  // of whoever took the call
  Mutex mutex_;
  bool taken_ ABSL_GUARDED_BY(mutex_) = false;
};

namespace {

class UnaryReactor final : public grpc::ServerUnaryReactor {
 public:
  explicit UnaryReactor(absl::AnyInvocable<grpc::Status(const absl::Status&)> closer)
      : state_(std::make_shared<Completion::State>(this, std::move(closer))) {}

  const std::shared_ptr<Completion::State>& state() const { return state_; }

 private:
  void OnCancel() override {
    state_->Answer([] { return absl::CancelledError("the peer went away"); });
  }
  void OnDone() override { delete this; }

  const std::shared_ptr<Completion::State> state_;
};

class RefusedReactor final : public grpc::ServerUnaryReactor {
 public:
  explicit RefusedReactor(grpc::Status status) { Finish(std::move(status)); }

 private:
  void OnDone() override { delete this; }
};

}  // namespace

Completion::Completion(std::shared_ptr<State> state) : state_(std::move(state)) {}
Completion::Completion(Completion&&) noexcept = default;

Completion::~Completion() {
  if (state_ != nullptr) (*this)(Reject(Reason::kInternal, "a handler dropped its completion"));
}

void Completion::operator()(absl::Status status) {
  Respond([&] { return std::move(status); });
}

void Completion::Respond(absl::FunctionRef<absl::Status()> fill) {
  if (const auto state = std::exchange(state_, nullptr)) state->Answer(fill);
}

grpc::ServerUnaryReactor* StartUnary(absl::AnyInvocable<grpc::Status(const absl::Status&)> closer,
                                     absl::FunctionRef<void(Completion)> start) {
  // gRPC ends the call no earlier than the handler that called us has returned the reactor.
  auto* reactor = new UnaryReactor(std::move(closer));
  start(Completion(reactor->state()));
  return reactor;
}

grpc::ServerUnaryReactor* RefuseUnary(grpc::Status status) {
  return new RefusedReactor(std::move(status));
}

}  // namespace omninode::rpc
