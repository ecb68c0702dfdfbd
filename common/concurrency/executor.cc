#include "common/concurrency/executor.h"

#include <utility>

#include <absl/time/time.h>

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
  queue_.Close();
  for (std::thread& thread : threads_) thread.join();
}

bool ThreadPool::TrySubmit(Task task) { return queue_.TryPush(std::move(task)); }

void ThreadPool::Run() {
  std::vector<Task> tasks;
  // One at a time, so that a long task does not hold others that a second thread could run. Nothing
  // comes only from a queue that is closed and empty.
  while (queue_.PopAll(&tasks, 1, absl::InfiniteDuration()) != 0) {
    for (Task& task : tasks) task();
    tasks.clear();
  }
}

}  // namespace omninode
