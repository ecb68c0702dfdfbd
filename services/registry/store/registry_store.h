#ifndef OMNINODE_SERVICES_REGISTRY_STORE_REGISTRY_STORE_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_REGISTRY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/directory/topology_change.h"
#include "services/registry/topology/change_record.h"
#include "services/registry/topology/topology_state.h"

namespace omninode::registry {

// What this instance may write, and the secret of the shard.
struct Ownership {
  std::uint64_t term = 0;  // rises with every Acquire; older holders are fenced from then on
  std::uint64_t seq = 0;   // groups committed so far
  std::string secret;      // 32 random bytes made once per shard: lease keys and page tokens
};

enum class CommitOutcome {
  kCommitted,  // durable
  kFenced,     // another holder acquired the shard: nothing was written, stop owning
  kFailed,     // nothing was written; the same group may be tried again
  kUnknown,    // the connection broke around the commit: ask Head before anything else
};

struct CommitResult {
  CommitOutcome outcome = CommitOutcome::kCommitted;
  absl::Status status;  // why, unless committed
};

// A past version, read back from the log to fill a ring after a restart. States before the changes
// are not kept: `after` has the nodes by place in diff.changes, null for REMOVED.
struct LoggedVersion {
  NamespaceName ns;
  std::uint64_t seq = 0;
  std::uint64_t term = 0;
  std::uint64_t previous_version = 0;
  directory::TopologyDiff diff;
  std::vector<NodePtr> after;
};

// Where registrations live. One writer: the sequencer's thread calls everything but Check and the
// constructor. Times are arguments, so a store is deterministic up to its faults.
//
// Errors: Unavailable (busy, connection), ResourceExhausted (disk full), DataLoss (damaged).
class RegistryStore {
 public:
  static constexpr std::size_t kMaxLogBytes = std::size_t{16} << 20;

  virtual ~RegistryStore() = default;

  // Takes the shard: term + 1. Call once, before anything else.
  virtual absl::StatusOr<Ownership> Acquire(std::string_view holder, absl::Time now) = 0;

  // The whole state at the head of the log.
  virtual absl::StatusOr<TopologyState> Load() = 0;

  // Of the newest at most `max_versions` versions that are kept, oldest first; of a namespace
  // without gaps, but no more than `kMaxLogBytes` of records and the one that reaches it, because a
  // ring holds no more.
  virtual absl::StatusOr<std::vector<LoggedVersion>> ReadLog(std::size_t max_versions) = 0;

  // Writes the records of one group as group `seq` in one transaction that checks `term`.
  // REQUIRES: seq is the last one + 1, no record is empty, at most one per namespace.
  virtual CommitResult Commit(std::uint64_t term, std::uint64_t seq,
                              std::span<const ChangeRecord> records) = 0;

  // Number of the last committed group: how an unknown outcome is resolved.
  virtual absl::StatusOr<std::uint64_t> Head() = 0;

  // Drops groups up to and including `seq` from the log, keeping the evidence of live nodes.
  // At most `max_groups` per call; returns how many went.
  virtual absl::StatusOr<std::size_t> Compact(std::uint64_t seq, std::size_t max_groups) = 0;

  // Whether a write would be possible now. Changes nothing. Thread-safe.
  virtual absl::Status Check() = 0;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_REGISTRY_STORE_H_
