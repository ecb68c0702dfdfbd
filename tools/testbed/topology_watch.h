#ifndef OMNINODE_TOOLS_TESTBED_TOPOLOGY_WATCH_H_
#define OMNINODE_TOOLS_TESTBED_TOPOLOGY_WATCH_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/directory/topology_change.h"
#include "common/node/topology_mirror.h"
#include "common/telemetry/log.h"
#include "common/time/monotonic_time.h"
#include "tools/testbed/event_log.h"
#include "tools/testbed/member.h"

namespace omninode::testbed {

// A change as a watcher saw it.
struct SeenChange {
  directory::Position position;
  directory::TopologyChange change;
  MonotonicTime at;  // when it arrived
};

// A watcher of one namespace that keeps every change, each version on its own (min_interval 0).
// Thread-safe. Member and logger outlive it.
class TopologyWatch final {
 public:
  // Returns when it has a snapshot. DEADLINE_EXCEEDED after `timeout`.
  static absl::StatusOr<std::unique_ptr<TopologyWatch>> Start(Member& member,
                                                              const NamespaceName& ns,
                                                              telemetry::Logger& logger,
                                                              absl::Duration timeout);
  ~TopologyWatch();

  // Where to look from for what happens after now.
  std::size_t Mark() const;
  // The first change of that node and kind from `mark` on. DEADLINE_EXCEEDED, with what was seen
  // instead, after `timeout`.
  absl::StatusOr<SeenChange> WaitFor(std::string_view node_id, directory::ChangeKind kind,
                                     absl::Duration timeout, std::size_t mark = 0) const;
  std::vector<SeenChange> Changes(std::size_t mark = 0) const;

  // OK if the stream has kept all its promises so far and at least one hash was compared.
  absl::Status CheckPromises() const;
  node::TopologyMirror& mirror() { return *mirror_; }

 private:
  class Recorder;
  TopologyWatch();

  const std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<node::TopologyMirror> mirror_;
};

// "node-1 updated {capabilities} at 1:7", for people.
std::string Describe(const SeenChange& seen);

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_TOPOLOGY_WATCH_H_
