#include "services/registry/sequencer/testing/memory_store.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/status.h"

namespace omninode::registry::testing {

absl::StatusOr<Ownership> MemoryStore::Acquire(std::string_view, absl::Time) {
  MutexLock lock(mutex_);
  OMNI_RETURN_IF_ERROR(away_);
  return Ownership{
      .term = ++term_, .seq = groups_.size(), .secret = "0123456789abcdef0123456789abcdef"};
}

absl::StatusOr<TopologyState> MemoryStore::Load() {
  MutexLock lock(mutex_);
  OMNI_RETURN_IF_ERROR(away_);
  TopologyState state;
  for (const Group& group : groups_) {
    for (const ChangeRecord& record : group.records) {
      OMNI_RETURN_IF_ERROR(state.Apply(record).status());
    }
  }
  return state;
}

absl::StatusOr<std::vector<LoggedVersion>> MemoryStore::ReadLog(std::size_t max_versions) {
  MutexLock lock(mutex_);
  OMNI_RETURN_IF_ERROR(away_);
  TopologyState state;
  std::vector<LoggedVersion> log;
  for (const Group& group : groups_) {
    for (const ChangeRecord& record : group.records) {
      OMNI_ASSIGN_OR_RETURN(AppliedRecord applied, state.Apply(record));
      if (record.changes.empty() || group.seq <= compacted_) continue;
      log.push_back({.ns = record.ns,
                     .seq = group.seq,
                     .term = record.term,
                     .previous_version = applied.previous_version,
                     .diff = std::move(applied.diff),
                     .after = std::move(applied.after)});
    }
  }
  if (log.size() > max_versions) {
    log.erase(log.begin(), log.end() - static_cast<std::ptrdiff_t>(max_versions));
  }
  return log;
}

CommitResult MemoryStore::Commit(std::uint64_t term, std::uint64_t seq,
                                 std::span<const ChangeRecord> records) {
  MutexLock lock(mutex_);
  if (!away_.ok()) return {CommitOutcome::kFailed, away_};
  if (term != term_) return {CommitOutcome::kFenced, absl::AbortedError("another term")};
  OMNI_CHECK(seq == groups_.size() + 1);
  OMNI_CHECK(!records.empty());
  CommitFault fault = CommitFault::kNone;
  if (!script_.empty()) {
    fault = script_.front();
    script_.pop_front();
  }
  const bool written = fault == CommitFault::kNone || fault == CommitFault::kUnknownCommitted;
  if (written) groups_.push_back({seq, {records.begin(), records.end()}});
  if (std::exchange(break_after_commit_, false)) away_ = absl::UnavailableError("broken");
  switch (fault) {
    case CommitFault::kNone:
      return {CommitOutcome::kCommitted, absl::OkStatus()};
    case CommitFault::kFailed:
      return {CommitOutcome::kFailed, absl::UnavailableError("scripted")};
    default:
      return {CommitOutcome::kUnknown, absl::UnavailableError("scripted")};
  }
}

absl::StatusOr<std::uint64_t> MemoryStore::Head() {
  MutexLock lock(mutex_);
  OMNI_RETURN_IF_ERROR(away_);
  return groups_.size();
}

absl::StatusOr<std::size_t> MemoryStore::Compact(std::uint64_t seq, std::size_t max_groups) {
  MutexLock lock(mutex_);
  OMNI_RETURN_IF_ERROR(away_);
  const std::uint64_t last = std::min<std::uint64_t>(seq, compacted_ + max_groups);
  const std::uint64_t dropped = last > compacted_ ? last - compacted_ : 0;
  compacted_ += dropped;
  return dropped;
}

absl::Status MemoryStore::Check() {
  MutexLock lock(mutex_);
  return away_;
}

void MemoryStore::Script(std::vector<CommitFault> faults) {
  MutexLock lock(mutex_);
  script_.assign(faults.begin(), faults.end());
}

void MemoryStore::SetAway(absl::Status away) {
  MutexLock lock(mutex_);
  away_ = std::move(away);
}

void MemoryStore::BreakAfterNextCommit() {
  MutexLock lock(mutex_);
  break_after_commit_ = true;
}

void MemoryStore::LoseLastGroup() {
  MutexLock lock(mutex_);
  if (!groups_.empty()) groups_.pop_back();
}

std::uint64_t MemoryStore::seq() const {
  MutexLock lock(mutex_);
  return groups_.size();
}

std::uint64_t MemoryStore::compacted() const {
  MutexLock lock(mutex_);
  return compacted_;
}

}  // namespace omninode::registry::testing
