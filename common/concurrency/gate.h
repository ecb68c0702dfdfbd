#ifndef OMNINODE_COMMON_CONCURRENCY_GATE_H_
#define OMNINODE_COMMON_CONCURRENCY_GATE_H_

#include "common/base/mutex.h"

namespace omninode {

// A count that one thread raises and another waits for: how tests order threads without sleeping.
// Thread-safe.
class Gate final {
 public:
  void Arrive() {
    MutexLock lock(mutex_);
    ++arrived_;
    changed_.NotifyAll();
  }
  void Await(int arrivals = 1) {
    MutexLock lock(mutex_);
    while (arrived_ < arrivals) changed_.Wait(mutex_);
  }
  int arrived() const {
    MutexLock lock(mutex_);
    return arrived_;
  }

 private:
  mutable Mutex mutex_;
  CondVar changed_;
  int arrived_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace omninode

#endif  // OMNINODE_COMMON_CONCURRENCY_GATE_H_
