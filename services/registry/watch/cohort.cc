#include "services/registry/watch/cohort.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace omninode::registry {

MonotonicTime Cohort::DueAt(const DiffRing& ring) const {
  if (waiting_.empty() || emitted_ == ring.head()) return MonotonicTime::InfiniteFuture();
  if (ring.BytesSince(emitted_.version) >= kMaxDiffBytes) return MonotonicTime();
  return next_emit_;
}

std::vector<std::vector<RingEntryPtr>> Cohort::Pending(const DiffRing& ring) const {
  std::vector<std::vector<RingEntryPtr>> pending;
  std::uint64_t from = emitted_.version;
  while (from < ring.head().version) {
    pending.push_back(ring.Slice(from, ring.head().version, max_message_bytes()));
    from += pending.back().size();
  }
  return pending;
}

bool Cohort::Append(CohortItem item, MonotonicTime now) {
  OMNI_CHECK(item.from == emitted_.version && item.to > item.from);
  emitted_.version = item.to;
  const bool is_diff = item.encoded != nullptr;
  if (is_diff) {
    next_emit_ = now + interval_;
    item_bytes_ += item.encoded->bytes.size();
    ++diffs_;
  } else {
    moved_silently_ = true;
  }
  if (item.quiet && !items_.empty() && items_.back().quiet) {
    items_.back().to = item.to;
    return is_diff;
  }
  items_.push_back(std::move(item));
  while (items_.size() > kMaxItems || (item_bytes_ > kMaxItemBytes && diffs_ > 1)) DropFront();
  return is_diff;
}

void Cohort::DropFront() {
  if (const EncodedDiffPtr& encoded = items_.front().encoded; encoded != nullptr) {
    item_bytes_ -= encoded->bytes.size();
    --diffs_;
  }
  items_.pop_front();
}

void Cohort::Restart(directory::Position position) {
  items_.clear();
  item_bytes_ = 0;
  diffs_ = 0;
  emitted_ = position;
  next_emit_ = MonotonicTime();
}

const CohortItem* Cohort::ItemAfter(std::uint64_t version) const {
  const auto item = std::ranges::upper_bound(items_, version, {}, &CohortItem::to);
  return item == items_.end() || item->from > version ? nullptr : &*item;
}

MonotonicTime Cohort::NudgeAt() const {
  return moved_silently_ && !waiting_.empty() ? next_nudge_ : MonotonicTime::InfiniteFuture();
}

void Cohort::Join(WatchMember& member) {
  OMNI_CHECK(member.cohort.get() == this && !member.waiting);
  ++members_;
}

void Cohort::Leave(WatchMember& member) {
  StopWaiting(member);
  --members_;
  DropTaken();
}

void Cohort::StartWaiting(WatchMember& member) {
  if (member.waiting) return;
  member.waiting = true;
  member.waiting_index = waiting_.size();
  waiting_.push_back(&member);
  DropTaken();
}

void Cohort::StopWaiting(WatchMember& member) {
  if (!member.waiting) return;
  member.waiting = false;
  waiting_[member.waiting_index] = waiting_.back();
  waiting_[member.waiting_index]->waiting_index = member.waiting_index;
  waiting_.pop_back();
}

void Cohort::WakeAll(MonotonicTime now, std::vector<WatchNotifierPtr>& notifiers) {
  for (WatchMember* member : waiting_) {
    member->waiting = false;
    notifiers.push_back(member->notify);
  }
  waiting_.clear();
  moved_silently_ = false;
  next_nudge_ = now + kMaxPositionLag;
}

// When all members wait, each of them has taken every diff: a diff ends the waiting of all, and
// nobody waits again before taking it. Only silent moves at the end may still be of use.
void Cohort::DropTaken() {
  if (waiting_.size() != members_) return;
  while (diffs_ > 0) DropFront();
}

}  // namespace omninode::registry
