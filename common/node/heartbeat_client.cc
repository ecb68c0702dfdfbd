#include "common/node/heartbeat_client.h"

#include <string>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "common/base/encoding.h"
#include "common/base/mutex.h"
#include "common/base/status.h"
#include "common/concurrency/wait_until.h"
#include "common/envelope/beat_mac.h"
#include "common/envelope/type_codec.h"
#include "common/node/registry_codec.h"
#include "common/rpc/serve/status_codec.h"
#include "omninode/registry/v1/registry_service.grpc.pb.h"

namespace omninode::node {

namespace v1 = registry::v1;

// The callback API, because a blocking read cannot be given a time. Between two beats nothing is
// outstanding, so a hold keeps the call from being finished under the next one; it is released
// once, when the owner goes or a beat has failed and neither of its two operations is outstanding:
// of a call that ended meanwhile the write may fail before the read is started.
class HeartbeatClient::Stream final
    : public grpc::ClientBidiReactor<v1::HeartbeatRequest, v1::HeartbeatResponse> {
 public:
  explicit Stream(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::RegistryService::NewStub(channel)) {
    stub_->async()->Heartbeat(&context_, this);
    AddHold();
    StartCall();
  }

  ~Stream() override {
    context_.TryCancel();
    Release();
    MutexLock lock(mutex_);
    while (!done_) changed_.Wait(mutex_);
  }

  absl::StatusOr<v1::BeatResult> Exchange(v1::HeartbeatRequest request, absl::Duration timeout) {
    {
      MutexLock lock(mutex_);
      if (failed_) return Ended();
      pending_ = 2;
    }
    // Nothing is outstanding here, so nobody else looks at the two messages.
    request_ = std::move(request);
    StartWrite(&request_);
    StartRead(&response_);
    if (!AwaitAnswer(timeout)) {
      context_.TryCancel();
      return Error(absl::StatusCode::kDeadlineExceeded, "no answer to a heartbeat within {}",
                   absl::FormatDuration(timeout));
    }
    MutexLock lock(mutex_);
    if (failed_) {
      while (!done_) changed_.Wait(mutex_);
      return Ended();
    }
    if (response_.results_size() != 1) {
      failed_ = true;
      return Error(absl::StatusCode::kUnavailable, "{} answers to one heartbeat",
                   response_.results_size());
    }
    return response_.results(0);
  }

  void Cancel() { context_.TryCancel(); }

 private:
  bool AwaitAnswer(absl::Duration timeout) {
    MutexLock lock(mutex_);
    const bool answered =
        WaitUntil(changed_, mutex_, timeout,
                  [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return pending_ == 0 || done_; });
    failed_ |= !answered;
    return answered;
  }

  void OnWriteDone(bool ok) override { Completed(ok); }
  void OnReadDone(bool ok) override { Completed(ok); }

  void Completed(bool ok) {
    bool over = false;
    {
      MutexLock lock(mutex_);
      --pending_;
      failed_ |= !ok;
      over = failed_ && pending_ == 0;
      changed_.NotifyAll();
    }
    if (over) Release();
  }

  void OnDone(const grpc::Status& status) override {
    MutexLock lock(mutex_);
    status_ = rpc::FromGrpc(status);
    failed_ = true;
    done_ = true;
    changed_.NotifyAll();
  }

  void Release() {
    {
      MutexLock lock(mutex_);
      if (std::exchange(released_, true)) return;
    }
    RemoveHold();
  }

  absl::Status Ended() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!done_ || status_.ok()) return absl::UnavailableError("the heartbeat stream ended");
    return status_;
  }

  const std::unique_ptr<v1::RegistryService::Stub> stub_;
  grpc::ClientContext context_;
  v1::HeartbeatRequest request_;
  v1::HeartbeatResponse response_;
  Mutex mutex_;
  CondVar changed_;
  int pending_ ABSL_GUARDED_BY(mutex_) = 0;  // operations under way
  bool failed_ ABSL_GUARDED_BY(mutex_) = false;
  bool released_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

HeartbeatClient::HeartbeatClient(const std::shared_ptr<grpc::Channel>& channel,
                                 const NetworkId& network, const NamespaceName& ns)
    : network_(network), ns_(ns), stream_(std::make_unique<Stream>(channel)) {}
HeartbeatClient::~HeartbeatClient() = default;

absl::StatusOr<BeatOutcome> HeartbeatClient::Beat(const LeaseBeat& beat, std::string_view lease_key,
                                                  absl::Duration timeout) {
  const envelope::BeatMac mac = envelope::ComputeBeatMac(
      lease_key, {network_, ns_, beat.lease_handle, beat.sequence, beat.health});
  v1::HeartbeatRequest request;
  request.mutable_batch()->set_namespace_(ns_.value());
  envelope::v1::Beat* message = request.mutable_batch()->add_beats();
  message->set_lease_handle(beat.lease_handle);
  message->set_sequence(beat.sequence);
  message->set_health(envelope::Encode(beat.health));
  message->set_mac(std::string(AsText(mac)));
  OMNI_ASSIGN_OR_RETURN(const v1::BeatResult result,
                        stream_->Exchange(std::move(request), timeout));
  return Decode(result.outcome());
}

void HeartbeatClient::Cancel() { stream_->Cancel(); }

}  // namespace omninode::node
