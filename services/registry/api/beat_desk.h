#ifndef OMNINODE_SERVICES_REGISTRY_API_BEAT_DESK_H_
#define OMNINODE_SERVICES_REGISTRY_API_BEAT_DESK_H_

#include <functional>
#include <memory>
#include <string>

#include "common/base/names.h"
#include "common/base/reason.h"
#include "common/rpc/serve/caller.h"
#include "common/time/clock.h"
#include "services/registry/api/intake.h"
#include "services/registry/lease/lease_table.h"

namespace omninode::envelope::v1 {
class HeartbeatBatch;
}
namespace omninode::registry::v1 {
class HeartbeatResponse;
}

namespace omninode::registry {

// Takes batches of heartbeats: checks who sent each and its MAC, renews the leases in one go, and
// turns a change of health into a command, of which each lease has at most one under way: however
// often a node changes its mind, the queue sees it once per commit. Thread-safe; never blocks.
class BeatDesk final {
 public:
  static constexpr int kMaxBeats = 1'000;

  struct Deps {
    const Clock& clock;
    LeaseTable& leases;
    const Intake& intake;
    NetworkId network;
    std::string shard_secret;
    // Told of each beat that was refused (MAC_INVALID, SUBJECT_MISMATCH, STALE_SEQUENCE,
    // LEASE_UNKNOWN), for the log of rejections.
    std::function<void(const rpc::Caller&, const NamespaceName&, Reason)> on_refused;
  };

  explicit BeatDesk(Deps deps);

  // One result per beat, in order. An error refuses the batch as a whole and ends the stream:
  // NAME_INVALID, NS_FORBIDDEN, ARGUMENT_INVALID (too many beats).
  absl::Status Take(const rpc::Caller& caller, const envelope::v1::HeartbeatBatch& batch,
                    v1::HeartbeatResponse* response);

 private:
  class Pending;

  const Deps deps_;
  const std::shared_ptr<Pending> pending_;  // shared with completions, which may come later
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_API_BEAT_DESK_H_
