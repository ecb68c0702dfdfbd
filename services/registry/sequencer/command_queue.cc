#include "services/registry/sequencer/command_queue.h"

#include <iterator>
#include <utility>

namespace omninode::registry {
namespace {

void MoveSome(std::deque<Submission>& from, std::vector<Submission>* to, std::size_t max) {
  while (!from.empty() && to->size() < max) {
    to->push_back(std::move(from.front()));
    from.pop_front();
  }
}

}  // namespace

bool CommandQueue::TryPush(std::vector<Submission>& batch, Urgency urgency) {
  MutexLock lock(mutex_);
  auto& queue = urgency == Urgency::kControl ? control_ : data_;
  const std::size_t capacity = urgency == Urgency::kControl ? control_capacity_ : data_capacity_;
  if (closed_ || queue.size() + batch.size() > capacity) return false;
  queue.insert(queue.end(), std::make_move_iterator(batch.begin()),
               std::make_move_iterator(batch.end()));
  batch.clear();
  // A busy consumer looks by itself; waking it again and again costs more than the work.
  if (waiting_) changed_.NotifyOne();
  return true;
}

void CommandQueue::Take(std::vector<Submission>* group, std::size_t max, const Patience& patience) {
  MutexLock lock(mutex_);
  if (SizeLocked() == 0 && group->empty() && !closed_ && patience.timeout > absl::ZeroDuration()) {
    waiting_ = true;
    changed_.WaitFor(mutex_, patience.timeout);
    waiting_ = false;
  }
  const std::size_t ready = SizeLocked() + group->size();
  if (ready > 0 && ready < patience.small_group && !closed_ &&
      patience.linger > absl::ZeroDuration()) {
    // waiting_ stays false: company is counted at the end, it does not wake anybody.
    changed_.WaitFor(mutex_, patience.linger);
  }
  MoveSome(control_, group, max);
  MoveSome(data_, group, max);
}

void CommandQueue::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  changed_.NotifyAll();
}

void CommandQueue::WaitForClose(absl::Duration timeout) {
  MutexLock lock(mutex_);
  if (!closed_) changed_.WaitFor(mutex_, timeout);
}

bool CommandQueue::closed() const {
  MutexLock lock(mutex_);
  return closed_;
}

std::size_t CommandQueue::size() const {
  MutexLock lock(mutex_);
  return SizeLocked();
}

}  // namespace omninode::registry
