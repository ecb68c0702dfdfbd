#include "services/registry/lease/lease_table.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace omninode::registry {
namespace {

// Whether a beat made at `sequence_ms` has been under way for longer than `ttl`: it proves nothing
// about now. Computed without turning the sender's number into a time, which it may not be.
bool IsOlderThan(absl::Duration ttl, std::uint64_t sequence_ms, absl::Time wall) {
  const std::int64_t now_ms = absl::ToUnixMillis(wall);
  if (now_ms < 0 || sequence_ms >= static_cast<std::uint64_t>(now_ms)) return false;
  const std::uint64_t age = static_cast<std::uint64_t>(now_ms) - sequence_ms;
  return age >
         static_cast<std::uint64_t>(std::max<std::int64_t>(absl::ToInt64Milliseconds(ttl), 0));
}

absl::Duration LateMargin(absl::Duration ttl) { return std::min(ttl / 4, absl::Minutes(1)); }

}  // namespace

void LeaseTable::Grant(LeaseInfo lease, directory::Health health, MonotonicTime now) {
  const LeaseInfoPtr shared = std::make_shared<const LeaseInfo>(std::move(lease));
  MutexLock lock(mutex_);
  const std::uint32_t space_index = SpaceIndex(shared->node.ns);
  Space& space = *spaces_[space_index];
  const auto [it, added] = space.slot_of.try_emplace(shared->handle.value(), 0);
  if (added) {
    if (space.free.empty()) {
      space.free.push_back(static_cast<std::uint32_t>(space.slots.size()));
      space.slots.emplace_back();
    }
    it->second = space.free.back();
    space.free.pop_back();
    ++size_;
    space.slots[it->second] = Slot{.armed = MonotonicTime::InfiniteFuture()};
  }
  Slot& slot = space.slots[it->second];
  if (slot.lease != nullptr && slot.lease->incarnation != shared->incarnation) {
    slot.last_sequence = 0;
  }
  slot.lease = shared;
  slot.ttl = shared->ttl;
  slot.deadline = now + shared->ttl;
  slot.health = health;
  slot.taken = false;
  if (slot.deadline < slot.armed) Arm(space_index, it->second, slot.deadline);
}

bool LeaseTable::Renew(const NamespaceName& ns, LeaseHandle handle, MonotonicTime now) {
  MutexLock lock(mutex_);
  Slot* const slot = FindSlot(ns, handle);
  if (slot == nullptr || slot->taken) return false;
  slot->deadline = std::max(slot->deadline, now + slot->ttl);
  return true;
}

BeatVerdict LeaseTable::Beat(const NamespaceName& ns, const LeaseBeat& beat, MonotonicTime now,
                             absl::Time wall) {
  MutexLock lock(mutex_);
  return BeatSlot(FindSlot(ns, beat.handle), beat, now, wall);
}

std::vector<BeatVerdict> LeaseTable::BeatAll(const NamespaceName& ns,
                                             std::span<const LeaseBeat> beats, MonotonicTime now,
                                             absl::Time wall) {
  std::vector<BeatVerdict> verdicts;
  verdicts.reserve(beats.size());
  MutexLock lock(mutex_);
  Space* const space = FindSpace(ns);
  for (const LeaseBeat& beat : beats) {
    Slot* const slot = space == nullptr ? nullptr : space->Find(beat.handle);
    verdicts.push_back(BeatSlot(slot, beat, now, wall));
  }
  return verdicts;
}

BeatVerdict LeaseTable::BeatSlot(Slot* slot, const LeaseBeat& beat, MonotonicTime now,
                                 absl::Time wall) {
  if (slot == nullptr || slot->taken) return BeatVerdict::kUnknown;
  if (beat.sequence_ms <= slot->last_sequence || IsOlderThan(slot->ttl, beat.sequence_ms, wall)) {
    return BeatVerdict::kStale;
  }
  slot->last_sequence = beat.sequence_ms;
  // A deadline that was shifted beyond a TTL from now stays: renewing never shortens a lease.
  slot->deadline = std::max(slot->deadline, now + slot->ttl);
  return beat.health == slot->health ? BeatVerdict::kOk : BeatVerdict::kOkHealthChanged;
}

void LeaseTable::SetHealth(const NamespaceName& ns, LeaseHandle handle, directory::Health health) {
  MutexLock lock(mutex_);
  if (Slot* const slot = FindSlot(ns, handle); slot != nullptr) slot->health = health;
}

bool LeaseTable::Drop(const NamespaceName& ns, LeaseHandle handle) {
  MutexLock lock(mutex_);
  Space* const space = FindSpace(ns);
  if (space == nullptr) return false;
  const auto it = space->slot_of.find(handle.value());
  if (it == space->slot_of.end()) return false;
  space->slots[it->second] = Slot{};
  space->free.push_back(it->second);
  space->slot_of.erase(it);
  --size_;
  DropStaleAlarms();
  return true;
}

