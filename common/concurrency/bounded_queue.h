#ifndef OMNINODE_COMMON_CONCURRENCY_BOUNDED_QUEUE_H_
#define OMNINODE_COMMON_CONCURRENCY_BOUNDED_QUEUE_H_

#include <cstddef>
#include <deque>
#include <iterator>
#include <utility>
#include <vector>

#include "common/base/mutex.h"

namespace omninode {

// A queue with a bound: TryPush says no instead of growing or blocking, and the consumer takes all
// that is there in one go, because handing over a batch costs one wake-up. Thread-safe; any number
// of producers and consumers. Items still queued at destruction are destroyed.
template <typename T>
class BoundedQueue final {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  // False when full or closed; then `item` is untouched.
  bool TryPush(T&& item) {
    MutexLock lock(mutex_);
    if (closed_ || items_.size() >= capacity_) return false;
    items_.push_back(std::move(item));
    changed_.NotifyOne();
    return true;
  }

  // Waits until there is an item, `timeout` has passed, Wake was called or the queue is closed,
  // then moves at most `max` items, oldest first, to the end of `*out`. Returns how many.
  std::size_t PopAll(std::vector<T>* out, std::size_t max, absl::Duration timeout) {
    MutexLock lock(mutex_);
    while (items_.empty() && !closed_ && !woken_ && timeout > absl::ZeroDuration()) {
      if (!changed_.WaitFor(mutex_, timeout)) break;
    }
    woken_ = false;
    const std::size_t count = items_.size() < max ? items_.size() : max;
    const auto end = items_.begin() + static_cast<std::ptrdiff_t>(count);
    out->insert(out->end(), std::make_move_iterator(items_.begin()), std::make_move_iterator(end));
    items_.erase(items_.begin(), end);
    return count;
  }

  // Ends the wait of one consumer without an item: the one that waits now, else the next PopAll.
  void Wake() {
    MutexLock lock(mutex_);
    woken_ = true;
    changed_.NotifyOne();
  }

  // No item enters any more; those inside can still be taken.
  void Close() {
    MutexLock lock(mutex_);
    closed_ = true;
    changed_.NotifyAll();
  }

  std::size_t size() const {
    MutexLock lock(mutex_);
    return items_.size();
  }
  std::size_t capacity() const { return capacity_; }

 private:
  const std::size_t capacity_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::deque<T> items_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace omninode

#endif  // OMNINODE_COMMON_CONCURRENCY_BOUNDED_QUEUE_H_
