#include "tests/integration/endurance/deaf_watchers.h"

#include <grpcpp/grpcpp.h>

#include "omninode/registry/v1/topology_service.grpc.pb.h"

namespace omninode::integration {

namespace v1 = registry::v1;

struct DeafWatchers::Watcher {
  std::unique_ptr<v1::TopologyService::Stub> stub;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<v1::WatchTopologyResponse>> stream;
};

DeafWatchers::DeafWatchers() = default;

DeafWatchers::~DeafWatchers() {
  for (auto& watcher : watchers_) watcher->context.TryCancel();
}

void DeafWatchers::Open(const std::shared_ptr<grpc::Channel>& channel, const std::string& ns) {
  v1::WatchTopologyRequest request;
  request.set_namespace_(ns);
  auto watcher = std::make_unique<Watcher>();
  watcher->stub = v1::TopologyService::NewStub(channel);
  watcher->stream = watcher->stub->WatchTopology(&watcher->context, request);
  watchers_.push_back(std::move(watcher));
}

}  // namespace omninode::integration
