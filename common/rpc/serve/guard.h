#ifndef OMNINODE_COMMON_RPC_SERVE_GUARD_H_
#define OMNINODE_COMMON_RPC_SERVE_GUARD_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include <absl/functional/any_invocable.h>
#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <grpcpp/support/status.h>

#include "common/identity/certificate_cache.h"
#include "common/identity/trust_source.h"
#include "common/rpc/serve/async_unary.h"
#include "common/rpc/serve/caller.h"
#include "common/rpc/serve/local_peer.h"
#include "common/rpc/serve/roles_table.h"
#include "common/telemetry/log.h"
#include "common/telemetry/metrics.h"
#include "common/telemetry/security_event.h"
#include "common/time/clock.h"

namespace grpc {
class CallbackServerContext;
class ServerContextBase;
class ServerUnaryReactor;
}  // namespace grpc

namespace omninode::rpc {

// The one gate in front of all handlers of a service, and the one way out: who calls, whether he
// may, whether there is room; then status on the wire, metric, log and audit line.
//
//   grpc::Status GetNode(grpc::ServerContext* context, ...) override {
//     return guard_.Serve(context, kGetNode, [&](const Caller& caller) { ... });
//   }
//
// Thread-safe. What Dependencies refers to outlives it; it outlives every call.
class Guard final {
 public:
  // Calls in progress, by Limiter. One more is refused with LOAD_SHED.
  struct Limits {
    std::array<int, kLimiters> in_flight = {64, 4096, 20'000};
  };
  static constexpr absl::Duration kRetryAfterShed = absl::Milliseconds(200);

  struct Dependencies {
    const Clock& clock;
    const identity::TrustSource& trust;
    identity::CertificateCache& peers;  // keyed by PEM, for guards only
    telemetry::SecurityLog& security;
    telemetry::Metrics& metrics;
    telemetry::Logger& logger;
    const LocalPeerTable* local_peers = nullptr;  // of the service with an admin Unix socket
    Limits limits = {};
  };

  // To be declared in `metrics` first, beside those of SecurityLog (whose rpcs are RpcNames()).
  static std::vector<telemetry::MetricDefinition> Definitions();

  explicit Guard(const Dependencies& dependencies);
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  // A call that was let in. Holds its place under the limit until Leave, or until it is dropped.
  class Call final {
   public:
    Call(Call&& other) noexcept;
    Call& operator=(Call&&) = delete;
    ~Call();
    const Caller& caller() const { return caller_; }

   private:
    friend class Guard;
    Call(Guard* guard, const RpcRule* rule, Caller caller, MonotonicTime began);
    void Release();

    Guard* guard_;  // null once it has left
    const RpcRule* rule_;
    Caller caller_;
    MonotonicTime began_;
  };

  // Refused: IDENTITY_MISSING and the other reasons of VerifySvid, ROLE_REQUIRED, LOAD_SHED,
  // TRUST_STALE while nothing is known to trust. A refusal has been counted and logged; all that
  // is left to do is ToGrpc(OnWire(status)).
  absl::StatusOr<Call> Enter(const grpc::ServerContextBase& context, const RpcRule& rule);

  // Counts and logs the outcome; what is returned goes to the peer.
  grpc::Status Leave(Call call, const absl::Status& outcome);

  // Leave for a call that ends later: what reactors take as closer.
  absl::AnyInvocable<grpc::Status(const absl::Status&)> Closer(Call call);

  // Enter, handler, Leave for synchronous methods.
  grpc::Status Serve(grpc::ServerContextBase* context, const RpcRule& rule,
                     absl::FunctionRef<absl::Status(const Caller&)> handler);

  // The same for callback methods that answer later. See StartUnary for the rules.
  grpc::ServerUnaryReactor* ServeAsync(grpc::CallbackServerContext* context, const RpcRule& rule,
                                       absl::FunctionRef<void(const Caller&, Completion)> start);

  int in_flight(Limiter limiter) const;

 private:
  absl::Status Admit(const grpc::ServerContextBase& context, const RpcRule& rule, Caller* caller);
  bool TakeSlot(Limiter limiter);
  void Record(const RpcRule& rule, const Caller& caller, const absl::Status& outcome);
  void RecordFailure(const RpcRule& rule, const Caller& caller, const absl::Status& outcome);

  const Dependencies deps_;
  std::array<std::atomic<int>, kLimiters> in_flight_ = {};
};

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_SERVE_GUARD_H_
