#include "services/attestor/api/bootstrap_client.h"

#include <chrono>
#include <set>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "common/base/mutex.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/rpc/serve/status_codec.h"
#include "omninode/bootstrap/v1/identity_service.grpc.pb.h"

namespace omninode::attestor {

namespace v1 = bootstrap::v1;

// The calls in progress.
class BootstrapClient::Calls final {
 public:
  void Enter(grpc::ClientContext* context) {
    MutexLock lock(mutex_);
    contexts_.insert(context);
    if (closed_) context->TryCancel();
  }
  void Leave(grpc::ClientContext* context) {
    MutexLock lock(mutex_);
    contexts_.erase(context);
    if (contexts_.empty()) empty_.NotifyAll();
  }
  void CancelAndWait() {
    MutexLock lock(mutex_);
    closed_ = true;
    for (grpc::ClientContext* context : contexts_) context->TryCancel();
    while (!contexts_.empty()) empty_.Wait(mutex_);
  }

 private:
  Mutex mutex_;
  CondVar empty_;
  std::set<grpc::ClientContext*> contexts_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

namespace {

// Everything that has to live as long as a call.
template <typename Request, typename Response>
struct Call {
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::IdentityService::Stub> stub;
  grpc::ClientContext context;
  Request request;
  Response response;
};

template <typename Request, typename Response>
std::shared_ptr<Call<Request, Response>> NewCall(std::shared_ptr<grpc::Channel> channel,
                                                 absl::Duration timeout) {
  auto call = std::make_shared<Call<Request, Response>>();
  call->channel = std::move(channel);
  call->stub = v1::IdentityService::NewStub(call->channel);
  call->context.set_deadline(std::chrono::system_clock::now() +
                             absl::ToChronoMilliseconds(timeout));
  return call;
}

absl::Status Parse(std::string_view bytes, std::string_view what,
                   google::protobuf::MessageLite* out) {
  if (out->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return absl::OkStatus();
  return Reject(Reason::kMsgMalformed, "{}: cannot be read", what);
}

}  // namespace

BootstrapClient::BootstrapClient(ChannelSource channel)
    : channel_(std::move(channel)), calls_(std::make_shared<Calls>()) {}

BootstrapClient::~BootstrapClient() { calls_->CancelAndWait(); }

void BootstrapClient::Begin(const std::string& start, const std::string& source_address,
                            Answer<Challenge> answer) {
  auto call =
      NewCall<v1::BeginAttestationRequest, v1::BeginAttestationResponse>(channel_(), kCallTimeout);
  absl::Status parsed = Parse(start, "start", call->request.mutable_start());
  if (!parsed.ok()) return answer(std::move(parsed));
  call->request.set_source_address(source_address);
  calls_->Enter(&call->context);
  auto* raw = call.get();
  raw->stub->async()->BeginAttestation(
      &raw->context, &raw->request, &raw->response,
      // gRPC wants a function that can be copied.
      [call, calls = calls_,
       answer = std::make_shared<Answer<Challenge>>(std::move(answer))](grpc::Status status) {
        if (status.ok()) {
          (*answer)(
              Challenge{call->response.attestation_id(), call->response.challenge().challenge()});
        } else {
          (*answer)(rpc::FromGrpc(status));
        }
        calls->Leave(&call->context);
      });
}

void BootstrapClient::Finish(const std::string& attestation_id, const std::string& proof,
                             Answer<std::string> answer) {
  auto call = NewCall<v1::FinishAttestationRequest, v1::FinishAttestationResponse>(channel_(),
                                                                                   kCallTimeout);
  absl::Status parsed = Parse(proof, "proof", call->request.mutable_proof());
  if (!parsed.ok()) return answer(std::move(parsed));
  call->request.set_attestation_id(attestation_id);
  calls_->Enter(&call->context);
  auto* raw = call.get();
  raw->stub->async()->FinishAttestation(
      &raw->context, &raw->request, &raw->response,
      [call, calls = calls_,
       answer = std::make_shared<Answer<std::string>>(std::move(answer))](grpc::Status status) {
        if (status.ok()) {
          (*answer)(call->response.result().SerializeAsString());
        } else {
          (*answer)(rpc::FromGrpc(status));
        }
        calls->Leave(&call->context);
      });
}

}  // namespace omninode::attestor
