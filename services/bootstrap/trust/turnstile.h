#ifndef OMNINODE_SERVICES_BOOTSTRAP_TRUST_TURNSTILE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_TRUST_TURNSTILE_H_

#include "common/base/mutex.h"

namespace omninode::bootstrap {

// Lets one thread at a time through, without a lock being held meanwhile: for work that reads,
// persists and publishes in order, and calls others while it does. Thread-safe; outlives its turns.
class Turnstile final {
 public:
  class Turn final {
   public:
    explicit Turn(Turnstile& turnstile) : turnstile_(turnstile) { turnstile_.Enter(); }
    ~Turn() { turnstile_.Leave(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    Turnstile& turnstile_;
  };

 private:
  void Enter() {
    MutexLock lock(mutex_);
    while (taken_) free_.Wait(mutex_);
    taken_ = true;
  }
  void Leave() {
    MutexLock lock(mutex_);
    taken_ = false;
    free_.NotifyOne();
  }

  Mutex mutex_;
  CondVar free_;
  bool taken_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_TRUST_TURNSTILE_H_
