#include "common/node/topology_stream_client.h"

#include <utility>

#include <grpcpp/grpcpp.h>

#include "common/base/mutex.h"
#include "common/base/status.h"
#include "common/concurrency/wait_until.h"
#include "common/envelope/type_codec.h"
#include "common/node/topology_event_codec.h"
#include "common/rpc/serve/status_codec.h"
#include "omninode/registry/v1/topology_service.grpc.pb.h"

namespace omninode::node {
namespace {

namespace v1 = registry::v1;

v1::WatchTopologyRequest Encode(const WatchRequest& request) {
  v1::WatchTopologyRequest message;
  message.set_namespace_(request.ns.value());
  v1::TopologyFilter* filter = message.mutable_filter();
  for (const std::string& type : request.filter.node_types) filter->add_node_types(type);
  for (const std::string& label : request.filter.labels) filter->add_labels(label);
  for (const std::string& epoch : request.filter.epochs) filter->add_epochs(epoch);
  if (request.resume.has_value()) {
    *message.mutable_resume() = envelope::Encode(*request.resume);
  } else {
    message.mutable_snapshot();
  }
  if (request.min_interval.has_value()) {
    *message.mutable_min_interval() = envelope::Encode(*request.min_interval);
  }
  if (request.bookmark_interval.has_value()) {
    *message.mutable_bookmark_interval() = envelope::Encode(*request.bookmark_interval);
  }
  message.set_watcher_name(request.watcher_name);
  message.set_with_evidence(request.with_evidence);
  return message;
}

}  // namespace

// The callback API, because a blocking read cannot be given a time. A read is outstanding except
// while a message waits to be taken; the hold covers that time and is released once, when a read
// has failed or the owner goes.
class TopologyStreamClient::Stream final
    : public grpc::ClientReadReactor<v1::WatchTopologyResponse> {
 public:
  Stream(const std::shared_ptr<grpc::Channel>& channel, v1::WatchTopologyRequest request)
      : stub_(v1::TopologyService::NewStub(channel)), request_(std::move(request)) {
    stub_->async()->WatchTopology(&context_, &request_, this);
    AddHold();
    StartRead(&incoming_);
    StartCall();
  }

  ~Stream() override {
    context_.TryCancel();
    Release();
    MutexLock lock(mutex_);
    while (!done_) changed_.Wait(mutex_);
  }

  absl::StatusOr<std::optional<v1::WatchTopologyResponse>> Take(absl::Duration timeout) {
    std::optional<v1::WatchTopologyResponse> taken;
    if (!AwaitSomething(timeout)) {
      context_.TryCancel();
      return Error(absl::StatusCode::kDeadlineExceeded, "nothing came for {}",
                   absl::FormatDuration(timeout));
    }
    {
      MutexLock lock(mutex_);
      if (std::exchange(woken_, false)) return taken;
      if (!std::exchange(arrived_, false)) {
        if (status_.ok()) return absl::UnavailableError("the topology stream ended");
        return status_;
      }
      taken = std::move(incoming_);
    }
    // The message that was there is taken, so nobody else looks at the place.
    StartRead(&incoming_);
    return taken;
  }

  void Wake() {
    MutexLock lock(mutex_);
    woken_ = true;
    changed_.NotifyAll();
  }
  void Cancel() { context_.TryCancel(); }

 private:
  bool AwaitSomething(absl::Duration timeout) {
    MutexLock lock(mutex_);
    return WaitUntil(changed_, mutex_, timeout, [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return arrived_ || woken_ || done_;
    });
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Release();
    MutexLock lock(mutex_);
    arrived_ = true;
    changed_.NotifyAll();
  }

  void OnDone(const grpc::Status& status) override {
    MutexLock lock(mutex_);
    status_ = rpc::FromGrpc(status);
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

  const std::unique_ptr<v1::TopologyService::Stub> stub_;
  const v1::WatchTopologyRequest request_;
  grpc::ClientContext context_;
  v1::WatchTopologyResponse incoming_;
  Mutex mutex_;
  CondVar changed_;
  bool arrived_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool released_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

TopologyStreamClient::TopologyStreamClient(const std::shared_ptr<grpc::Channel>& channel,
                                           const WatchRequest& request)
    : ns_(request.ns), stream_(std::make_unique<Stream>(channel, Encode(request))) {}
TopologyStreamClient::~TopologyStreamClient() = default;

absl::StatusOr<std::optional<TopologyEvent>> TopologyStreamClient::Next(absl::Duration timeout) {
  OMNI_ASSIGN_OR_RETURN(const auto message, stream_->Take(timeout));
  if (!message.has_value()) return std::nullopt;
  OMNI_ASSIGN_OR_RETURN(auto event, Decode(*message, ns_));
  return event;
}

void TopologyStreamClient::Wake() { stream_->Wake(); }
void TopologyStreamClient::Cancel() { stream_->Cancel(); }

}  // namespace omninode::node
