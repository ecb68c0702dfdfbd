#include "services/bootstrap/trust/acknowledgements.h"

#include <algorithm>

#include "common/base/reason.h"

namespace omninode::bootstrap {

absl::Status Acknowledgements::Connected(const identity::SpiffeId& instance, std::uint64_t sequence,
                                         MonotonicTime now) {
  MutexLock lock(mutex_);
  DropGone(now);
  if (instances_.size() >= kMaxInstances && !instances_.contains(instance)) {
    return Reject(Reason::kLoadShed, "{} service instances follow the trust already",
                  kMaxInstances);
  }
  Instance& known = instances_[instance];
  ++known.streams;
  // It may be a new process of the same name, so what the old one had said is void.
  known.sequence = sequence;
  changed_.NotifyAll();
  return absl::OkStatus();
}

void Acknowledgements::Disconnected(const identity::SpiffeId& instance, MonotonicTime now) {
  MutexLock lock(mutex_);
  const auto found = instances_.find(instance);
  if (found == instances_.end() || found->second.streams == 0) return;
  if (--found->second.streams == 0) found->second.gone_at = now;
}

void Acknowledgements::Acknowledge(const identity::SpiffeId& instance, std::uint64_t sequence) {
  MutexLock lock(mutex_);
  const auto found = instances_.find(instance);
  if (found == instances_.end()) return;
  found->second.sequence = std::max(found->second.sequence, sequence);
  changed_.NotifyAll();
}

Propagation Acknowledgements::Of(std::uint64_t sequence, MonotonicTime now) const {
  MutexLock lock(mutex_);
  return OfLocked(sequence, now);
}

Propagation Acknowledgements::WaitFor(std::uint64_t sequence, const Clock& clock,
                                      absl::Duration timeout) const {
  const MonotonicTime begin = clock.Monotonic();
  MutexLock lock(mutex_);
  Propagation propagation = OfLocked(sequence, begin);
  while (!propagation.lagging.empty() && !closed_) {
    const absl::Duration left = begin + timeout - clock.Monotonic();
    if (left <= absl::ZeroDuration() || !changed_.WaitFor(mutex_, left)) break;
    propagation = OfLocked(sequence, begin);
  }
  return propagation;
}

void Acknowledgements::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  changed_.NotifyAll();
}

Propagation Acknowledgements::OfLocked(std::uint64_t sequence, MonotonicTime now) const {
  Propagation propagation{.sequence = sequence};
  for (const auto& [id, instance] : instances_) {
    if (instance.streams == 0 && instance.gone_at + kGrace <= now) continue;
    (instance.sequence >= sequence ? propagation.applied : propagation.lagging).push_back(id);
  }
  return propagation;
}

void Acknowledgements::DropGone(MonotonicTime now) {
  std::erase_if(instances_, [now](const auto& item) {
    return item.second.streams == 0 && item.second.gone_at + kGrace <= now;
  });
}

}  // namespace omninode::bootstrap
