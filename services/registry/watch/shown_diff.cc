#include "services/registry/watch/shown_diff.h"

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>

#include "common/base/status.h"
#include "common/directory/change_merge.h"

namespace omninode::registry {
namespace {

using directory::TopologyChange;
using directory::TopologyDiff;

// One version as the scope shows it.
absl::StatusOr<TopologyDiff> Filter(const WatchScope& scope, const RingEntry& entry) {
  const bool restricted = !scope.filter.is_unrestricted();
  if (restricted && !entry.before_known) {
    return Error(absl::StatusCode::kFailedPrecondition,
                 "states before {} are not known to filter by", entry.diff.position.ToString());
  }
  TopologyDiff shown{
      .position = entry.diff.position, .changes = {}, .timestamp = entry.diff.timestamp};
  for (std::size_t i = 0; i < entry.diff.changes.size(); ++i) {
    const TopologyChange& change = entry.diff.changes[i];
    std::optional<TopologyChange> seen =
        restricted ? scope.filter.FilterChange(change, entry.before[i].get()) : change;
    if (seen.has_value() && !scope.with_evidence) {
      seen = directory::WithoutEvidence(*std::move(seen));
    }
    if (seen.has_value()) shown.changes.push_back(*std::move(seen));
  }
  return shown;
}

// A removal and a new registration merge into an update that names evidence again.
void HideEvidence(TopologyDiff& diff) {
  for (TopologyChange& change : diff.changes) {
    change.changed_fields.Remove(directory::ChangedField::kEvidence);
  }
}

std::vector<NodePtr> NodesOf(const TopologyDiff& diff, std::span<const RingEntryPtr> entries) {
  std::unordered_map<NodeId, NodePtr> latest;
  for (const RingEntryPtr& entry : entries) {
    for (std::size_t i = 0; i < entry->after.size(); ++i) {
      latest[entry->diff.changes[i].node_id] = entry->after[i];
    }
  }
  std::vector<NodePtr> nodes;
  nodes.reserve(diff.changes.size());
  for (const TopologyChange& change : diff.changes) {
    nodes.push_back(change.node == nullptr ? nullptr : latest[change.node_id]);
  }
  return nodes;
}

}  // namespace

absl::StatusOr<ShownDiff> MergeShown(const WatchScope& scope,
                                     std::span<const RingEntryPtr> entries) {
  ShownDiff shown{.diff = {}, .after = {}, .nodes = entries.back()->nodes, .quiet = true};
  directory::ChangeMerger merger;
  for (const RingEntryPtr& entry : entries) {
    OMNI_ASSIGN_OR_RETURN(shown.diff, Filter(scope, *entry));
    if (!shown.diff.changes.empty()) shown.quiet = false;
    // One version alone, the usual case, needs no merging.
    if (entries.size() > 1) OMNI_RETURN_IF_ERROR(merger.Add(shown.diff));
  }
  if (std::optional<TopologyDiff> merged = merger.Take()) {
    shown.diff = *std::move(merged);
    if (!scope.with_evidence) HideEvidence(shown.diff);
  }
  if (scope.with_evidence) shown.after = NodesOf(shown.diff, entries);
  return shown;
}

absl::StatusOr<BuiltDiff> BuildDiff(const WatchScope& scope, std::span<const RingEntryPtr> entries,
                                    const DiffEncoder& encoder) {
  OMNI_ASSIGN_OR_RETURN(const ShownDiff shown, MergeShown(scope, entries));
  BuiltDiff built{.position = shown.diff.position, .encoded = nullptr, .quiet = shown.quiet};
  if (shown.diff.changes.empty()) return built;
  built.encoded = encoder.Encode(
      shown.diff,
      {.nodes = shown.nodes, .with_evidence = scope.with_evidence, .after = shown.after});
  return built;
}

}  // namespace omninode::registry
