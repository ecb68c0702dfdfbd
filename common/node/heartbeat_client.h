#ifndef OMNINODE_COMMON_NODE_HEARTBEAT_CLIENT_H_
#define OMNINODE_COMMON_NODE_HEARTBEAT_CLIENT_H_

#include <memory>
#include <string_view>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/node/registry_records.h"

namespace grpc {
class Channel;
}

namespace omninode::node {

// One Heartbeat stream, on which one beat at a time is sent and answered. Beat is called by one
// thread at a time, Cancel by any. The destructor ends the stream and waits for gRPC to let go of
// it, which takes no round trip.
class HeartbeatClient final {
 public:
  HeartbeatClient(const std::shared_ptr<grpc::Channel>& channel, const NetworkId& network,
                  const NamespaceName& ns);
  ~HeartbeatClient();
  HeartbeatClient(const HeartbeatClient&) = delete;
  HeartbeatClient& operator=(const HeartbeatClient&) = delete;

  // Sends the beat with its MAC under `lease_key` and waits for the answer. After an error the
  // stream is of no use: the registry's rejection, UNAVAILABLE when the stream ended,
  // DEADLINE_EXCEEDED after `timeout`, CANCELLED.
  absl::StatusOr<BeatOutcome> Beat(const LeaseBeat& beat, std::string_view lease_key,
                                   absl::Duration timeout);
  // Ends the stream; a Beat in progress fails.
  void Cancel();

 private:
  class Stream;
  const NetworkId network_;
  const NamespaceName ns_;
  const std::unique_ptr<Stream> stream_;
};

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_HEARTBEAT_CLIENT_H_
