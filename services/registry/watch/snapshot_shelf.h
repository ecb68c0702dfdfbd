#ifndef OMNINODE_SERVICES_REGISTRY_WATCH_SNAPSHOT_SHELF_H_
#define OMNINODE_SERVICES_REGISTRY_WATCH_SNAPSHOT_SHELF_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "common/directory/position.h"
#include "common/directory/set_hash.h"
#include "services/registry/topology/topology_table.h"

namespace omninode::registry {

// A namespace at one position, ready to be paged through.
struct SharedSnapshot {
  directory::Position position;
  directory::SetHash hash;
  std::vector<NodePtr> nodes;  // by id
};
using SharedSnapshotPtr = std::shared_ptr<const SharedSnapshot>;

// Sorts: O(n log n).
SharedSnapshotPtr MakeSharedSnapshot(const NamespaceSnapshot& snapshot);

// The snapshots that watchers of one namespace are reading. A snapshot pins every node that changed
// since it was taken, so their number is bounded: the shelf owns them, watchers hold weak pointers,
// and a watcher whose snapshot was dropped begins again. Not thread-safe.
class SnapshotShelf final {
 public:
  static constexpr std::size_t kMaxSnapshots = 8;

  // A snapshot to begin reading: one taken at `head`, or, when the shelf is full, the newest if it
  // is not older than `oldest_useful`. Null: take a new one and Put it. Adds a reader.
  SharedSnapshotPtr Share(directory::Position head, directory::Position oldest_useful);
  // Keeps a new snapshot with one reader. Returns the oldest when it had to go for it.
  SharedSnapshotPtr Put(SharedSnapshotPtr snapshot);
  // A reader is done. Returns the snapshot if it was the last one. Unknown ones are ignored: they
  // were dropped.
  SharedSnapshotPtr Release(const SharedSnapshot* snapshot);
  // Takes out those older than `base`: the ring does not lead on from there.
  std::vector<SharedSnapshotPtr> TakeOlderThan(directory::Position base);

  std::size_t size() const { return slots_.size(); }

 private:
  struct Slot {
    SharedSnapshotPtr snapshot;
    std::size_t readers;
  };

  std::deque<Slot> slots_;  // in the order they were put
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_WATCH_SNAPSHOT_SHELF_H_
