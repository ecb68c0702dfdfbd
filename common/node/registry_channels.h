#ifndef OMNINODE_COMMON_NODE_REGISTRY_CHANNELS_H_
#define OMNINODE_COMMON_NODE_REGISTRY_CHANNELS_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/base/mutex.h"
#include "common/identity/svid_source.h"
#include "common/identity/trust_source.h"
#include "common/rpc/transport/channel.h"
#include "common/time/clock.h"

namespace omninode::node {

// The ways to the instances of a registry: the first that works is kept until somebody reports it
// broken, then the next one's turn comes. One per process, so that sessions, mirrors and clients
// share connections. Thread-safe. Clock and sources outlive it and every channel it gave.
class RegistryChannels final {
 public:
  static constexpr std::size_t kMaxAddresses = 16;

  struct Options {
    std::vector<std::string> addresses;  // "10.0.0.7:7110", in order of preference
    rpc::ExpectedPeer expected = rpc::ExpectService("registry");
    const identity::SvidSource* svids = nullptr;
    const identity::TrustSource* trust = nullptr;
    const Clock* clock = nullptr;
  };

  // ARGUMENT_INVALID unless there are 1 to kMaxAddresses addresses, none of them empty.
  static absl::StatusOr<std::shared_ptr<RegistryChannels>> Create(Options options);

  struct Pick {
    std::size_t index = 0;
    std::shared_ptr<grpc::Channel> channel;  // of the current SVID; never null
  };
  // Ask again for each call or stream: the answer changes with rotations and failures.
  Pick Current();

  // What was picked does not answer. Moves on, unless somebody has moved on already.
  void Failed(std::size_t index);
  // The same if `status` says that the instance, and not the request, is at fault.
  void Report(std::size_t index, const absl::Status& status);
  static bool IsInstanceFault(const absl::Status& status);

  std::size_t size() const { return channels_.size(); }

 private:
  explicit RegistryChannels(const Options& options);

  std::vector<std::unique_ptr<rpc::RotatingChannel>> channels_;
  Mutex mutex_;
  std::size_t current_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_REGISTRY_CHANNELS_H_
