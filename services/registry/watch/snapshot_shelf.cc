#include "services/registry/watch/snapshot_shelf.h"

#include <algorithm>
#include <utility>

namespace omninode::registry {

SharedSnapshotPtr MakeSharedSnapshot(const NamespaceSnapshot& snapshot) {
  return std::make_shared<const SharedSnapshot>(SharedSnapshot{
      .position = snapshot.position, .hash = snapshot.hash, .nodes = snapshot.nodes.Sorted()});
}

SharedSnapshotPtr SnapshotShelf::Share(directory::Position head,
                                       directory::Position oldest_useful) {
  if (slots_.empty()) return nullptr;
  Slot& newest = slots_.back();
  const directory::Position position = newest.snapshot->position;
  const bool full = slots_.size() >= kMaxSnapshots;
  if (position < head && !(full && position >= oldest_useful)) return nullptr;
  ++newest.readers;
  return newest.snapshot;
}

SharedSnapshotPtr SnapshotShelf::Put(SharedSnapshotPtr snapshot) {
  SharedSnapshotPtr dropped;
  if (slots_.size() >= kMaxSnapshots) {
    dropped = std::move(slots_.front().snapshot);
    slots_.pop_front();
  }
  slots_.push_back({std::move(snapshot), 1});
  return dropped;
}

SharedSnapshotPtr SnapshotShelf::Release(const SharedSnapshot* snapshot) {
  const auto slot =
      std::ranges::find(slots_, snapshot, [](const Slot& each) { return each.snapshot.get(); });
  if (slot == slots_.end() || --slot->readers > 0) return nullptr;
  SharedSnapshotPtr last = std::move(slot->snapshot);
  slots_.erase(slot);
  return last;
}

std::vector<SharedSnapshotPtr> SnapshotShelf::TakeOlderThan(directory::Position base) {
  std::vector<SharedSnapshotPtr> old;
  std::erase_if(slots_, [&](Slot& slot) {
    if (slot.snapshot->position >= base) return false;
    old.push_back(std::move(slot.snapshot));
    return true;
  });
  return old;
}

}  // namespace omninode::registry
