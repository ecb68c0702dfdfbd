#ifndef OMNINODE_TOOLS_TESTBED_BEAT_BATCH_CLIENT_H_
#define OMNINODE_TOOLS_TESTBED_BEAT_BATCH_CLIENT_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <absl/status/statusor.h>

#include "common/base/names.h"
#include "common/node/registry_records.h"

namespace grpc {
class Channel;
}

namespace omninode::testbed {

// One Heartbeat stream on which whole batches are sent, as an agent does it. Beat is called by one
// thread at a time, Cancel by any.
class BeatBatchClient final {
 public:
  struct Lease {
    std::uint64_t handle = 0;
    node::LeaseKey key;
  };

  BeatBatchClient(const std::shared_ptr<grpc::Channel>& channel, NetworkId network,
                  NamespaceName ns);
  ~BeatBatchClient();

  // One beat of this sequence (unix time in milliseconds) per lease, in one message; the answers in
  // order. Waits as long as the registry takes. After an error, which is the stream's end, it is of
  // no more use.
  absl::StatusOr<std::vector<node::BeatOutcome>> Beat(std::span<const Lease> leases,
                                                      std::uint64_t sequence);
  void Cancel();

 private:
  class Stream;
  const NetworkId network_;
  const NamespaceName ns_;
  const std::unique_ptr<Stream> stream_;
};

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_BEAT_BATCH_CLIENT_H_
