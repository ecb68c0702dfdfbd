#ifndef OMNINODE_SERVICES_REGISTRY_WATCH_WAIT_TABLE_H_
#define OMNINODE_SERVICES_REGISTRY_WATCH_WAIT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <absl/functional/any_invocable.h>
#include <absl/status/statusor.h>

#include "common/base/mutex.h"
#include "common/base/names.h"
#include "common/directory/position.h"
#include "common/time/monotonic_time.h"
#include "services/registry/watch/due_set.h"

namespace omninode::registry {

// Told the namespace's position once it is not before the one waited for, or a rejection. Called
// exactly once, outside locks, by Add or by the thread that calls Complete or Close; must not
// block.
using WaitCompletion = absl::AnyInvocable<void(absl::StatusOr<directory::Position>) &&>;

// Who waits until this instance has applied a position: reading one's own writes. Thread-safe.
class WaitTable final {
 public:
  static constexpr std::size_t kMaxWaiters = 10'000;

  explicit WaitTable(std::size_t max_waiters = kMaxWaiters) : max_waiters_(max_waiters) {}

  // Completes at once with the position when it is reached, else with NAMESPACE_UNKNOWN,
  // REVISION_COMPACTED (of an incarnation that has ended), LOAD_SHED (full) or SHUTTING_DOWN. Later
  // with the position, REVISION_COMPACTED, DEADLINE or SHUTTING_DOWN.
  void Add(const NamespaceName& ns, directory::Position position, MonotonicTime deadline,
           WaitCompletion done);

  // The namespace stands at `head` now. Completes nobody; returns whether Complete would.
  bool Advance(const NamespaceName& ns, directory::Position head);

  // Completes who has waited enough. Returns the next deadline.
  MonotonicTime Complete(MonotonicTime now);

  // Completes everybody, now and from now on, with SHUTTING_DOWN.
  void Close();

  std::size_t size() const;

 private:
  struct Waiter {
    NamespaceName ns;
    directory::Position position;
    WaitCompletion done;
  };
  struct Waits {
    directory::Position head;
    std::set<std::pair<directory::Position, std::uint64_t>> by_position;
  };
  // What to tell to whom, outside the lock.
  using Completions = std::vector<std::pair<WaitCompletion, absl::StatusOr<directory::Position>>>;

  // False: the position is reached.
  absl::StatusOr<bool> MustWait(const NamespaceName& ns, directory::Position position) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeReached(Waits& waits, Completions& out) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeExpired(MonotonicTime now, Completions& out) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void Run(Completions completions);

  const std::size_t max_waiters_;
  mutable Mutex mutex_;
  std::map<NamespaceName, Waits> namespaces_ ABSL_GUARDED_BY(mutex_);
  std::map<std::uint64_t, Waiter> waiters_ ABSL_GUARDED_BY(mutex_);
  std::set<NamespaceName> ready_ ABSL_GUARDED_BY(mutex_);  // where somebody's position is reached
  DueSet<std::uint64_t> deadlines_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_WATCH_WAIT_TABLE_H_
