#include "common/concurrency/executor.h"

#include <utility>

#include "common/concurrency/thread_name.h"

namespace omninode {

ThreadPool::ThreadPool(std::string name, std::size_t threads, std::size_t queue_capacity)
    : queue_(queue_capacity) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this, name] {
      SetThreadName(name);
      Run();
    });
  }
}

ThreadPool::~ThreadPool() {
  stopping_ = true;
  queue_.Close();
  for (std::thread& thread : threads_) thread.join();
}

bool ThreadPool::TrySubmit(Task task) { return queue_.TryPush(std::move(task)); }

void ThreadPool::Run() {
  std::vector<Task> tasks;
  while (true) {
    tasks.clear();
    // One at a time, so that a long task does not hold others that a second thread could run.
    if (queue_.PopAll(&tasks, 1, absl::Seconds(1)) == 0 && stopping_ && queue_.size() == 0) return;
    for (Task& task : tasks) task();
  }
}

}  // namespace omninode
