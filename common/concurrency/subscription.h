#ifndef OMNINODE_COMMON_CONCURRENCY_SUBSCRIPTION_H_
#define OMNINODE_COMMON_CONCURRENCY_SUBSCRIPTION_H_

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "common/base/mutex.h"

namespace omninode {

// A subscriber's end of a Subscribers list. Destroying or resetting it ends the calls: when Reset
// returns, no call is in progress on another thread and none will come. It may be dropped before
// or after the list, and from inside its own callback. Movable; not thread-safe itself.
class Subscription final {
 public:
  Subscription() = default;
  explicit Subscription(std::function<void()> cancel) : cancel_(std::move(cancel)) {}
  Subscription(Subscription&& other) noexcept : cancel_(std::exchange(other.cancel_, nullptr)) {}
  Subscription& operator=(Subscription&& other) noexcept {
    Reset();
    cancel_ = std::exchange(other.cancel_, nullptr);
    return *this;
  }
  ~Subscription() { Reset(); }

  void Reset() {
    if (auto cancel = std::exchange(cancel_, nullptr)) cancel();
  }

 private:
  std::function<void()> cancel_;
};

// Callbacks to be told of an event. Notify calls them on the notifying thread, outside the list's
// lock, in order of subscription. Thread-safe. Callbacks must not block.
template <typename... Event>
class Subscribers final {
 public:
  using Callback = std::function<void(const Event&...)>;

  [[nodiscard]] Subscription Subscribe(Callback callback) {
    auto slot = std::make_shared<Slot>();
    slot->callback = std::move(callback);
    {
      MutexLock lock(mutex_);
      std::erase_if(slots_, [](const auto& weak) { return weak.expired(); });
      slots_.push_back(slot);
    }
    return Subscription([slot = std::move(slot)]() mutable {
      {
        // Recursive: a callback may drop its own subscription.
        std::lock_guard<std::recursive_mutex> lock(slot->mutex);
        slot->cancelled = true;
      }
      slot.reset();
    });
  }

  void Notify(const Event&... event) {
    std::vector<std::weak_ptr<Slot>> slots;
    {
      MutexLock lock(mutex_);
      slots = slots_;
    }
    for (const auto& weak : slots) {
      const auto slot = weak.lock();
      if (slot == nullptr) continue;
      std::lock_guard<std::recursive_mutex> lock(slot->mutex);
      if (!slot->cancelled) slot->callback(event...);
    }
  }

 private:
  struct Slot {
    std::recursive_mutex mutex;
    bool cancelled = false;
    Callback callback;
  };

  Mutex mutex_;
  std::vector<std::weak_ptr<Slot>> slots_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace omninode

#endif  // OMNINODE_COMMON_CONCURRENCY_SUBSCRIPTION_H_
