#ifndef OMNINODE_SERVICES_REGISTRY_WATCH_SHOWN_DIFF_H_
#define OMNINODE_SERVICES_REGISTRY_WATCH_SHOWN_DIFF_H_

#include <cstdint>
#include <span>
#include <vector>

#include <absl/status/statusor.h>

#include "common/directory/filter.h"
#include "common/directory/topology_change.h"
#include "services/registry/watch/diff_encoder.h"
#include "services/registry/watch/diff_ring.h"

// What a watch shows of the ring: versions filtered and merged. Pure functions.
namespace omninode::registry {

struct WatchScope {
  directory::WatchFilter filter;
  // Without it, changes of nothing but evidence are hidden.
  bool with_evidence = false;
};

// Consecutive versions as one diff of a scope.
struct ShownDiff {
  directory::TopologyDiff diff;
  std::vector<NodePtr> after;  // see DiffContext
  std::uint64_t nodes = 0;
  // Not one of the versions shows anything. (Otherwise changes may be empty because they cancelled
  // each other out, and whoever saw only the first of them must see the others.)
  bool quiet = false;
};

// Errors: INTERNAL when the versions contradict each other, FAILED_PRECONDITION when a filter meets
// a version whose states before are not known. REQUIRES: entries consecutive, at least one.
absl::StatusOr<ShownDiff> MergeShown(const WatchScope& scope,
                                     std::span<const RingEntryPtr> entries);

// The same as a message.
struct BuiltDiff {
  directory::Position position;
  EncodedDiffPtr encoded;  // null when there is nothing to show
  bool quiet = false;
};

// As MergeShown.
absl::StatusOr<BuiltDiff> BuildDiff(const WatchScope& scope, std::span<const RingEntryPtr> entries,
                                    const DiffEncoder& encoder);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_WATCH_SHOWN_DIFF_H_
