#ifndef OMNINODE_TOOLS_TESTBED_EVENT_LOG_H_
#define OMNINODE_TOOLS_TESTBED_EVENT_LOG_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "tools/testbed/wait.h"

namespace omninode::testbed {

// What happened, in order, for somebody who waits for it. Thread-safe. Events are kept for ever:
// for tests, not for services.
template <typename Event>
class EventLog final {
 public:
  void Add(Event event) {
    MutexLock lock(mutex_);
    events_.push_back(std::move(event));
    changed_.NotifyAll();
  }

  std::size_t size() const {
    MutexLock lock(mutex_);
    return events_.size();
  }

  // A copy of those from the `from`th on.
  std::vector<Event> From(std::size_t from = 0) const {
    MutexLock lock(mutex_);
    if (from >= events_.size()) return {};
    return {events_.begin() + static_cast<std::ptrdiff_t>(from), events_.end()};
  }

  // The first event from the `from`th on that `matches`, now or within `timeout`. `matches` is
  // called under the log's lock.
  std::optional<Event> WaitFor(const std::function<bool(const Event&)>& matches,
                               absl::Duration timeout, std::size_t from = 0) const {
    const Deadline deadline = Deadline::In(timeout);
    MutexLock lock(mutex_);
    std::size_t next = from;
    while (true) {
      for (; next < events_.size(); ++next) {
        if (matches(events_[next])) return events_[next];
      }
      if (deadline.passed()) return std::nullopt;
      changed_.WaitFor(mutex_, deadline.left());
    }
  }

 private:
  mutable Mutex mutex_;
  mutable CondVar changed_;
  std::vector<Event> events_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_EVENT_LOG_H_
