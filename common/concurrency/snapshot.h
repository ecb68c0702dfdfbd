#ifndef OMNINODE_COMMON_CONCURRENCY_SNAPSHOT_H_
#define OMNINODE_COMMON_CONCURRENCY_SNAPSHOT_H_

#include <memory>
#include <utility>

#include "common/base/mutex.h"

namespace omninode {

// The current immutable value of something small that changes rarely: configuration, trust, an
// SVID. Load hands out a shared reference that stays valid and unchanged; Store replaces it for
// later loads. Thread-safe. A mutex and not std::atomic<shared_ptr>, which the thread sanitizer
// cannot follow in this standard library.
template <typename T>
class Snapshot final {
 public:
  Snapshot() = default;
  explicit Snapshot(std::shared_ptr<const T> value) : value_(std::move(value)) {}

  // Null until the first Store.
  std::shared_ptr<const T> Load() const {
    MutexLock lock(mutex_);
    return value_;
  }

  void Store(std::shared_ptr<const T> value) {
    MutexLock lock(mutex_);
    value_.swap(value);  // the old value is destroyed after the lock is gone
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const T> value_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace omninode

#endif  // OMNINODE_COMMON_CONCURRENCY_SNAPSHOT_H_
