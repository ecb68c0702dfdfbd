#include "common/concurrency/periodic_task.h"

#include <utility>

#include "common/concurrency/thread_name.h"

namespace omninode {

PeriodicTask::PeriodicTask(std::string name, Step step)
    : step_(std::move(step)), thread_([this, name = std::move(name)] {
        SetThreadName(name);
        Run();
      }) {}

PeriodicTask::~PeriodicTask() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

void PeriodicTask::Kick() {
  MutexLock lock(mutex_);
  kicked_ = true;
  changed_.NotifyAll();
}

void PeriodicTask::Run() {
  absl::Duration wait = absl::ZeroDuration();
  while (true) {
    {
      MutexLock lock(mutex_);
      while (!stopping_ && !kicked_ && wait > absl::ZeroDuration()) {
        if (!changed_.WaitFor(mutex_, wait)) break;
      }
      if (stopping_) return;
      kicked_ = false;
    }
    wait = step_();
  }
}

}  // namespace omninode
