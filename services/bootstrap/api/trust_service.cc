#include "services/bootstrap/api/trust_service.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "common/base/status.h"
#include "common/rpc/serve/caller.h"
#include "common/rpc/serve/roles_table.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/stream/message_bytes.h"
#include "common/rpc/stream/refused_stream.h"
#include "common/rpc/stream/write_reactor.h"
#include "omninode/bootstrap/v1/trust_service.grpc.pb.h"
#include "services/bootstrap/api/trust_codec.h"
#include "services/bootstrap/api/trust_cursor.h"

namespace omninode::bootstrap {
namespace {

using rpc::Caller;

constexpr std::size_t kMaxWatchRequestBytes = 1024;

const rpc::RpcRule& Rule(std::string_view method) {
  return rpc::RuleOf("omninode.bootstrap.v1.TrustService/" + std::string(method));
}

// While it lives, a service instance counts as one that follows the trust.
class Presence final {
 public:
  // Null for callers whose acknowledgement nobody waits for.
  static absl::StatusOr<std::unique_ptr<Presence>> Of(const Caller& caller, std::uint64_t sequence,
                                                      Acknowledgements& acks, const Clock& clock) {
    if (caller.principal().As<identity::ServiceIdentity>() == nullptr) return nullptr;
    OMNI_RETURN_IF_ERROR(acks.Connected(caller.id(), sequence, clock.Monotonic()));
    return std::make_unique<Presence>(caller.id(), acks, clock);
  }
  Presence(identity::SpiffeId id, Acknowledgements& acks, const Clock& clock)
      : id_(std::move(id)), acks_(acks), clock_(clock) {}
  ~Presence() { acks_.Disconnected(id_, clock_.Monotonic()); }
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

 private:
  const identity::SpiffeId id_;
  Acknowledgements& acks_;
  const Clock& clock_;
};

// One WatchTrust stream. When to say what is the cursor's rule.
class TrustStream final : public rpc::WriteReactor {
 public:
  TrustStream(grpc::CallbackServerContext* context, rpc::StreamCloser closer, const Caller& caller,
              const TrustServiceDeps& deps, std::uint64_t known_sequence,
              std::unique_ptr<Presence> presence)
      : WriteReactor(context, deps.clock, std::move(closer)),
        clock_(deps.clock),
        broadcast_(deps.broadcast),
        cursor_(known_sequence),
        presence_(std::move(presence)),
        judged_(deps.streams.Add(caller, handle())),
        woken_(deps.broadcast.Follow(handle())) {}

 private:
  Next NextMessage() override {
    const TrustViewPtr view = broadcast_.View();
    const std::uint64_t sequence = view->state->sequence;
    switch (cursor_.Next(sequence, clock_.Monotonic())) {
      case TrustCursor::Step::kState:
        return Send{broadcast_.StateWord(view)};
      case TrustCursor::Step::kKeepAlive:
        return Send{TrustBroadcast::KeepAliveWord(sequence)};
      case TrustCursor::Step::kWait:
        break;
    }
    return Wait{};
  }

  const Clock& clock_;
  TrustBroadcast& broadcast_;
  TrustCursor cursor_;
  const std::unique_ptr<Presence> presence_;
  const rpc::StreamRegistry::Place judged_;
  const std::unique_ptr<TrustBroadcast::Place> woken_;
};

using Base = v1::TrustService::WithRawCallbackMethod_WatchTrust<v1::TrustService::Service>;

class TrustServiceImpl final : public Base {
 public:
  explicit TrustServiceImpl(TrustServiceDeps deps) : deps_(deps) {}

  grpc::Status GetTrust(grpc::ServerContext* context, const v1::GetTrustRequest*,
                        v1::GetTrustResponse* response) override {
    return deps_.guard.Serve(context, Rule("GetTrust"), [&](const Caller&) {
      *response->mutable_trust() = Encode(*deps_.broadcast.View(), *deps_.network.Load());
      return absl::OkStatus();
    });
  }

  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchTrust(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* bytes) override {
    auto call = deps_.guard.Enter(*context, Rule("WatchTrust"));
    if (!call.ok()) return rpc::RefuseWrites(rpc::ToGrpc(rpc::OnWire(call.status())));
    const Caller caller = call->caller();
    v1::WatchTrustRequest request;
    const absl::Status parsed = rpc::ParseMessage(*bytes, kMaxWatchRequestBytes, &request);
    auto presence = parsed.ok() ? Presence::Of(caller, request.known_sequence(),
                                               deps_.acknowledgements, deps_.clock)
                                : parsed;
    if (!presence.ok()) {
      return rpc::RefuseWrites(deps_.guard.Leave(*std::move(call), presence.status()));
    }
    auto* stream = new TrustStream(context, deps_.guard.Closer(*std::move(call)), caller, deps_,
                                   request.known_sequence(), *std::move(presence));
    stream->Begin();
    return stream;
  }

  grpc::Status AckTrust(grpc::ServerContext* context, const v1::AckTrustRequest* request,
                        v1::AckTrustResponse*) override {
    return deps_.guard.Serve(context, Rule("AckTrust"), [&](const Caller& caller) {
      deps_.acknowledgements.Acknowledge(caller.id(), request->sequence());
      return absl::OkStatus();
    });
  }

 private:
  const TrustServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeTrustService(TrustServiceDeps deps) {
  return std::make_unique<TrustServiceImpl>(deps);
}

}  // namespace omninode::bootstrap
