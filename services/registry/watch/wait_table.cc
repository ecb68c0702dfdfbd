#include "services/registry/watch/wait_table.h"

#include <utility>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::registry {
namespace {

absl::Status OtherIncarnation(directory::Position position, directory::Position head) {
  return Reject(Reason::kRevisionCompacted, "{} is of a history that ended; this one is at {}",
                position.ToString(), head.ToString());
}

absl::Status ShuttingDown() { return Reject(Reason::kShuttingDown, "the service is stopping"); }

}  // namespace

absl::StatusOr<bool> WaitTable::MustWait(const NamespaceName& ns,
                                         directory::Position position) const {
  if (closed_) return ShuttingDown();
  const auto waits = namespaces_.find(ns);
  if (waits == namespaces_.end()) {
    return Reject(Reason::kNamespaceUnknown, "no namespace {}", ns.value());
  }
  const directory::Position head = waits->second.head;
  if (position.incarnation < head.incarnation) return OtherIncarnation(position, head);
  if (position <= head) return false;
  if (waiters_.size() >= max_waiters_) {
    return WithRetryAfter(Reject(Reason::kLoadShed, "{} callers wait already", max_waiters_),
                          absl::Seconds(1));
  }
  return true;
}

void WaitTable::Add(const NamespaceName& ns, directory::Position position, MonotonicTime deadline,
                    WaitCompletion done) {
  absl::StatusOr<directory::Position> answer = position;
  {
    MutexLock lock(mutex_);
    const absl::StatusOr<bool> must_wait = MustWait(ns, position);
    if (!must_wait.ok()) {
      answer = must_wait.status();
    } else if (*must_wait) {
      const std::uint64_t id = next_id_++;
      namespaces_.at(ns).by_position.emplace(position, id);
      deadlines_.Set(id, deadline);
      waiters_.emplace(id, Waiter{ns, position, std::move(done)});
      return;
    } else {
      answer = namespaces_.at(ns).head;
    }
  }
  std::move(done)(std::move(answer));
}

bool WaitTable::Advance(const NamespaceName& ns, directory::Position head) {
  MutexLock lock(mutex_);
  Waits& waits = namespaces_[ns];
  if (head > waits.head) waits.head = head;
  if (waits.by_position.empty() || waits.by_position.begin()->first > waits.head) return false;
  ready_.insert(ns);
  return true;
}

MonotonicTime WaitTable::Complete(MonotonicTime now) {
  Completions completions;
  MonotonicTime next;
  {
    MutexLock lock(mutex_);
    for (const NamespaceName& ns : ready_) TakeReached(namespaces_.at(ns), completions);
    ready_.clear();
    TakeExpired(now, completions);
    next = deadlines_.Earliest();
  }
  Run(std::move(completions));
  return next;
}

void WaitTable::TakeReached(Waits& waits, Completions& out) {
  while (!waits.by_position.empty() && waits.by_position.begin()->first <= waits.head) {
    const auto [position, id] = *waits.by_position.begin();
    auto waiter = waiters_.extract(id);
    absl::StatusOr<directory::Position> answer = waits.head;
    if (position.incarnation < waits.head.incarnation) {
      answer = OtherIncarnation(position, waits.head);
    }
    out.emplace_back(std::move(waiter.mapped().done), std::move(answer));
    waits.by_position.erase(waits.by_position.begin());
    deadlines_.Remove(id);
  }
}

void WaitTable::TakeExpired(MonotonicTime now, Completions& out) {
  for (const std::uint64_t id : deadlines_.TakeDue(now)) {
    auto waiter = waiters_.extract(id);
    Waiter& expired = waiter.mapped();
    Waits& waits = namespaces_.at(expired.ns);
    waits.by_position.erase({expired.position, id});
    out.emplace_back(std::move(expired.done),
                     Reject(Reason::kDeadline, "{} is not applied here, the namespace is at {}",
                            expired.position.ToString(), waits.head.ToString()));
  }
}

void WaitTable::Close() {
  Completions completions;
  {
    MutexLock lock(mutex_);
    closed_ = true;
    for (auto& [id, waiter] : waiters_) {
      completions.emplace_back(std::move(waiter.done), ShuttingDown());
    }
    waiters_.clear();
    for (auto& [ns, waits] : namespaces_) waits.by_position.clear();
    ready_.clear();
    deadlines_ = {};
  }
  Run(std::move(completions));
}

void WaitTable::Run(Completions completions) {
  for (auto& [done, answer] : completions) std::move(done)(std::move(answer));
}

std::size_t WaitTable::size() const {
  MutexLock lock(mutex_);
  return waiters_.size();
}

}  // namespace omninode::registry
