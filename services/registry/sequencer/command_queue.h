#ifndef OMNINODE_SERVICES_REGISTRY_SEQUENCER_COMMAND_QUEUE_H_
#define OMNINODE_SERVICES_REGISTRY_SEQUENCER_COMMAND_QUEUE_H_

#include <cstddef>
#include <deque>
#include <vector>

#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "services/registry/sequencer/command_sink.h"

namespace omninode::registry {

// The two bounded queues before the sequencer, with one place to wait. Control goes first, each
// queue in order of arrival. Thread-safe; one consumer.
class CommandQueue final {
 public:
  CommandQueue(std::size_t control_capacity, std::size_t data_capacity)
      : control_capacity_(control_capacity), data_capacity_(data_capacity) {}

  // All or nothing. False when the batch does not fit or the queue is closed; then it is untouched.
  bool TryPush(std::vector<Submission>& batch, Urgency urgency);

  // Appends at most `max` to `*group`. Waits up to `timeout` for the first; once there are fewer
  // than `small_group`, waits up to `linger` more for company.
  struct Patience {
    absl::Duration timeout;
    absl::Duration linger;
    std::size_t small_group = 0;
  };
  void Take(std::vector<Submission>* group, std::size_t max, const Patience& patience);

  void Close();
  bool closed() const;
  // Waits until the queue is closed, at most `timeout`.
  void WaitForClose(absl::Duration timeout);
  std::size_t size() const;

 private:
  std::size_t SizeLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return control_.size() + data_.size();
  }

  const std::size_t control_capacity_;
  const std::size_t data_capacity_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::deque<Submission> control_ ABSL_GUARDED_BY(mutex_);
  std::deque<Submission> data_ ABSL_GUARDED_BY(mutex_);
  bool waiting_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_SEQUENCER_COMMAND_QUEUE_H_
