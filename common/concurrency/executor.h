#ifndef OMNINODE_COMMON_CONCURRENCY_EXECUTOR_H_
#define OMNINODE_COMMON_CONCURRENCY_EXECUTOR_H_

#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <absl/functional/any_invocable.h>

#include "common/concurrency/bounded_queue.h"

namespace omninode {

using Task = absl::AnyInvocable<void()>;

// Something that runs tasks. Thread-safe.
class Executor {
 public:
  virtual ~Executor() = default;
  // False when the executor is full or stopping; the task was not and will not be run.
  virtual bool TrySubmit(Task task) = 0;
};

// Runs the task before TrySubmit returns. For tests and the simulation.
class InlineExecutor final : public Executor {
 public:
  bool TrySubmit(Task task) override {
    task();
    return true;
  }
};

// A fixed number of threads behind a bounded queue. The destructor runs what is queued and joins.
class ThreadPool final : public Executor {
 public:
  // `name` is the threads' name as `top -H` shows it (at most 15 bytes).
  ThreadPool(std::string name, std::size_t threads, std::size_t queue_capacity);
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  bool TrySubmit(Task task) override;

 private:
  void Run();

  BoundedQueue<Task> queue_;
  std::vector<std::thread> threads_;
};

}  // namespace omninode

#endif  // OMNINODE_COMMON_CONCURRENCY_EXECUTOR_H_
