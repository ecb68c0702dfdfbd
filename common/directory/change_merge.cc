#include "common/directory/change_merge.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/status.h"

namespace omninode::directory {

absl::Status ChangeMerger::Check(const TopologyDiff& diff) const {
  const auto refuse = [&](std::string_view what, std::string_view why) {
    return Error(absl::StatusCode::kInternal, "diff {}: {} {}", diff.position.ToString(), what,
                 why);
  };
  if (position_ && (diff.position.incarnation != position_->incarnation ||
                    diff.position.version <= position_->version)) {
    return refuse("does not follow", position_->ToString());
  }
  for (const TopologyChange& change : diff.changes) {
    if (!IsWellFormed(change)) return refuse(change.node_id.value(), "has a malformed change");
    const auto pending = pending_.find(change.node_id);
    if (pending == pending_.end()) continue;
    const bool was_there = pending->second.change.kind != ChangeKind::kRemoved;
    if (was_there == (change.kind == ChangeKind::kAdded)) {
      return refuse(change.node_id.value(), "contradicts a pending change");
    }
  }
  const auto out_of_order = std::ranges::adjacent_find(
      diff.changes, [](const auto& a, const auto& b) { return a.node_id >= b.node_id; });
  if (out_of_order != diff.changes.end()) {
    return refuse(out_of_order->node_id.value(), "is not before its successor");
  }
  return absl::OkStatus();
}

absl::Status ChangeMerger::Add(const TopologyDiff& diff) {
  OMNI_RETURN_IF_ERROR(Check(diff));
  for (const TopologyChange& change : diff.changes) MergeOne(change);
  position_ = diff.position;
  timestamp_ = diff.timestamp;
  return absl::OkStatus();
}

void ChangeMerger::MergeOne(const TopologyChange& next) {
  const auto [entry, is_first] = pending_.try_emplace(next.node_id, Pending{.change = next});
  if (is_first) return;
  Pending& pending = entry->second;
  switch (pending.change.kind) {
    case ChangeKind::kAdded:
      if (next.kind == ChangeKind::kRemoved) {
        pending_.erase(entry);
      } else {
        MergeIntoAdded(pending, next);
      }
      return;
    case ChangeKind::kUpdated:
      MergeIntoUpdated(pending, next);
      return;
    case ChangeKind::kRemoved:
      MergeIntoRemoved(pending, next);
      return;
  }
}

void ChangeMerger::MergeIntoAdded(Pending& pending, const TopologyChange& next) {
  pending.change = next;
  pending.change.kind = ChangeKind::kAdded;
  pending.change.changed_fields = {};
  pending.change.previous_node_version = 0;
}

void ChangeMerger::MergeIntoUpdated(Pending& pending, const TopologyChange& next) {
  const TopologyChange before = std::exchange(pending.change, next);
  pending.change.previous_node_version = before.previous_node_version;
  if (next.kind == ChangeKind::kUpdated) {
    pending.change.changed_fields = before.changed_fields | next.changed_fields;
  } else {
    pending.last_known = before.node;
    pending.fields_until_removal = before.changed_fields;
  }
}

void ChangeMerger::MergeIntoRemoved(Pending& pending, const TopologyChange& next) {
  const TopologyChange before = std::exchange(pending.change, next);
  pending.change.kind = ChangeKind::kUpdated;
  pending.change.previous_node_version = before.previous_node_version;
  pending.change.changed_fields = ChangedFields::All();
  if (pending.last_known != nullptr) {
    // A new registration always stands on a new signed message.
    pending.change.changed_fields = pending.fields_until_removal |
                                    ComputeChangedFields(*pending.last_known, *next.node) |
                                    ChangedFields{ChangedField::kEvidence};
  }
  pending.last_known = nullptr;
  pending.fields_until_removal = {};
}

std::optional<TopologyDiff> ChangeMerger::Take() {
  if (!position_) return std::nullopt;
  TopologyDiff merged{.position = *position_, .changes = {}, .timestamp = timestamp_};
  merged.changes.reserve(pending_.size());
  for (auto& [id, pending] : pending_) merged.changes.push_back(std::move(pending.change));
  pending_.clear();
  position_.reset();
  return merged;
}

}  // namespace omninode::directory
