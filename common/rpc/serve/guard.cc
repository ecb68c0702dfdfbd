#include "common/rpc/serve/guard.h"

#include <string_view>
#include <utility>

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/server_context.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/rpc/serve/peer_identity.h"
#include "common/rpc/serve/status_codec.h"

namespace omninode::rpc {
namespace {

constexpr char kCalls[] = "omninode_rpc_total";
constexpr char kSeconds[] = "omninode_rpc_seconds";

std::string CodeName(absl::StatusCode code) { return absl::StatusCodeToString(code); }

std::vector<std::string> AllCodes() {
  std::vector<std::string> names;
  for (int code = 0; code <= static_cast<int>(absl::StatusCode::kUnauthenticated); ++code) {
    names.push_back(CodeName(static_cast<absl::StatusCode>(code)));
  }
  return names;
}

// gRPC has it from a certificate that our own verifier did not accept.
std::string ClaimedId(const grpc::AuthContext& peer) {
  const auto ids = peer.FindPropertyValues(GRPC_PEER_SPIFFE_ID_PROPERTY_NAME);
  return ids.empty() ? std::string() : std::string(ids.front().begin(), ids.front().end());
}

bool IsAudited(Audit audit, const absl::Status& outcome) {
  return audit == Audit::kAll || (audit == Audit::kWrites && outcome.ok());
}

}  // namespace

std::vector<telemetry::MetricDefinition> Guard::Definitions() {
  using telemetry::MetricType;
  std::vector<std::string> rpcs = RpcNames();
  rpcs.emplace_back(RuleOf("").method);
  return {
      {kCalls,
       MetricType::kCounter,
       "Calls that ended, by true status; alert on INTERNAL.",
       "1",
       {{"rpc", rpcs}, {"code", AllCodes()}}},
      {kSeconds,
       MetricType::kHistogram,
       "Time from the first look at a call to its answer; streams count when they end.",
       "seconds",
       {{"rpc", rpcs}},
       {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60}},
  };
}

Guard::Guard(const Dependencies& dependencies) : deps_(dependencies) {}

Guard::Call::Call(Guard* guard, const RpcRule* rule, Caller caller, MonotonicTime began)
    : guard_(guard), rule_(rule), caller_(std::move(caller)), began_(began) {}

Guard::Call::Call(Call&& other) noexcept
    : guard_(std::exchange(other.guard_, nullptr)),
      rule_(other.rule_),
      caller_(std::move(other.caller_)),
      began_(other.began_) {}

Guard::Call::~Call() { Release(); }

void Guard::Call::Release() {
  if (guard_ != nullptr) --guard_->in_flight_[static_cast<std::size_t>(rule_->limiter)];
  guard_ = nullptr;
}

absl::StatusOr<Guard::Call> Guard::Enter(const grpc::ServerContextBase& context,
                                         const RpcRule& rule) {
  const MonotonicTime began = deps_.clock.Monotonic();
  Caller caller;
  absl::Status admitted = Admit(context, rule, &caller);
  if (admitted.ok() && !TakeSlot(rule.limiter)) {
    admitted =
        WithRetryAfter(Reject(Reason::kLoadShed, "too many calls in progress"), kRetryAfterShed);
  }
  if (!admitted.ok()) {
    Record(rule, caller, admitted);
    return admitted;
  }
  return Call(this, &rule, std::move(caller), began);
}

grpc::Status Guard::Leave(Call call, const absl::Status& outcome) {
  const absl::Duration took = deps_.clock.Monotonic() - call.began_;
  deps_.metrics.GetHistogram(kSeconds, {call.rule_->method}).Observe(absl::ToDoubleSeconds(took));
  Record(*call.rule_, call.caller_, outcome);
  if (IsAudited(call.rule_->audit, outcome)) {
    const auto reason = ReasonOf(outcome);
    deps_.logger.Info("audit", {{"rpc", call.rule_->method},
                                {"caller", call.caller_.Name()},
                                {"source_address", call.caller_.address},
                                {"code", CodeName(outcome.code())},
                                {"reason", reason ? NameOf(*reason) : std::string_view()}});
  }
  call.Release();
  return ToGrpc(OnWire(outcome));
}

absl::AnyInvocable<grpc::Status(const absl::Status&)> Guard::Closer(Call call) {
  return [this, held = std::move(call)](const absl::Status& outcome) mutable {
    return Leave(std::move(held), outcome);
  };
}

grpc::Status Guard::Serve(grpc::ServerContextBase* context, const RpcRule& rule,
                          absl::FunctionRef<absl::Status(const Caller&)> handler) {
  absl::StatusOr<Call> call = Enter(*context, rule);
  if (!call.ok()) return ToGrpc(OnWire(call.status()));
  const absl::Status outcome = handler(call->caller());
  return Leave(*std::move(call), outcome);
}

grpc::ServerUnaryReactor* Guard::ServeAsync(
    grpc::CallbackServerContext* context, const RpcRule& rule,
    absl::FunctionRef<void(const Caller&, Completion)> start) {
  absl::StatusOr<Call> call = Enter(*context, rule);
  if (!call.ok()) return RefuseUnary(ToGrpc(OnWire(call.status())));
  const Caller caller = call->caller();
  return StartUnary(Closer(*std::move(call)),
                    [&](Completion completion) { start(caller, std::move(completion)); });
}

int Guard::in_flight(Limiter limiter) const {
  return in_flight_[static_cast<std::size_t>(limiter)].load();
}

absl::Status Guard::Admit(const grpc::ServerContextBase& context, const RpcRule& rule,
                          Caller* caller) {
  caller->address = context.peer();
  if (rule.roles.Has(Role::kAnyone)) return absl::OkStatus();
  if (rule.roles.Has(Role::kLocal)) {
    if (deps_.local_peers != nullptr) caller->local = deps_.local_peers->Find(caller->address);
    if (caller->local.has_value()) return absl::OkStatus();
    return Reject(Reason::kRoleRequired, "only for processes at the admin socket of this host");
  }
  const identity::TrustStatePtr trust = deps_.trust.Current();
  if (trust == nullptr) return Reject(Reason::kTrustStale, "nothing is known to trust yet");
  caller->trust_sequence = trust->sequence;
  auto svid = IdentifyPeer(*context.auth_context(), deps_.peers, *trust, deps_.clock.Now());
  if (!svid.ok()) {
    caller->claimed_id = ClaimedId(*context.auth_context());
    return svid.status();
  }
  caller->svid = *std::move(svid);
  const auto& principal = caller->svid->principal;
  if (!principal.has_value() || !rule.roles.Intersects(RolesOf(*principal))) {
    return Reject(Reason::kRoleRequired, "{} may not call {}", caller->svid->id.ToString(),
                  rule.method);
  }
  return absl::OkStatus();
}

bool Guard::TakeSlot(Limiter limiter) {
  const auto index = static_cast<std::size_t>(limiter);
  if (++in_flight_[index] <= deps_.limits.in_flight[index]) return true;
  --in_flight_[index];
  return false;
}

void Guard::Record(const RpcRule& rule, const Caller& caller, const absl::Status& outcome) {
  deps_.metrics.GetCounter(kCalls, {rule.method, CodeName(outcome.code())}).Increment();
  if (!outcome.ok()) RecordFailure(rule, caller, outcome);
}

void Guard::RecordFailure(const RpcRule& rule, const Caller& caller, const absl::Status& outcome) {
  if (const auto reason = ReasonOf(outcome); reason.has_value()) {
    deps_.security.Rejected({.reason = *reason,
                             .rpc = rule.method,
                             .peer_spiffe_id = caller.Name(),
                             .source_address = caller.address,
                             .message = Message(outcome)},
                            deps_.clock.Now());
    return;
  }
  if (absl::IsCancelled(outcome)) return;  // the peer's own wish
  // The peer sees none of this text, so it must be found here.
  deps_.logger.Error("rpc_failed", {{"rpc", rule.method},
                                    {"caller", caller.Name()},
                                    {"code", CodeName(outcome.code())},
                                    {"message", Message(outcome)}});
}

}  // namespace omninode::rpc
