#include "tests/integration/endurance/beater.h"

#include <algorithm>

#include "common/base/status.h"
#include "tools/testbed/wait.h"

namespace omninode::integration {
namespace {

constexpr absl::Duration kReopenAfter = absl::Milliseconds(100);
constexpr absl::Duration kRegisterTimeout = absl::Seconds(20);

}  // namespace

Beater::Beater(testbed::Fleet& fleet, const Clock& clock, absl::Duration every)
    : fleet_(fleet), clock_(clock), every_(every), leases_(fleet.size()) {
  thread_ = std::thread([this] { Run(); });
}

Beater::~Beater() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    if (stream_ != nullptr) stream_->Cancel();
    changed_.NotifyAll();
  }
  thread_.join();
}

absl::Status Beater::Register(std::size_t node) {
  OMNI_ASSIGN_OR_RETURN(const std::string envelope,
                        fleet_.Introspection(node, fleet_.NextSequence()));
  const absl::Time sent = clock_.Now();
  OMNI_ASSIGN_OR_RETURN(const node::RegisterAnswer answer,
                        fleet_.agent().registry().Register(envelope, kRegisterTimeout));
  MutexLock lock(mutex_);
  leases_[node] = {
      {answer.registration.lease_handle, answer.lease_key}, true, {sent, clock_.Now()}};
  return absl::OkStatus();
}

void Beater::SetActive(std::size_t first, std::size_t end, bool active) {
  MutexLock lock(mutex_);
  for (std::size_t i = first; i < end; ++i) leases_[i].active = active;
}

Beater::Renewal Beater::last(std::size_t node) const {
  MutexLock lock(mutex_);
  return leases_[node].last;
}

Beater::Refused Beater::refused() const {
  MutexLock lock(mutex_);
  return refused_;
}

std::uint64_t Beater::rounds() const {
  MutexLock lock(mutex_);
  return rounds_;
}

bool Beater::WaitRounds(std::uint64_t more, absl::Duration timeout) const {
  const testbed::Deadline deadline = testbed::Deadline::In(timeout);
  MutexLock lock(mutex_);
  const std::uint64_t wanted = rounds_ + more;
  while (rounds_ < wanted && !deadline.passed()) changed_.WaitFor(mutex_, deadline.left());
  return rounds_ >= wanted;
}

void Beater::Run() {
  do {
    testbed::BeatBatchClient stream(fleet_.agent().channels()->Current().channel, fleet_.network(),
                                    fleet_.ns());
    {
      MutexLock lock(mutex_);
      if (stopping_) return;
      stream_ = &stream;
    }
    absl::Duration wait = absl::ZeroDuration();
    while (Pause(wait)) {
      const absl::Time began = clock_.Now();
      if (!BeatOnce(stream)) break;
      wait = std::max(every_ - (clock_.Now() - began), absl::ZeroDuration());
    }
    MutexLock lock(mutex_);
    stream_ = nullptr;
  } while (Pause(kReopenAfter));
}

bool Beater::BeatOnce(testbed::BeatBatchClient& stream) {
  std::vector<std::size_t> nodes;
  std::vector<testbed::BeatBatchClient::Lease> batch;
  {
    MutexLock lock(mutex_);
    for (std::size_t i = 0; i < leases_.size(); ++i) {
      if (!leases_[i].active) continue;
      nodes.push_back(i);
      batch.push_back(leases_[i].grant);
    }
  }
  const absl::Time sent = clock_.Now();
  sequence_ = std::max(sequence_ + 1, static_cast<std::uint64_t>(absl::ToUnixMillis(sent)));
  const auto outcomes = stream.Beat(batch, sequence_);
  if (!outcomes.ok()) return false;
  const Renewal renewal{sent, clock_.Now()};
  MutexLock lock(mutex_);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    switch ((*outcomes)[i]) {
      case node::BeatOutcome::kOk:
        leases_[nodes[i]].last = renewal;
        break;
      case node::BeatOutcome::kReregister:
        ++refused_.reregister;
        break;
      case node::BeatOutcome::kStale:
        ++refused_.stale;
        break;
      default:
        ++refused_.other;
    }
  }
  ++rounds_;
  changed_.NotifyAll();
  return true;
}

bool Beater::Pause(absl::Duration wait) {
  const testbed::Deadline deadline = testbed::Deadline::In(wait);
  MutexLock lock(mutex_);
  while (!stopping_ && !deadline.passed()) changed_.WaitFor(mutex_, deadline.left());
  return !stopping_;
}

}  // namespace omninode::integration
