#include "services/registry/watch/diff_ring.h"

#include <utility>

#include "common/base/check.h"
#include "services/registry/watch/size_estimate.h"

namespace omninode::registry {
namespace {

std::size_t BytesOf(const RingEntry& entry) {
  std::size_t bytes = sizeof(entry);
  for (const auto& change : entry.diff.changes) bytes += ApproximateBytes(change);
  for (const auto& view : entry.before) bytes += view == nullptr ? 0 : ApproximateBytes(*view);
  for (const auto& node : entry.after) bytes += node == nullptr ? 0 : ApproximateBytes(*node);
  return bytes;
}

RingEntryPtr MakeLoggedEntry(LoggedDiff logged, std::uint64_t nodes,
                             std::optional<directory::SetHash> hash) {
  auto entry = std::make_shared<RingEntry>();
  entry->diff = std::move(logged.diff);
  entry->after = std::move(logged.after);
  entry->hash = hash;
  entry->nodes = nodes;
  entry->bytes = BytesOf(*entry);
  return entry;
}

// Where the part of the log begins that leads without a gap to the head.
std::size_t FirstConnected(const NamespaceHead& head, const std::vector<LoggedDiff>& log) {
  directory::Position expected = head.position;
  std::size_t first = log.size();
  while (first > 0) {
    const LoggedDiff& logged = log[first - 1];
    if (logged.diff.position != expected || logged.previous_version + 1 != expected.version) break;
    expected.version = logged.previous_version;
    --first;
  }
  return first;
}

// Nodes in the namespace before the diff, from the number after it.
std::uint64_t NodesBefore(std::uint64_t nodes, const directory::TopologyDiff& diff) {
  for (const auto& change : diff.changes) {
    if (change.kind == directory::ChangeKind::kAdded) --nodes;
    if (change.kind == directory::ChangeKind::kRemoved) ++nodes;
  }
  return nodes;
}

}  // namespace

RingEntryPtr MakeRingEntry(AppliedRecord applied) {
  auto entry = std::make_shared<RingEntry>();
  entry->diff = std::move(applied.diff);
  // Only the views: the evidence of states that are gone is of no use to anybody.
  entry->before.reserve(applied.before.size());
  for (const NodePtr& node : applied.before) {
    entry->before.push_back(node == nullptr ? nullptr : node->view);
  }
  entry->before_known = true;
  entry->after = std::move(applied.after);
  entry->hash = applied.hash;
  entry->nodes = applied.nodes;
  entry->bytes = BytesOf(*entry);
  return entry;
}

DiffRing::DiffRing(const NamespaceHead& head, std::vector<LoggedDiff> log) : head_(head.position) {
  const std::size_t first = FirstConnected(head, log);
  std::vector<std::uint64_t> nodes_after(log.size());
  std::uint64_t nodes = head.nodes;
  for (std::size_t i = log.size(); i > first; --i) {
    nodes_after[i - 1] = nodes;
    nodes = NodesBefore(nodes, log[i - 1].diff);
  }
  head_.version -= log.size() - first;
  if (first == log.size()) base_hash_ = head.hash;
  for (std::size_t i = first; i < log.size(); ++i) {
    const bool is_head = i + 1 == log.size();
    Append(MakeLoggedEntry(std::move(log[i]), nodes_after[i],
                           is_head ? std::optional(head.hash) : std::nullopt));
  }
}

void DiffRing::Append(RingEntryPtr entry) {
  const directory::Position position = entry->diff.position;
  OMNI_CHECK(position.incarnation == head_.incarnation && position.version == head_.version + 1);
  head_ = position;
  end_offset_ += entry->bytes;
  entries_.push_back({std::move(entry), end_offset_});
  while (entries_.size() > kMaxDiffs || (bytes() > kMaxBytes && entries_.size() > 1)) {
    base_offset_ = entries_.front().end_offset;
    base_hash_ = entries_.front().entry->hash;
    entries_.pop_front();
  }
}

std::vector<RingEntryPtr> DiffRing::Slice(std::uint64_t from, std::uint64_t to,
                                          std::size_t max_bytes) const {
  OMNI_CHECK(base().version <= from && from < to && to <= head_.version);
  std::vector<RingEntryPtr> slice = {SlotOf(from + 1).entry};
  std::size_t bytes = slice.front()->bytes;
  for (std::uint64_t version = from + 2; version <= to; ++version) {
    const RingEntryPtr& entry = SlotOf(version).entry;
    bytes += entry->bytes;
    if (bytes > max_bytes) break;
    slice.push_back(entry);
  }
  return slice;
}

std::size_t DiffRing::BytesSince(std::uint64_t version) const {
  if (version <= base().version) return bytes();
  if (version >= head_.version) return 0;
  return end_offset_ - SlotOf(version).end_offset;
}

std::optional<directory::SetHash> DiffRing::HashAt(directory::Position position) const {
  if (position == base()) return base_hash_;
  if (position < base() || position > head_) return std::nullopt;
  return SlotOf(position.version).entry->hash;
}

}  // namespace omninode::registry
