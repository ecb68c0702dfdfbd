#include "common/rpc/stream/stream_sweeper.h"

#include <algorithm>

namespace omninode::rpc {

StreamSweeper::StreamSweeper(StreamRegistry& registry, identity::TrustSource& trust,
                             const Clock& clock)
    : task_("omni-streams", [&] { return Step(registry, trust, clock); }),
      subscription_(trust.Subscribe([this](const identity::TrustStatePtr&) { task_.Kick(); })) {}

absl::Duration StreamSweeper::Step(StreamRegistry& registry, const identity::TrustSource& trust,
                                   const Clock& clock) {
  const absl::Time now = clock.Now();
  if (const identity::TrustStatePtr state = trust.Current()) registry.Sweep(*state, now);
  registry.CancelStuck(clock.Monotonic(), kStuckLimit);
  return std::clamp(registry.NextSweep(now) - now, absl::Milliseconds(10), kMaxPause);
}

}  // namespace omninode::rpc
