#include "common/directory/topology_mirror_state.h"

#include <limits>
#include <utility>

#include "common/base/status.h"
#include "common/directory/canonical.h"

namespace omninode::directory {
namespace {

template <typename... Args>
absl::Status Contradiction(fmt::format_string<Args...> format, Args&&... args) {
  return Error(absl::StatusCode::kDataLoss, format, std::forward<Args>(args)...);
}

absl::Status CheckHash(const SetHash& mine, const std::optional<SetHash>& theirs,
                       Position position) {
  if (!theirs || *theirs == mine) return absl::OkStatus();
  return Contradiction("hash at {} is {}, the registry has {}", position.ToString(), mine.ToHex(),
                       theirs->ToHex());
}

}  // namespace

void MirrorState::BeginSnapshot() {
  synced_ = false;
  staged_.emplace();
}

absl::Status MirrorState::AddSnapshotChunk(std::span<const NodeViewPtr> nodes) {
  if (!staged_) {
    return Error(absl::StatusCode::kFailedPrecondition, "snapshot chunk outside a snapshot");
  }
  for (const NodeViewPtr& node : nodes) {
    if (absl::Status staged = StageNode(node); !staged.ok()) {
      staged_.reset();
      return staged;
    }
  }
  return absl::OkStatus();
}

absl::Status MirrorState::StageNode(const NodeViewPtr& node) {
  if (node == nullptr) return Contradiction("snapshot contains an empty node");
  // The snapshot's position is told at its end only; EndSnapshot compares.
  OMNI_RETURN_IF_ERROR(CheckNode(*node, std::numeric_limits<std::uint64_t>::max()));
  if (staged_->nodes.size() >= options_.max_nodes) {
    return Error(absl::StatusCode::kResourceExhausted, "snapshot has more than {} nodes",
                 options_.max_nodes);
  }
  if (!staged_->nodes.emplace(node->node_id(), node).second) {
    return Contradiction("snapshot contains {} twice", node->node_id().value());
  }
  staged_->hash.Add(CanonicalDigest(*node));
  return absl::OkStatus();
}

absl::Status MirrorState::EndSnapshot(Position position, const std::optional<SetHash>& hash) {
  if (!staged_) {
    return Error(absl::StatusCode::kFailedPrecondition, "snapshot end outside a snapshot");
  }
  Contents contents = *std::move(staged_);
  staged_.reset();
  for (const auto& [id, node] : contents.nodes) {
    OMNI_RETURN_IF_ERROR(CheckNode(*node, position.version));
  }
  OMNI_RETURN_IF_ERROR(CheckHash(contents.hash, hash, position));
  current_ = std::move(contents);
  position_ = position;
  synced_ = true;
  return absl::OkStatus();
}

absl::Status MirrorState::ApplyDiff(std::uint64_t previous_version, const TopologyDiff& diff) {
  OMNI_RETURN_IF_ERROR(CheckContinues(previous_version, diff.position, /*may_stand_still=*/false));
  // All checks come before the first change: a version is applied whole or not at all (G4).
  if (absl::Status valid = CheckDiff(diff); !valid.ok()) {
    synced_ = false;
    return valid;
  }
  for (const TopologyChange& change : diff.changes) ApplyChange(change);
  position_ = diff.position;
  return absl::OkStatus();
}

absl::Status MirrorState::ApplyBookmark(std::uint64_t previous_version, Position position,
                                        const std::optional<SetHash>& hash) {
  OMNI_RETURN_IF_ERROR(CheckContinues(previous_version, position, /*may_stand_still=*/true));
  if (absl::Status equal = CheckHash(current_.hash, hash, position); !equal.ok()) {
    synced_ = false;
    return equal;
  }
  position_ = position;
  return absl::OkStatus();
}

absl::Status MirrorState::CheckContinues(std::uint64_t previous_version, Position position,
                                         bool may_stand_still) const {
  if (!synced_) {
    return Error(absl::StatusCode::kFailedPrecondition, "{} before a complete snapshot",
                 position.ToString());
  }
  const bool rises = position.version > position_->version ||
                     (may_stand_still && position.version == position_->version);
  if (position.incarnation == position_->incarnation && previous_version == position_->version &&
      rises) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kOutOfRange, "{} after version {} does not continue {}",
               position.ToString(), previous_version, position_->ToString());
}

absl::Status MirrorState::CheckNode(const NodeView& node, std::uint64_t max_version) const {
  if (node.ns() != options_.ns) {
    return Contradiction("{} is of namespace {}, not {}", node.node_id().value(), node.ns().value(),
                         options_.ns.value());
  }
  if (node.version == 0 || node.version > max_version) {
    return Contradiction("{} has version {}, outside 1..{}", node.node_id().value(), node.version,
                         max_version);
  }
  return absl::OkStatus();
}

absl::Status MirrorState::CheckDiff(const TopologyDiff& diff) const {
  std::size_t added = 0;
  std::size_t removed = 0;
  const NodeId* last = nullptr;
  for (const TopologyChange& change : diff.changes) {
    if (last != nullptr && change.node_id <= *last) {
      return Contradiction("diff {}: {} is not after {}", diff.position.ToString(),
                           change.node_id.value(), last->value());
    }
    last = &change.node_id;
    OMNI_RETURN_IF_ERROR(CheckChange(change, diff));
    if (change.kind == ChangeKind::kAdded) ++added;
    if (change.kind == ChangeKind::kRemoved) ++removed;
  }
  if (current_.nodes.size() + added - removed > options_.max_nodes) {
    return Error(absl::StatusCode::kResourceExhausted, "diff {} leads to more than {} nodes",
                 diff.position.ToString(), options_.max_nodes);
  }
  return absl::OkStatus();
}

absl::Status MirrorState::CheckChange(const TopologyChange& change,
                                      const TopologyDiff& diff) const {
  const std::string& id = change.node_id.value();
  if (!IsWellFormed(change)) {
    return Contradiction("diff {}: malformed change of {}", diff.position.ToString(), id);
  }
  const auto mine = current_.nodes.find(change.node_id);
  const std::uint64_t my_version = mine == current_.nodes.end() ? 0 : mine->second->version;
  // An absent node counts as version 0, which only ADDED has as its previous one: this refuses a
  // second ADDED, a change of an unknown node and a change that was left out before.
  if (change.previous_node_version != my_version) {
    return Contradiction("diff {}: {} {} after its version {}, which is {} here",
                         diff.position.ToString(), id, NameOf(change.kind),
                         change.previous_node_version, my_version);
  }
  if (change.node == nullptr) return absl::OkStatus();
  OMNI_RETURN_IF_ERROR(CheckNode(*change.node, diff.position.version));
  if (change.node->version > position_->version) return absl::OkStatus();
  const bool only_evidence = change.changed_fields == ChangedFields{ChangedField::kEvidence} &&
                             change.node->version == my_version;
  if (only_evidence) return absl::OkStatus();
  return Contradiction("diff {}: {} has version {}, not after {}", diff.position.ToString(), id,
                       change.node->version, position_->ToString());
}

void MirrorState::ApplyChange(const TopologyChange& change) {
  const auto mine = current_.nodes.find(change.node_id);
  if (mine != current_.nodes.end()) {
    current_.hash.Remove(CanonicalDigest(*mine->second));
    if (change.kind == ChangeKind::kRemoved) {
      current_.nodes.erase(mine);
      return;
    }
  }
  current_.nodes.insert_or_assign(change.node_id, change.node);
  current_.hash.Add(CanonicalDigest(*change.node));
}

}  // namespace omninode::directory
