#ifndef OMNINODE_COMMON_NODE_TOPOLOGY_STREAM_CLIENT_H_
#define OMNINODE_COMMON_NODE_TOPOLOGY_STREAM_CLIENT_H_

#include <memory>
#include <optional>
#include <string>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/directory/filter.h"
#include "common/directory/position.h"
#include "common/node/topology_event.h"

namespace grpc {
class Channel;
}

namespace omninode::node {

struct WatchRequest {
  NamespaceName ns;
  directory::WatchFilter::Fields filter;
  std::optional<directory::Position> resume;        // nullopt: begin with a snapshot
  std::optional<absl::Duration> min_interval;       // nullopt: the registry's default
  std::optional<absl::Duration> bookmark_interval;  // nullopt: the registry's default
  std::string watcher_name;
  bool with_evidence = false;
};

// One WatchTopology stream. One message is read ahead; the registry is held back by what is not
// taken. Next is called by one thread at a time, Wake and Cancel by any. The destructor ends the
// stream and waits for gRPC to let go of it, which takes no round trip.
class TopologyStreamClient final {
 public:
  TopologyStreamClient(const std::shared_ptr<grpc::Channel>& channel, const WatchRequest& request);
  ~TopologyStreamClient();
  TopologyStreamClient(const TopologyStreamClient&) = delete;
  TopologyStreamClient& operator=(const TopologyStreamClient&) = delete;

  // The next message; nullopt after Wake. After an error the stream is of no use: the registry's
  // rejection, UNAVAILABLE when it ended the stream, DEADLINE_EXCEEDED when nothing came for
  // `timeout`, CANCELLED, MSG_MALFORMED for a message that cannot be read.
  absl::StatusOr<std::optional<TopologyEvent>> Next(absl::Duration timeout);

  // Makes the Next in progress, else the next one, return without a message.
  void Wake();
  void Cancel();

 private:
  class Stream;
  const NamespaceName ns_;
  const std::unique_ptr<Stream> stream_;
};

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_TOPOLOGY_STREAM_CLIENT_H_
