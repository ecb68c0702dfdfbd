#ifndef OMNINODE_SERVICES_REGISTRY_WATCH_DUE_SET_H_
#define OMNINODE_SERVICES_REGISTRY_WATCH_DUE_SET_H_

#include <cstddef>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/time/monotonic_time.h"

namespace omninode::registry {

// Which items are due when; each item stands in it at most once. Not thread-safe.
template <typename T>
class DueSet final {
 public:
  // Replaces the item's time. The infinite future takes the item out.
  void Set(T item, MonotonicTime due) {
    if (due == MonotonicTime::InfiniteFuture()) return Remove(item);
    const auto [known, is_new] = times_.try_emplace(item, due);
    if (is_new) {
      order_.emplace(due, item);
      return;
    }
    if (known->second == due) return;
    // The tree node is moved, not made anew: watchers set their time with every message.
    auto moved = order_.extract({known->second, item});
    moved.value().first = due;
    order_.insert(std::move(moved));
    known->second = due;
  }

  // As Set, but never makes an item later than it is.
  void SetEarlier(T item, MonotonicTime due) {
    const auto known = times_.find(item);
    if (known == times_.end() || due < known->second) Set(item, due);
  }

  void Remove(const T& item) {
    const auto known = times_.find(item);
    if (known == times_.end()) return;
    order_.erase({known->second, item});
    times_.erase(known);
  }

  // Takes out everything due at `now`, earliest first.
  std::vector<T> TakeDue(MonotonicTime now) {
    std::vector<T> due;
    while (!order_.empty() && order_.begin()->first <= now) {
      due.push_back(order_.begin()->second);
      times_.erase(order_.begin()->second);
      order_.erase(order_.begin());
    }
    return due;
  }

  // The infinite future when empty.
  MonotonicTime Earliest() const {
    return order_.empty() ? MonotonicTime::InfiniteFuture() : order_.begin()->first;
  }
  std::size_t size() const { return times_.size(); }

 private:
  std::set<std::pair<MonotonicTime, T>> order_;
  std::unordered_map<T, MonotonicTime> times_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_WATCH_DUE_SET_H_
