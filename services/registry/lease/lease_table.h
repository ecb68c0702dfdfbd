#ifndef OMNINODE_SERVICES_REGISTRY_LEASE_LEASE_TABLE_H_
#define OMNINODE_SERVICES_REGISTRY_LEASE_LEASE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "common/base/names.h"
#include "common/directory/health.h"
#include "common/directory/node_ref.h"
#include "common/time/monotonic_time.h"
#include "services/registry/topology/node.h"

namespace omninode::registry {

// What was granted, unchanged until it is granted anew.
struct LeaseInfo {
  directory::NodeRef node;
  std::uint64_t incarnation = 0;
  LeaseHandle handle;
  absl::Duration ttl;
  std::string spiffe_id;  // of the node: it may beat itself; agents are the caller's matter
};
using LeaseInfoPtr = std::shared_ptr<const LeaseInfo>;

// One renewal as the node sent it; its MAC was checked.
struct LeaseBeat {
  LeaseHandle handle;
  std::uint64_t sequence_ms = 0;  // unix time when it was made
  directory::Health health;
};

enum class BeatVerdict : std::uint8_t {
  kOk,
  kOkHealthChanged,  // renewed; the health differs from the topology's: make a HealthCommand
  kUnknown,          // no such lease, or it is being removed: the node must register again
  kStale,            // sequence not above the last one, or older than the TTL: not renewed
};

// A lease that was taken because its time is over.
struct DueLease {
  LeaseInfoPtr lease;
  MonotonicTime deadline;
};

// How close a namespace is to losing nodes, for ExpiryBrake.
struct LeasePressure {
  std::size_t leases = 0;  // taken ones included
  std::size_t due = 0;     // deadline passed, not taken yet
  std::size_t late = 0;  // not due, but with at most min(TTL / 4, 1 minute) left: a renewal at half
                         // the TTL has been missed
};

// Who may stay, and until when. Leases are granted and dropped after commits; renewals touch memory
// only. Thread-safe: beats come from any thread, the rest from the sequencer and the reaper.
//
// A due lease is *taken* before its removal is proposed: from then on no beat renews it, until the
// removal is committed (Drop), has failed (GiveBack) or the node registered again (Grant).
//
// Time is an argument. Handles of one namespace are unique; its number of leases is bounded by the
// namespace's quota, and the memory of alarms by kAlarmSlack.
class LeaseTable final {
 public:
  // alarms() <= 2 * size() + kAlarmSlack.
  static constexpr std::size_t kAlarmSlack = 1024;

  // A full TTL from `now`. For a handle that is there already: also its new TTL, identity and
  // health; the last sequence stays, and a taken lease is no longer taken.
  void Grant(LeaseInfo lease, directory::Health health, MonotonicTime now);

  // A full TTL from `now`, as for a beat. False if there is no such lease or it is taken.
  bool Renew(const NamespaceName& ns, LeaseHandle handle, MonotonicTime now);

  // `wall` is compared with the beat's sequence only; deadlines know nothing of it.
  BeatVerdict Beat(const NamespaceName& ns, const LeaseBeat& beat, MonotonicTime now,
                   absl::Time wall);
  // The same for many under one lock. One verdict per beat, in order.
  std::vector<BeatVerdict> BeatAll(const NamespaceName& ns, std::span<const LeaseBeat> beats,
                                   MonotonicTime now, absl::Time wall);

  // The health the topology now has. Beats do not set it, so a change that could not be committed
  // is reported again by the next beat.
  void SetHealth(const NamespaceName& ns, LeaseHandle handle, directory::Health health);

  // Forgets a lease. Returns whether it was there.
  bool Drop(const NamespaceName& ns, LeaseHandle handle);

  // Takes at most `max` leases whose deadline is not after `now`, the longest due first.
  std::vector<DueLease> TakeDue(MonotonicTime now, std::size_t max);
  // Undoes the taking: the lease can be renewed and falls due again, but not before `not_before`.
  // Nothing if it was dropped or granted since.
  void GiveBack(const DueLease& due, MonotonicTime not_before);

  // Moves every deadline: this process did not run for so long. REQUIRES: by >= 0.
  void ShiftAll(absl::Duration by);
  // At least one full TTL for everyone: after a takeover.
  void ExtendAllFull(MonotonicTime now);

  // Null when there is none; a taken lease is still found.
  LeaseInfoPtr Find(const NamespaceName& ns, LeaseHandle handle) const;
  // When to call TakeDue next. Never later than the first lease can be taken, but it may be
  // earlier, because renewals do not move it. InfiniteFuture when nothing can fall due.
  MonotonicTime NextDeadline() const;
  // Counts over all leases of the namespace.
  LeasePressure PressureOf(const NamespaceName& ns, MonotonicTime now) const;
  std::size_t size() const;
  std::size_t alarms() const;

 private:
  struct Slot {
    LeaseInfoPtr lease;  // null: free
    absl::Duration ttl;  // of the lease; here so that a renewal touches one cache line
    MonotonicTime deadline;
    MonotonicTime armed;  // when its one valid alarm fires; InfiniteFuture: none
    std::uint64_t last_sequence = 0;
    directory::Health health{};
    bool taken = false;
  };
  // The leases of one namespace, dense.
  struct Space {
    std::unordered_map<std::uint64_t, std::uint32_t> slot_of;  // by handle
    std::vector<Slot> slots;
    std::vector<std::uint32_t> free;

    Slot* Find(LeaseHandle handle);
  };
  // Fires at `at`; stale unless the slot still has this lease armed for this time.
  struct Alarm {
    MonotonicTime at;
    std::uint32_t space;
    std::uint32_t slot;
    LeaseHandle handle;
  };
  struct LaterFirst {
    bool operator()(const Alarm& a, const Alarm& b) const { return a.at > b.at; }
  };

  // Null when there is none.
  Space* FindSpace(const NamespaceName& ns) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Slot* FindSlot(const NamespaceName& ns, LeaseHandle handle) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::uint32_t SpaceIndex(const NamespaceName& ns) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The slot an alarm is for; null when the alarm is stale.
  Slot* SlotOf(const Alarm& alarm) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static BeatVerdict BeatSlot(Slot* slot, const LeaseBeat& beat, MonotonicTime now,
                              absl::Time wall);
  void Arm(std::uint32_t space, std::uint32_t slot, MonotonicTime at)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropStaleAlarms() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  std::unordered_map<NamespaceName, std::uint32_t> index_of_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Space>> spaces_ ABSL_GUARDED_BY(mutex_);
  std::vector<Alarm> alarms_ ABSL_GUARDED_BY(mutex_);  // a heap, the earliest in front
  std::size_t size_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_LEASE_LEASE_TABLE_H_