std::vector<DueLease> LeaseTable::TakeDue(MonotonicTime now, std::size_t max) {
  std::vector<DueLease> due;
  MutexLock lock(mutex_);
  while (due.size() < max && !alarms_.empty() && alarms_.front().at <= now) {
    std::ranges::pop_heap(alarms_, LaterFirst());
    const Alarm alarm = alarms_.back();
    alarms_.pop_back();
    Slot* const slot = SlotOf(alarm);
    if (slot == nullptr) continue;
    if (slot->deadline > now) {  // renewed since it was armed
      Arm(alarm.space, alarm.slot, slot->deadline);
      continue;
    }
    slot->taken = true;
    slot->armed = MonotonicTime::InfiniteFuture();
    due.push_back({slot->lease, slot->deadline});
  }
  return due;
}

void LeaseTable::GiveBack(const DueLease& due, MonotonicTime not_before) {
  MutexLock lock(mutex_);
  const auto index = index_of_.find(due.lease->node.ns);
  if (index == index_of_.end()) return;
  Space& space = *spaces_[index->second];
  const auto it = space.slot_of.find(due.lease->handle.value());
  if (it == space.slot_of.end()) return;
  Slot& slot = space.slots[it->second];
  // The handle may have been granted again meanwhile, and taken again too.
  if (!slot.taken || slot.lease != due.lease) return;
  slot.taken = false;
  Arm(index->second, it->second, std::max(slot.deadline, not_before));
}

void LeaseTable::ShiftAll(absl::Duration by) {
  OMNI_CHECK(by >= absl::ZeroDuration());
  MutexLock lock(mutex_);
  // Alarms stay: they fire early and are armed again.
  for (const auto& space : spaces_) {
    for (Slot& slot : space->slots) slot.deadline = slot.deadline + by;
  }
}

void LeaseTable::ExtendAllFull(MonotonicTime now) {
  MutexLock lock(mutex_);
  for (const auto& space : spaces_) {
    for (Slot& slot : space->slots) slot.deadline = std::max(slot.deadline, now + slot.ttl);
  }
}

LeaseInfoPtr LeaseTable::Find(const NamespaceName& ns, LeaseHandle handle) const {
  MutexLock lock(mutex_);
  const Slot* const slot = FindSlot(ns, handle);
  return slot == nullptr ? nullptr : slot->lease;
}

MonotonicTime LeaseTable::NextDeadline() const {
  MutexLock lock(mutex_);
  return alarms_.empty() ? MonotonicTime::InfiniteFuture() : alarms_.front().at;
}

LeasePressure LeaseTable::PressureOf(const NamespaceName& ns, MonotonicTime now) const {
  LeasePressure pressure;
  MutexLock lock(mutex_);
  Space* const space = FindSpace(ns);
  if (space == nullptr) return pressure;
  pressure.leases = space->slot_of.size();
  for (const Slot& slot : space->slots) {
    if (slot.lease == nullptr || slot.taken) continue;
    if (slot.deadline <= now) {
      ++pressure.due;
    } else if (slot.deadline - now <= LateMargin(slot.ttl)) {
      ++pressure.late;
    }
  }
  return pressure;
}

std::size_t LeaseTable::size() const {
  MutexLock lock(mutex_);
  return size_;
}

std::size_t LeaseTable::alarms() const {
  MutexLock lock(mutex_);
  return alarms_.size();
}

LeaseTable::Slot* LeaseTable::Space::Find(LeaseHandle handle) {
  const auto it = slot_of.find(handle.value());
  return it == slot_of.end() ? nullptr : &slots[it->second];
}

LeaseTable::Space* LeaseTable::FindSpace(const NamespaceName& ns) const {
  const auto it = index_of_.find(ns);
  return it == index_of_.end() ? nullptr : spaces_[it->second].get();
}

LeaseTable::Slot* LeaseTable::FindSlot(const NamespaceName& ns, LeaseHandle handle) const {
  Space* const space = FindSpace(ns);
  return space == nullptr ? nullptr : space->Find(handle);
}

std::uint32_t LeaseTable::SpaceIndex(const NamespaceName& ns) {
  const auto [it, added] = index_of_.try_emplace(ns, static_cast<std::uint32_t>(spaces_.size()));
  if (added) spaces_.push_back(std::make_unique<Space>());
  return it->second;
}

LeaseTable::Slot* LeaseTable::SlotOf(const Alarm& alarm) const {
  Slot& slot = spaces_[alarm.space]->slots[alarm.slot];
  if (slot.lease == nullptr || slot.lease->handle != alarm.handle) return nullptr;
  return slot.armed == alarm.at ? &slot : nullptr;
}

void LeaseTable::Arm(std::uint32_t space, std::uint32_t slot, MonotonicTime at) {
  Slot& armed = spaces_[space]->slots[slot];
  armed.armed = at;
  alarms_.push_back({at, space, slot, armed.lease->handle});
  std::ranges::push_heap(alarms_, LaterFirst());
  DropStaleAlarms();
}

void LeaseTable::DropStaleAlarms() {
  if (alarms_.size() <= 2 * size_ + kAlarmSlack) return;
  std::erase_if(alarms_, [this](const Alarm& alarm) { return SlotOf(alarm) == nullptr; });
  std::ranges::make_heap(alarms_, LaterFirst());
}

}  // namespace omninode::registry
