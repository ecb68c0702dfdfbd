#include "tools/testbed/beat_batch_client.h"

#include <string>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "common/base/encoding.h"
#include "common/base/status.h"
#include "common/envelope/beat_mac.h"
#include "common/envelope/type_codec.h"
#include "common/rpc/serve/status_codec.h"
#include "omninode/registry/v1/registry_service.grpc.pb.h"

namespace omninode::testbed {

namespace v1 = registry::v1;

class BeatBatchClient::Stream final {
 public:
  explicit Stream(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::RegistryService::NewStub(channel)), calls_(stub_->Heartbeat(&context_)) {}
  ~Stream() {
    context_.TryCancel();
    if (!finished_) calls_->Finish().IgnoreError();
  }

  absl::StatusOr<v1::HeartbeatResponse> Exchange(const v1::HeartbeatRequest& request) {
    v1::HeartbeatResponse response;
    if (!finished_ && calls_->Write(request) && calls_->Read(&response)) return response;
    if (finished_) return absl::UnavailableError("the heartbeat stream has ended");
    finished_ = true;
    const absl::Status ended = rpc::FromGrpc(calls_->Finish());
    return ended.ok() ? absl::UnavailableError("the heartbeat stream ended") : ended;
  }

  void Cancel() { context_.TryCancel(); }

 private:
  const std::unique_ptr<v1::RegistryService::Stub> stub_;
  grpc::ClientContext context_;
  const std::unique_ptr<grpc::ClientReaderWriter<v1::HeartbeatRequest, v1::HeartbeatResponse>>
      calls_;
  bool finished_ = false;
};

BeatBatchClient::BeatBatchClient(const std::shared_ptr<grpc::Channel>& channel, NetworkId network,
                                 NamespaceName ns)
    : network_(std::move(network)),
      ns_(std::move(ns)),
      stream_(std::make_unique<Stream>(channel)) {}
BeatBatchClient::~BeatBatchClient() = default;

absl::StatusOr<std::vector<node::BeatOutcome>> BeatBatchClient::Beat(std::span<const Lease> leases,
                                                                     std::uint64_t sequence) {
  v1::HeartbeatRequest request;
  request.mutable_batch()->set_namespace_(ns_.value());
  for (const Lease& lease : leases) {
    const directory::Health health = directory::Health::kServing;
    const envelope::BeatMac mac = envelope::ComputeBeatMac(
        lease.key->value(), {network_, ns_, lease.handle, sequence, health});
    envelope::v1::Beat* beat = request.mutable_batch()->add_beats();
    beat->set_lease_handle(lease.handle);
    beat->set_sequence(sequence);
    beat->set_health(envelope::Encode(health));
    beat->set_mac(std::string(AsText(mac)));
  }
  OMNI_ASSIGN_OR_RETURN(const v1::HeartbeatResponse response, stream_->Exchange(request));
  if (static_cast<std::size_t>(response.results_size()) != leases.size()) {
    return Error(absl::StatusCode::kInternal, "{} answers to {} beats", response.results_size(),
                 leases.size());
  }
  std::vector<node::BeatOutcome> outcomes;
  for (const v1::BeatResult& result : response.results()) {
    outcomes.push_back(static_cast<node::BeatOutcome>(result.outcome()));
  }
  return outcomes;
}

void BeatBatchClient::Cancel() { stream_->Cancel(); }

}  // namespace omninode::testbed
