#ifndef OMNINODE_COMMON_CONCURRENCY_PERIODIC_TASK_H_
#define OMNINODE_COMMON_CONCURRENCY_PERIODIC_TASK_H_

#include <functional>
#include <string>
#include <thread>

#include <absl/time/time.h>

#include "common/base/mutex.h"

namespace omninode {

// Calls a function again and again on a thread of its own; the function returns how long to wait
// until the next call. Kick makes the next call come now. The destructor waits for a call in
// progress. Thread-safe.
class PeriodicTask final {
 public:
  using Step = std::function<absl::Duration()>;

  PeriodicTask(std::string name, Step step);
  ~PeriodicTask();
  PeriodicTask(const PeriodicTask&) = delete;
  PeriodicTask& operator=(const PeriodicTask&) = delete;

  void Kick();

 private:
  void Run();

  const Step step_;
  Mutex mutex_;
  CondVar changed_;
  bool kicked_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: starts when everything above is there
};

}  // namespace omninode

#endif  // OMNINODE_COMMON_CONCURRENCY_PERIODIC_TASK_H_
