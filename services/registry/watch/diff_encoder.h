#ifndef OMNINODE_SERVICES_REGISTRY_WATCH_DIFF_ENCODER_H_
#define OMNINODE_SERVICES_REGISTRY_WATCH_DIFF_ENCODER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "common/directory/topology_change.h"
#include "services/registry/topology/node_map.h"

namespace omninode::registry {

// A diff as it goes over the wire, made once and shared by every watcher it is sent to. What it
// says is the encoder's business.
struct EncodedDiff {
  std::string bytes;
};
using EncodedDiffPtr = std::shared_ptr<const EncodedDiff>;

// What a diff message carries beside the diff.
struct DiffContext {
  std::uint64_t nodes = 0;  // in the namespace after the diff, whatever the filter
  bool with_evidence = false;
  // With evidence: the nodes that hold it, by place in diff.changes, null for REMOVED. Else empty.
  std::span<const NodePtr> after;
};

// Makes the bytes of a diff message. Called by the thread that ticks the hub, and by watchers'
// threads for diffs that only one of them needs: thread-safe. Never returns null.
class DiffEncoder {
 public:
  virtual ~DiffEncoder() = default;
  virtual EncodedDiffPtr Encode(const directory::TopologyDiff& diff,
                                const DiffContext& context) const = 0;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_WATCH_DIFF_ENCODER_H_
