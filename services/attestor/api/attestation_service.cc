#include "services/attestor/api/attestation_service.h"

#include <utility>

#include <grpcpp/grpcpp.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/rpc/serve/caller.h"
#include "common/rpc/serve/roles_table.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/stream/bidi_reactor.h"
#include "common/rpc/stream/refused_stream.h"
#include "omninode/bootstrap/v1/attestation_service.grpc.pb.h"
#include "services/attestor/api/attest_codec.h"
#include "services/attestor/api/attestation_relay.h"

namespace omninode::attestor {
namespace {

namespace v1 = bootstrap::v1;

using DepsPtr = std::shared_ptr<const AttestationServiceDeps>;

// One attestation: carries the steps up and the answers down.
class AttestationStream final : public rpc::BidiReactor {
 public:
  AttestationStream(grpc::CallbackServerContext* context, rpc::StreamCloser closer,
                    const rpc::Caller& caller, DepsPtr deps)
      : BidiReactor(context, deps->clock, std::move(closer)),
        deps_(*deps),
        shared_(std::make_shared<Shared>(
            Shared{std::move(deps), caller.address, AddressKey(caller.address), {}})),
        place_(deps_.streams.Add(caller, handle(), deps_.clock.Now() + kAttestationLife)) {}

 private:
  // What an answer from bootstrap needs; it may come when the stream is gone. Never used by two
  // threads at once: there is one step under way at most.
  struct Shared {
    DepsPtr deps;
    std::string source_address;
    std::string address_key;
    AttestationRelay relay;

    // How a call of bootstrap ended.
    void Note(const absl::Status& upstream) const {
      if (deps->on_upstream) deps->on_upstream(upstream);
      if (CountsAsGuess(upstream)) deps->failures.Failed(address_key, deps->clock.Monotonic());
    }
  };

  void OnMessage(const grpc::ByteBuffer& request, Reply reply) override {
    const auto wait = deps_.failures.Wait(shared_->address_key, deps_.clock.Monotonic());
    if (wait.has_value()) {
      return reply(WithRetryAfter(
          Reject(Reason::kRateLimited, "too many unknown tokens from this address"), *wait));
    }
    auto step = DecodeAttestRequest(request);
    if (!step.ok()) return reply(step.status());
    auto call = shared_->relay.Next(*std::move(step));
    if (!call.ok()) return reply(call.status());
    if (const auto* begin = std::get_if<AttestationRelay::Begin>(&*call)) {
      AskChallenge(*begin, std::move(reply));
    } else {
      AskResult(std::get<AttestationRelay::Finish>(*call), std::move(reply));
    }
  }

  void AskChallenge(const AttestationRelay::Begin& begin, Reply reply) {
    deps_.bootstrap.Begin(begin.start, shared_->source_address,
                          [shared = shared_, reply = std::move(reply)](
                              absl::StatusOr<BootstrapClient::Challenge> challenge) mutable {
                            shared->Note(challenge.status());
                            if (!challenge.ok()) return reply(ForNewcomer(challenge.status()));
                            shared->relay.Challenged(std::move(challenge->attestation_id));
                            reply(Answer{EncodeChallenge(challenge->challenge)});
                          });
  }

  void AskResult(const AttestationRelay::Finish& finish, Reply reply) {
    deps_.bootstrap.Finish(
        finish.attestation_id, finish.proof,
        [shared = shared_, reply = std::move(reply)](absl::StatusOr<std::string> result) mutable {
          shared->Note(result.status());
          if (!result.ok()) return reply(ForNewcomer(result.status()));
          reply(Answer{EncodeResult(*result), /*last=*/true});
        });
  }

  const AttestationServiceDeps& deps_;  // in shared_
  const std::shared_ptr<Shared> shared_;
  const rpc::StreamRegistry::Place place_;
};

using Base = v1::AttestationService::WithRawCallbackMethod_Attest<v1::AttestationService::Service>;

class AttestationServiceImpl final : public Base {
 public:
  explicit AttestationServiceImpl(AttestationServiceDeps deps)
      : deps_(std::make_shared<const AttestationServiceDeps>(std::move(deps))) {}

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Attest(
      grpc::CallbackServerContext* context) override {
    static constexpr std::string_view kAttest = "omninode.bootstrap.v1.AttestationService/Attest";
    auto call = deps_->guard.Enter(*context, rpc::RuleOf(kAttest));
    if (!call.ok()) return rpc::RefuseBidi(rpc::ToGrpc(rpc::OnWire(call.status())));
    const rpc::Caller caller = call->caller();
    auto* stream =
        new AttestationStream(context, deps_->guard.Closer(*std::move(call)), caller, deps_);
    stream->Begin();
    return stream;
  }

 private:
  const DepsPtr deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAttestationService(AttestationServiceDeps deps) {
  return std::make_unique<AttestationServiceImpl>(std::move(deps));
}

}  // namespace omninode::attestor
