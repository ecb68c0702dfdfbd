#ifndef OMNINODE_COMMON_RPC_STREAM_STREAM_SWEEPER_H_
#define OMNINODE_COMMON_RPC_STREAM_STREAM_SWEEPER_H_

#include <absl/time/time.h>

#include "common/concurrency/periodic_task.h"
#include "common/concurrency/subscription.h"
#include "common/identity/trust_source.h"
#include "common/rpc/stream/stream_registry.h"
#include "common/time/clock.h"

namespace omninode::rpc {

// Drives a StreamRegistry: sweeps when trust changes, when a certificate ends, and looks for stuck
// streams. Owns a thread. Registry, source and clock outlive it.
class StreamSweeper final {
 public:
  // The longest pause between two looks, which bounds how late a stuck stream is found.
  static constexpr absl::Duration kMaxPause = absl::Seconds(2);
  static constexpr absl::Duration kStuckLimit = absl::Seconds(20);

  StreamSweeper(StreamRegistry& registry, identity::TrustSource& trust, const Clock& clock);
  StreamSweeper(const StreamSweeper&) = delete;
  StreamSweeper& operator=(const StreamSweeper&) = delete;

  // Looks once. Returns how long to wait until the next look.
  static absl::Duration Step(StreamRegistry& registry, const identity::TrustSource& trust,
                             const Clock& clock);

 private:
  PeriodicTask task_;
  Subscription subscription_;  // after what it kicks
};

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_STREAM_STREAM_SWEEPER_H_
