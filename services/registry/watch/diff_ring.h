#ifndef OMNINODE_SERVICES_REGISTRY_WATCH_DIFF_RING_H_
#define OMNINODE_SERVICES_REGISTRY_WATCH_DIFF_RING_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "common/directory/position.h"
#include "common/directory/set_hash.h"
#include "common/directory/topology_change.h"
#include "services/registry/topology/namespace_state.h"

namespace omninode::registry {

// One version as the ring keeps it. Shared with whoever is reading it; never changed.
struct RingEntry {
  directory::TopologyDiff diff;
  // States before the changes, by place in diff.changes, null for ADDED. Not known of versions read
  // back from the log.
  std::vector<directory::NodeViewPtr> before;
  bool before_known = false;
  std::vector<NodePtr> after;              // by place, null for REMOVED
  std::optional<directory::SetHash> hash;  // of the namespace afterwards, if known
  std::uint64_t nodes = 0;                 // in the namespace afterwards
  std::size_t bytes = 0;                   // see size_estimate.h
};
using RingEntryPtr = std::shared_ptr<const RingEntry>;

// REQUIRES: the record moved the version.
RingEntryPtr MakeRingEntry(AppliedRecord applied);

// A version read back from the log: what the store's LoggedVersion has of one namespace.
struct LoggedDiff {
  std::uint64_t previous_version = 0;
  directory::TopologyDiff diff;
  std::vector<NodePtr> after;
};

// Where a namespace stands.
struct NamespaceHead {
  directory::Position position;
  directory::SetHash hash;
  std::uint64_t nodes = 0;
};

// The last versions of one namespace: consecutive, of one incarnation, the newest at the head. When
// a bound is reached the oldest go; the newest always stays. Not thread-safe.
class DiffRing final {
 public:
  static constexpr std::size_t kMaxDiffs = 4096;
  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

  // Empty, at a position.
  explicit DiffRing(directory::Position head, std::optional<directory::SetHash> hash = {})
      : head_(head), base_hash_(hash) {}
  // What the log, oldest first, has that leads without a gap to the head.
  DiffRing(const NamespaceHead& head, std::vector<LoggedDiff> log);

  // REQUIRES: the entry's position is the one after head().
  void Append(RingEntryPtr entry);

  directory::Position head() const { return head_; }
  // The oldest position from which the ring leads to its head.
  directory::Position base() const { return {head_.incarnation, head_.version - entries_.size()}; }
  // A position about the middle: who starts there has time left before it is dropped.
  directory::Position middle() const {
    return {head_.incarnation, head_.version - entries_.size() / 2};
  }

  // The entries that lead from version `from` towards `to`: at least one, then as many as stay
  // within `max_bytes`. REQUIRES: base().version <= from < to <= head().version.
  std::vector<RingEntryPtr> Slice(std::uint64_t from, std::uint64_t to,
                                  std::size_t max_bytes) const;
  // Size of the entries after `version`; the whole ring's when it lies before the base.
  std::size_t BytesSince(std::uint64_t version) const;
  // nullopt when not known here.
  std::optional<directory::SetHash> HashAt(directory::Position position) const;

  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return end_offset_ - base_offset_; }

 private:
  struct Slot {
    RingEntryPtr entry;
    std::size_t end_offset;  // bytes ever appended, this entry included
  };

  const Slot& SlotOf(std::uint64_t version) const { return entries_[version - base().version - 1]; }

  directory::Position head_;
  std::deque<Slot> entries_;
  std::size_t base_offset_ = 0;
  std::size_t end_offset_ = 0;
  std::optional<directory::SetHash> base_hash_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_WATCH_DIFF_RING_H_
