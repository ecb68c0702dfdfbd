#include "tests/integration/endurance/write_load.h"

#include <utility>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "tools/testbed/wait.h"

namespace omninode::integration {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(10);
// One write in so many of a registered node is its goodbye.
constexpr std::uint64_t kLeaveOneIn = 8;

// Nobody answered, so nobody knows: not what the registry says when it refuses.
bool OutcomeIsUnknown(const absl::Status& status) {
  return (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) &&
         !ReasonOf(status).has_value();
}

}  // namespace

WriteLoad::WriteLoad(testbed::Fleet& fleet, const Clock& clock, std::size_t workers,
                     std::uint64_t seed)
    : fleet_(fleet), clock_(clock), registered_(fleet.size(), 0) {
  for (std::size_t i = 0; i < workers; ++i) randoms_.emplace_back(seed + i);
}

void WriteLoad::Start() {
  stopping_ = false;
  {
    MutexLock lock(mutex_);
    acknowledged_ = 0;
  }
  for (std::size_t i = 0; i < randoms_.size(); ++i) {
    threads_.emplace_back([this, i] { Run(i); });
  }
}

bool WriteLoad::WaitFor(int acknowledged, int outstanding, absl::Duration timeout) const {
  const testbed::Deadline deadline = testbed::Deadline::In(timeout);
  MutexLock lock(mutex_);
  while (acknowledged_ < acknowledged || outstanding_ < outstanding) {
    if (deadline.passed()) return false;
    changed_.WaitFor(mutex_, deadline.left());
  }
  return true;
}

void WriteLoad::Count(int acknowledged, int outstanding) {
  MutexLock lock(mutex_);
  acknowledged_ += acknowledged;
  outstanding_ += outstanding;
  changed_.NotifyAll();
}

std::vector<Write> WriteLoad::Finish() {
  stopping_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  MutexLock lock(mutex_);
  return std::exchange(writes_, {});
}

std::vector<absl::Status> WriteLoad::refusals() const {
  MutexLock lock(mutex_);
  return refusals_;
}

void WriteLoad::Run(std::size_t worker) {
  const std::size_t workers = randoms_.size();
  const std::size_t own = (fleet_.size() - worker + workers - 1) / workers;
  while (!stopping_) {
    const std::size_t node = worker + workers * (randoms_[worker]() % own);
    const bool leave = registered_[node] != 0 && randoms_[worker]() % kLeaveOneIn == 0;
    auto write = MakeWrite(node, leave);
    if (!write.ok()) {
      MutexLock lock(mutex_);
      refusals_.push_back(write.status());
      return;
    }
    registered_[node] = leave ? 0 : 1;
    const bool known = Perform(*write);
    MutexLock lock(mutex_);
    writes_.push_back(*std::move(write));
    if (!known) return;
  }
}

absl::StatusOr<Write> WriteLoad::MakeWrite(std::size_t node, bool leave) const {
  Write write{.node = node, .leave = leave, .sequence = fleet_.NextSequence()};
  OMNI_ASSIGN_OR_RETURN(
      write.envelope, leave ? fleet_.Tombstone(node, write.sequence)
                            : fleet_.Introspection(node, write.sequence,
                                                   {{kSequence, std::to_string(write.sequence)}}));
  return write;
}

bool WriteLoad::Perform(Write& write) {
  write.began = clock_.Monotonic();
  Count(0, 1);
  const auto position = Send(write, kCallTimeout);
  write.ended = clock_.Monotonic();
  Count(position.ok() ? 1 : 0, -1);
  if (position.ok()) {
    write.position = *position;
    return true;
  }
  if (!OutcomeIsUnknown(position.status())) {
    MutexLock lock(mutex_);
    refusals_.push_back(position.status());
  }
  return false;
}

absl::StatusOr<directory::Position> WriteLoad::Send(const Write& write, absl::Duration timeout) {
  node::RegistryClient& registry = fleet_.agent().registry();
  if (write.leave) {
    OMNI_ASSIGN_OR_RETURN(const auto tombstone, registry.Deregister(write.envelope, timeout));
    return tombstone.removed_at;
  }
  OMNI_ASSIGN_OR_RETURN(const auto answer, registry.Register(write.envelope, timeout));
  return answer.registration.position;
}

}  // namespace omninode::integration
