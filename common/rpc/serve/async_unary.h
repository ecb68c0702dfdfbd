#ifndef OMNINODE_COMMON_RPC_SERVE_ASYNC_UNARY_H_
#define OMNINODE_COMMON_RPC_SERVE_ASYNC_UNARY_H_

#include <memory>

#include <absl/functional/any_invocable.h>
#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <grpcpp/support/status.h>

namespace grpc {
class ServerUnaryReactor;
}

// Unary calls of the callback API that are answered later, from any thread.
namespace omninode::rpc {

// The right to answer one call. Movable; used once, from any thread, also when the call is gone
// already. Dropped without use: INTERNAL.
class Completion final {
 public:
  class State;
  explicit Completion(std::shared_ptr<State> state);
  Completion(Completion&&) noexcept;
  Completion& operator=(Completion&&) = delete;
  ~Completion();

  void operator()(absl::Status status);

  // Runs `fill`, which writes the response message, and answers with its status. A call that was
  // cancelled has no response message any more: then `fill` does not run.
  void Respond(absl::FunctionRef<absl::Status()> fill);

 private:
  std::shared_ptr<State> state_;
};

// Gives `start` the completion of a call and returns the reactor to hand to gRPC. When the peer
// cancels, its deadline passes or the server shuts down, the call is finished at once with
// CANCELLED. `closer` turns the outcome into what is sent; it is called exactly once.
// After `start` has returned, the request message may be gone.
grpc::ServerUnaryReactor* StartUnary(absl::AnyInvocable<grpc::Status(const absl::Status&)> closer,
                                     absl::FunctionRef<void(Completion)> start);

// A call that is over before it began.
grpc::ServerUnaryReactor* RefuseUnary(grpc::Status status);

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_SERVE_ASYNC_UNARY_H_
